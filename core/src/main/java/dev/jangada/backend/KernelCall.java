package dev.jangada.backend;

import dev.jangada.ArgumentException;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** One method of {@link Kernels} with everything but operands and scalars. Equal calls on equal operands give equal results. */
public sealed interface KernelCall {
    /** Runs the kernel. */
    void run(Kernels on, Operand[] outs, Operand[] ins, long[] scalars);

    /** Returns the name that profiles show. */
    String name();

    /** Returns the arithmetic operations of a call on these operands, see {@link Work}; by default one for each element of the first output. */
    default long flops(List<? extends Elements> outs, List<? extends Elements> ins) {
        return outs.get(0).layout().numel();
    }

    /** Tells whether the old content of the outputs matters. */
    default boolean readsOutput() {
        return false;
    }

    /** Tells whether values of the inputs may make it fail: an index out of range, an integer divided by zero. */
    default boolean mayFail() {
        return false;
    }

    /** {@link Kernels#map}. */
    record Map(MapKernel kernel) implements KernelCall {
        @Override
        public void run(Kernels on, Operand[] outs, Operand[] ins, long[] scalars) {
            on.map(kernel, outs, ins, scalars);
        }

        @Override
        public long flops(List<? extends Elements> outs, List<? extends Elements> ins) {
            return outs.get(0).layout().numel() * kernel.program().operations();
        }

        @Override
        public String name() {
            return kernel.name();
        }

        @Override
        public boolean mayFail() {
            return mayFail(kernel.program());
        }

        private static boolean mayFail(Program program) {
            return program.code().stream()
                    .anyMatch(c -> !c.type().isFloatingPoint()
                            && (c.op() == Op.DIV || c.op() == Op.REMAINDER || c.op() == Op.FMOD));
        }
    }

    /**
     * Independent calls of {@link Kernels#map} and {@link Kernels#reduce} in one launch, such as an optimiser's update of all parameters, or
     * the sums that a step needs: no member reads or writes what another one writes, and shapes may differ. Outputs, inputs and scalars of
     * the members stand behind each other; {@link Plan.Launch#members} takes them apart.
     *
     * @param calls each a {@link Map} or a {@link Reduce}
     */
    record Several(List<KernelCall> calls) implements KernelCall {
        /** Copies the list. */
        public Several {
            calls = List.copyOf(calls);
            for (KernelCall c : calls) {
                if (!(c instanceof Map) && !(c instanceof Reduce)) {
                    throw new ArgumentException("[several] expected calls of map and reduce, got " + c.name());
                }
            }
        }

        @Override
        public void run(Kernels on, Operand[] outs, Operand[] ins, long[] scalars) {
            int out = 0;
            int in = 0;
            int scalar = 0;
            for (KernelCall c : calls) {
                c.run(
                        on,
                        Arrays.copyOfRange(outs, out, out += outputs(c)),
                        Arrays.copyOfRange(ins, in, in += program(c).inputs().size()),
                        Arrays.copyOfRange(
                                scalars, scalar, scalar += program(c).scalars().size()));
            }
        }

        @Override
        public long flops(List<? extends Elements> outs, List<? extends Elements> ins) {
            long sum = 0;
            int out = 0;
            int in = 0;
            for (KernelCall c : calls) {
                sum += c.flops(
                        outs.subList(out, out += outputs(c)),
                        ins.subList(in, in += program(c).inputs().size()));
            }
            return sum;
        }

        /** Returns the program whose operands and scalars those of a member are. */
        static Program program(KernelCall c) {
            return c instanceof Map m
                    ? m.kernel().program()
                    : ((Reduce) c).kernel().program();
        }

        static int outputs(KernelCall c) {
            return c instanceof Map m
                    ? m.kernel().program().outputCount()
                    : ((Reduce) c).kernel().epilogue().outputCount();
        }

        @Override
        public String name() {
            return calls.stream().map(KernelCall::name).distinct().collect(Collectors.joining(",")) + "*"
                    + calls.size();
        }

        @Override
        public boolean mayFail() {
            return calls.stream().anyMatch(KernelCall::mayFail);
        }
    }

