/**
 * The boundary between tensors and devices: {@link dev.jangada.backend.Kernels} (the six families) and {@link dev.jangada.backend.Backend}
 * (with memory) are what a device implements, {@link dev.jangada.backend.BackendProvider} is how it is found, and
 * {@link dev.jangada.backend.Storage}, {@link dev.jangada.backend.Layout} and {@link dev.jangada.backend.Operand} are what it is given.
 * {@link dev.jangada.backend.Block} serves backends with an allocator. {@link dev.jangada.backend.Backends} chooses.
 * {@link dev.jangada.backend.Activity} tells how busy a device was.
 */
package dev.jangada.backend;
