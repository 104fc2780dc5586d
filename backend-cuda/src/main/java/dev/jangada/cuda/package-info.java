/**
 * The CUDA backend: kernels generated as CUDA C, cuBLAS matrix products. Read {@link dev.jangada.cuda.CudaProvider}, then
 * {@code CudaBackend}, {@code Allocator}, {@code Transfers}, {@code KernelCache}, {@code Products}.
 */
package dev.jangada.cuda;