    /** {@link Kernels#reduce}. */
    record Reduce(ReduceKernel kernel) implements KernelCall {
        @Override
        public void run(Kernels on, Operand[] outs, Operand[] ins, long[] scalars) {
            on.reduce(kernel, outs, ins, scalars);
        }

        @Override
        public long flops(List<? extends Elements> outs, List<? extends Elements> ins) {
            return ins.get(0).layout().numel() * (1 + kernel.program().operations())
                    + outs.get(0).layout().numel() * kernel.epilogue().operations();
        }

        @Override
        public String name() {
            return kernel.name();
        }

        @Override
        public boolean mayFail() {
            return Map.mayFail(kernel.program()) || Map.mayFail(kernel.epilogue());
        }
    }

    /** {@link Kernels#matmul(Operand, Operand, Operand, double, double)}: inputs a and b. */
    record Matmul(double alpha, double beta) implements KernelCall {
        @Override
        public void run(Kernels on, Operand[] outs, Operand[] ins, long[] scalars) {
            on.matmul(outs[0], ins[0], ins[1], alpha, beta);
        }

        @Override
        public long flops(List<? extends Elements> outs, List<? extends Elements> ins) {
            return 2 * outs.get(0).layout().numel() * ins.get(0).layout().size(2);
        }

        @Override
        public String name() {
            return "matmul";
        }

        @Override
        public boolean readsOutput() {
            return beta != 0;
        }
    }

    /** A matrix product with an epilogue of one or more outputs: inputs a, b, then the further inputs of the epilogue. */
    record MatmulMap(double alpha, MapKernel epilogue) implements KernelCall {
        @Override
        public void run(Kernels on, Operand[] outs, Operand[] ins, long[] scalars) {
            Operand[] extra = Arrays.copyOfRange(ins, 2, ins.length);
            on.matmul(outs, ins[0], ins[1], alpha, epilogue, extra, scalars);
        }

        @Override
        public long flops(List<? extends Elements> outs, List<? extends Elements> ins) {
            long k = ins.get(0).layout().size(2);
            return outs.get(0).layout().numel() * (2 * k + epilogue.program().operations());
        }

        @Override
        public String name() {
            return "matmul+" + epilogue.name();
        }

        @Override
        public boolean mayFail() {
            return Map.mayFail(epilogue.program());
        }
    }

    /** {@link Kernels#scan}. */
    record Scan(ScanOp op, int dim) implements KernelCall {
        @Override
        public void run(Kernels on, Operand[] outs, Operand[] ins, long[] scalars) {
            on.scan(op, outs[0], ins[0], dim);
        }

        @Override
        public String name() {
            return "cum" + op.name().toLowerCase(Locale.ROOT);
        }
    }

    /** {@link Kernels#gather}: inputs in and index. */
    record Gather(int dim) implements KernelCall {
        @Override
        public void run(Kernels on, Operand[] outs, Operand[] ins, long[] scalars) {
            on.gather(outs[0], ins[0], ins[1], dim);
        }

        @Override
        public String name() {
            return "gather";
        }

        @Override
        public boolean mayFail() {
            return true;
        }
    }

    /** {@link Kernels#scatter}: inputs index and src. */
    record Scatter(ScatterOp op, int dim) implements KernelCall {
        @Override
        public void run(Kernels on, Operand[] outs, Operand[] ins, long[] scalars) {
            on.scatter(op, outs[0], ins[0], ins[1], dim);
        }

        @Override
        public String name() {
            return op == ScatterOp.ADD ? "scatterAdd" : "scatter";
        }

        @Override
        public boolean readsOutput() {
            return true;
        }

        @Override
        public boolean mayFail() {
            return true;
        }
    }

    /** {@link Kernels#sort}: outputs values and indices. */
    record Sort(int dim, boolean descending) implements KernelCall {
        @Override
        public void run(Kernels on, Operand[] outs, Operand[] ins, long[] scalars) {
            on.sort(outs[0], outs[1], ins[0], dim, descending);
        }

        @Override
        public String name() {
            return "sort";
        }
    }
}
