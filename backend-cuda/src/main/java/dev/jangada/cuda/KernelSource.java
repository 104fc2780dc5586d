package dev.jangada.cuda;

/**
 * A complete translation unit of CUDA C without includes.
 *
 * <p>Equal kernels give equal text, so the text is the key of every cache.
 *
 * @param entry name of its one {@code extern "C" __global__} function
 * @param code the text
 */
record KernelSource(String entry, String code) {}
