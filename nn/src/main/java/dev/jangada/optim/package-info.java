/**
 * Optimisers and learning rate schedules.
 *
 * <p>{@link dev.jangada.optim.Optimizer} holds the parameters in groups; a {@link dev.jangada.optim.FusedOptimizer} changes each by one
 * fused kernel: read {@link dev.jangada.optim.SGD} and {@link dev.jangada.optim.Adam} for what is left to say there. An
 * {@link dev.jangada.optim.LRScheduler} moves the learning rates; most are an {@link dev.jangada.optim.EpochScheduler} of one formula, such
 * as {@link dev.jangada.optim.StepLR}. All of them save their state as a flat map of tensors.
 */
package dev.jangada.optim;
