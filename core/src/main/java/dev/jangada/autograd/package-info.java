/**
 * Automatic differentiation: {@link dev.jangada.autograd.Autograd} is what users call, {@link dev.jangada.autograd.Node} is a recorded
 * operation, and the engine runs the graph backwards. How operations are recorded stands in {@code dev.jangada.ops.Tape}.
 */
package dev.jangada.autograd;
