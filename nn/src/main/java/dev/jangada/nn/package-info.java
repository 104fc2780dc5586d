/** Modules and losses, named as in PyTorch. */
package dev.jangada.nn;
