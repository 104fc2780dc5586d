package dev.jangada.capture;

import dev.jangada.kernel.Kernel;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ReduceOp;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Kernels that passes have made, one for each thing to compute: backends keep what they compile for as long as the process. */
final class FusedKernels {
    private record Reduction(ReduceOp op, Program program, Program epilogue) {}

    private static final Map<Object, Kernel> KNOWN = new ConcurrentHashMap<>();

    private FusedKernels() {}

    static MapKernel map(String name, Program program) {
        return (MapKernel) KNOWN.computeIfAbsent(program, p -> new MapKernel(name, program));
    }

    static ReduceKernel reduce(String name, ReduceOp op, Program program, Program epilogue) {
        return (ReduceKernel) KNOWN.computeIfAbsent(
                new Reduction(op, program, epilogue), r -> new ReduceKernel(name, op, program, epilogue));
    }
}
