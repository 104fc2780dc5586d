/**
 * The simulated CUDA device of the tests: fake driver libraries under the real preset bindings.
 *
 * <p>Read {@code docs/cuda-simulator.md} first, then {@link dev.jangada.cuda.sim.CudaSim}; the device itself is C++ in {@code src/test/cpp}.
 */
package dev.jangada.cuda.sim;
