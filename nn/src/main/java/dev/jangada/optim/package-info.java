/**
 * Optimisers: {@link dev.jangada.optim.Optimizer} holds the parameters in groups, and each optimiser changes one tensor by one fused kernel.
 *
 * <p>Read {@link dev.jangada.optim.SGD} first, then {@link dev.jangada.optim.Adam}.
 */
package dev.jangada.optim;
