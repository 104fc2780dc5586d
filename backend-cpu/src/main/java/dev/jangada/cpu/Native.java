package dev.jangada.cpu;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;

/**
 * The functions of the native library {@code jangada_cpu}; {@link Libraries} loads it.
 *
 * <p>Addresses are raw {@code long}s. A kernel call takes all its arguments in one block of longs, see {@link Arguments}; what stands where
 * is told at the top of the C++ file of its family.
 */
@Platform(include = "jangada_cpu.h", library = "jangada_cpu")
final class Native {
    private Native() {}

    /** Returns the widest instruction set that both this processor and the library know: avx512, avx2 or generic. */
    @Name("jangada_isa")
    @NoException
    static native String isa();

    /** Chooses an instruction set by name; empty for the widest, which is the default. */
    @Name("jangada_select_isa")
    @NoException
    static native void selectIsa(String name);

    /** Compares the constants of the enums, comma separated, with those of the library; returns a message, empty if they are equal. */
    @Name("jangada_check_names")
    @NoException
    static native String checkNames(String ops, String dtypes, String reduceOps, String families);

    /** Builds a program from its encoding; returns its address, 0 if the encoding is malformed, or -1 for lack of memory. */
    @Name("jangada_program")
    @NoException
    static native long program(@Cast("const int64_t*") long code, long words);

    /** Runs an element-wise kernel; returns 1 if an integer was divided by zero, 2 for lack of memory: then nothing is written. */
    @Name("jangada_map")
    @NoException
    static native int map(@Cast("const int64_t*") long args);

    /** As {@link #map} for one output and at most two inputs and one scalar, all contiguous, given by address. */
    @Name("jangada_map_dense")
    @NoException
    static native int mapDense(long program, long elements, long out, long a, long b, long scalar);

    /** Runs a reduction; returns as {@link #map}. */
    @Name("jangada_reduce")
    @NoException
    static native int reduce(@Cast("const int64_t*") long args);

    /** Runs a matrix product with its epilogue; returns as {@link #map}. */
    @Name("jangada_matmul")
    @NoException
    static native int matmul(@Cast("const int64_t*") long args);

    /** Tells whether many products of this shape want a row-major second matrix rather than a transposed one; the bits are the same. */
    @Name("jangada_prefers_rows")
    @NoException
    static native boolean prefersRows(long m, long k, long n);

    /** Accumulates along a dimension. */
    @Name("jangada_scan")
    @NoException
    static native int scan(@Cast("const int64_t*") long args);

    /** Picks by index; returns 1 with the offending index in the first argument. */
    @Name("jangada_gather")
    @NoException
    static native int gather(@Cast("int64_t*") long args);

    /** Writes by index; returns 1 with the offending index in the first argument. */
    @Name("jangada_scatter")
    @NoException
    static native int scatter(@Cast("int64_t*") long args);

    /** Sorts; returns 2 for lack of memory: then nothing is written. */
    @Name("jangada_sort")
    @NoException
    static native int sort(@Cast("const int64_t*") long args);

    /** Builds a script of kernel calls, see script.h; returns its address, or 0 for lack of memory. */
    @Name("jangada_script")
    @NoException
    static native long script(@Cast("const int64_t*") long code);

    /** Runs a script, or goes on with it; returns 0 at its end, else the status of the step at which it stands. */
    @Name("jangada_script_run")
    @NoException
    static native int runScript(long script, @Cast("int64_t*") long state);

    /** Gives up a script. */
    @Name("jangada_script_free")
    @NoException
    static native void freeScript(long script);

    /** Sets the matrix kernels: addresses of cblas_sgemm, cblas_dgemm, cblas_sgemv and cblas_dgemv. */
    @Name("jangada_set_blas")
    @NoException
    static native void setBlas(long sgemm, long dgemm, long sgemv, long dgemv);

    /** Chooses the kernel of float32 matrix products: auto, openblas or own; returns whether it knows the name. */
    @Name("jangada_select_matmul")
    @NoException
    static native boolean selectMatmul(String name);

    /** Calls a function without arguments that returns a C string. */
    @Name("jangada_call_for_text")
    @NoException
    static native String callForText(long function);

    /** For tests: denies all allocations but the next ones, none for a negative number; returns how many were denied before. */
    @Name("jangada_deny_allocations")
    @NoException
    static native long denyAllocations(long granted);

    /** Returns the address of a new block, or 0. */
    @Name("jangada_allocate")
    @NoException
    static native long allocate(long bytes);

    /** Gives a block back. */
    @Name("jangada_free")
    @NoException
    static native void free(long address, long bytes);

    /** Copies bytes that do not overlap. */
    @Name("jangada_copy")
    @NoException
    static native void copy(long target, long source, long bytes);

    /** Returns the address of the position of a direct buffer. */
    @Name("jangada_address")
    @NoException
    static native long address(@Cast("void*") ByteBuffer direct);

    /** Returns how many bytes of memory this process may use. */
    @Name("jangada_physical_memory")
    @NoException
    static native long physicalMemory();

    /** Returns the number of threads of the pool, the caller included. */
    @Name("jangada_threads")
    @NoException
    static native int threads();

    /** Sets the number of threads of the pool, the caller included. */
    @Name("jangada_set_threads")
    @NoException
    static native void setThreads(int threads);

    /** Starts or ends counting the time inside kernels. */
    @Name("jangada_count_busy")
    @NoException
    static native void countBusy(boolean on);

    /** Returns the nanoseconds inside kernels that were counted so far, summed over threads. */
    @Name("jangada_busy_nanos")
    @NoException
    static native long busyNanos();
}
