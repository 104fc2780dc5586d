/**
 * Tensors in files: {@link dev.jangada.io.StateFile} chooses a format by the name's ending, {@link dev.jangada.io.Safetensors},
 * {@link dev.jangada.io.Npz}, {@link dev.jangada.io.Npy} and {@link dev.jangada.io.TorchFile} are the formats.
 *
 * <p>Reading trusts nothing: sizes and positions are compared with the file before memory is allocated, checksums are verified, and a file
 * that is not what it should be is a {@link dev.jangada.FormatException}. Writing goes to a temporary file beside the target, which is
 * renamed when it is complete ({@code AtomicFile}). Read {@code TensorBytes} first, then {@code Safetensors}, {@code ZipArchive} and
 * {@code Unpickler}.
 */
package dev.jangada.io;
