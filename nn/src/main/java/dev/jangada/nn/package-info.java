/**
 * Modules and losses, named as in PyTorch.
 *
 * <p>Read {@link dev.jangada.nn.Module} and {@link dev.jangada.nn.Layer} first, then {@link dev.jangada.nn.Linear};
 * {@link dev.jangada.nn.Functional} has the same as plain functions.
 */
package dev.jangada.nn;
