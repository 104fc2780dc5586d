package dev.jangada.cpu;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;

/** The functions of the native library {@code jangada_cpu}; addresses are raw {@code long}s. */
@Platform(include = "jangada_cpu.h", library = "jangada_cpu")
final class Native {
    static {
        Loader.load();
    }

    private Native() {}

    /** Returns the widest instruction set that both this processor and the library know: avx512, avx2 or generic. */
    @NoException
    static native String isa();
}
