package dev.jangada.backend;

/**
 * Memory of a device, in bytes.
 *
 * @param inUse held by living tensors
 * @param cached free, kept by the allocator for reuse
 * @param peak largest {@code inUse} so far
 */
public record MemoryStats(long inUse, long cached, long peak) {}
