/** How weights start: {@link dev.jangada.nn.init.Init} fills tensors in place. */
package dev.jangada.nn.init;
