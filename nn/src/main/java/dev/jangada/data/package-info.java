/** Data sets and their files: {@link dev.jangada.data.IdxFile} reads the format that MNIST is published in. */
package dev.jangada.data;
