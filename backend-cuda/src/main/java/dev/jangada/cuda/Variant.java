package dev.jangada.cuda;

/** What decides the text of a kernel: equal variants have equal sources. The key by which loaded functions are kept. */
interface Variant {
    /** Writes the kernel. */
    KernelSource source();
}
