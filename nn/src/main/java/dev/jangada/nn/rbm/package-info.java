/** Energy-based models of binary units: {@link dev.jangada.nn.rbm.RBM}. */
package dev.jangada.nn.rbm;
