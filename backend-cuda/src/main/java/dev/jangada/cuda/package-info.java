/** The CUDA backend: kernels generated as CUDA C, cuBLAS matrix products, plans as CUDA graphs. */
package dev.jangada.cuda;
