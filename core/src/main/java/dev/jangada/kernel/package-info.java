/**
 * The kernel language: {@link dev.jangada.kernel.Expr} describes what is computed for one element, {@link dev.jangada.kernel.Op} lists the
 * primitives, {@link dev.jangada.kernel.Program} is the straight-line form that backends execute, {@link dev.jangada.kernel.MapKernel} and
 * {@link dev.jangada.kernel.ReduceKernel} are the descriptions that cross the backend boundary, and
 * {@link dev.jangada.kernel.Derivative} derives gradients from expressions. Read them in this order.
 */
package dev.jangada.kernel;
