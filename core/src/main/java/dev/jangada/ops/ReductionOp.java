package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ReduceOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A reduction with what is computed before and after it in the same kernel; one kernel per combination of types. */
final class ReductionOp {
    /** The value of one element. */
    @FunctionalInterface
    interface Value {
        /** Returns the value for inputs {@code x} and parameters {@code p}, all of the computing type. */
        Expr apply(Expr[] x, Expr[] p);
    }

    /** What is made of the combined value. */
    @FunctionalInterface
    interface Epilogue {
        /** Returns the outputs for the results {@code r} of the reduction and the parameters {@code p}. */
        Expr[] apply(Expr[] r, Expr[] p);
    }

    private record Entry(int key, ReduceKernel kernel) {}

    private final String name;
    private final ReduceOp op;
    private final int params;
    private final Value value;
    private final Epilogue epilogue;
    private volatile Entry[] kernels = {};

    private ReductionOp(String name, ReduceOp op, int params, Value value, Epilogue epilogue) {
        this.name = name;
        this.op = op;
        this.params = params;
        this.value = value;
        this.epilogue = epilogue;
    }

    /** Returns a reduction of the value. */
    static ReductionOp of(String name, ReduceOp op, int params, Value value) {
        return new ReductionOp(name, op, params, value, (r, p) -> r);
    }

    /** Returns a reduction of the value with an epilogue. */
    static ReductionOp of(String name, ReduceOp op, int params, Value value, Epilogue epilogue) {
        return new ReductionOp(name, op, params, value, epilogue);
    }

    private ReduceKernel kernel(Operand[] ins, DType compute, DType[] outs) {
        int key = compute.ordinal();
        for (DType t : outs) {
            key = key << 4 | t.ordinal();
        }
        for (Operand o : ins) {
            key = key << 4 | o.dtype().ordinal();
        }
        for (Entry e : kernels) {
            if (e.key == key) {
                return e.kernel;
            }
        }
        return add(key, ins, compute, outs);
    }

    private synchronized ReduceKernel add(int key, Operand[] ins, DType compute, DType[] outs) {
        for (Entry e : kernels) {
            if (e.key == key) {
                return e.kernel;
            }
        }
        ReduceKernel made = build(ins, compute, outs);
        Entry[] more = Arrays.copyOf(kernels, kernels.length + 1);
        more[kernels.length] = new Entry(key, made);
        kernels = more;
        return made;
    }

    private ReduceKernel build(Operand[] ins, DType compute, DType[] outs) {
        DType c = compute.compute();
        List<DType> types = new ArrayList<>();
        Expr[] x = new Expr[ins.length];
        for (int i = 0; i < x.length; i++) {
            types.add(ins[i].dtype());
            x[i] = Expr.input(i, ins[i].dtype()).cast(c);
        }
        DType carrier = ElementwiseOp.carrier(compute);
        List<DType> scalars = java.util.Collections.nCopies(params, carrier);
        Expr[] p = new Expr[params];
        for (int i = 0; i < params; i++) {
            p[i] = Expr.scalar(i, carrier).cast(c);
        }
        Program program = Program.of(types, scalars, value.apply(x, p));
        DType result = switch (op) {
            case ARGMAX, ARGMIN -> DType.INT64;
            case ANY, ALL -> DType.BOOL;
            case SUM, PROD, MAX, MIN, VARIANCE -> program.outputType(0);
        };
        Expr[] r = new Expr[op.results()];
        for (int i = 0; i < r.length; i++) {
            r[i] = Expr.input(i, result);
        }
        Expr[] out = epilogue.apply(r, p).clone();
        for (int i = 0; i < outs.length; i++) {
            out[i] = out[i].cast(outs[i]);
        }
        List<DType> results = java.util.Collections.nCopies(r.length, result);
        return new ReduceKernel(name, op, program, Program.of(results, scalars, Arrays.copyOf(out, outs.length)));
    }

    /**
     * Reduces operands of one shape over dimensions.
     *
     * @param axes the reduced dimensions, in {@code [0, rank)}
     * @param compute type in which is computed
     * @param out type of the result
     * @param scalars the parameters, as bits
     */
    Tensor run(Operand[] ins, int[] axes, boolean keepdim, DType compute, DType out, long... scalars) {
        return run(ins, axes, keepdim, compute, new DType[] {out}, scalars)[0];
    }

    /** As {@link #run(Operand[], int[], boolean, DType, DType, long...)} with several results. */
    Tensor[] run(Operand[] ins, int[] axes, boolean keepdim, DType compute, DType[] outs, long... scalars) {
        Shape from = ins[0].layout().shape();
        Layout kept = Layout.contiguous(Reductions.keptShape(from, axes));
        Shape shape = keepdim ? kept.shape() : Reductions.droppedShape(from, axes);
        ReduceKernel kernel = kernel(ins, compute, outs);
        Tensor[] results = new Tensor[outs.length];
        Operand[] targets = new Operand[outs.length];
        for (int i = 0; i < outs.length; i++) {
            Operand o =
                    Executor.current().allocate(outs[i], shape, ins[0].storage().backend());
            results[i] = Access.wrap(o);
            targets[i] = keepdim ? o : o.with(kept);
        }
        Executor.current().reduce(kernel, targets, ins, scalars);
        return results;
    }
}
