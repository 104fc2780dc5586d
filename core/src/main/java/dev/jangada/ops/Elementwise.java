package dev.jangada.ops;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.autograd.Node;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Op;
import java.util.List;
import java.util.Optional;

/**
 * Carries out element-wise operations: promotion, broadcasting, the kernel, the graph node; out of place and in place.
 *
 * <p>The operations themselves stand in {@link Arithmetic} and its neighbours.
 */
public final class Elementwise {
    private static final long[] NO_SCALARS = {};
    private static final Scalar[] NO_PARAMS = {};

    private Elementwise() {}

    /**
     * Returns the result of an operation.
     *
     * @param operands each a {@link Tensor} or a {@link Scalar}, at least one tensor
     * @param params plain numbers that take no part in promotion
     */
    public static Tensor apply(ElementwiseOp op, Object[] operands, Scalar... params) {
        DType common = Promotion.resultType(operands, op.raw());
        return apply(op, common, operands, params);
    }

    /** As {@link #apply(ElementwiseOp, Object[], Scalar...)} without parameters. */
    public static Tensor apply(ElementwiseOp op, Object[] operands) {
        return apply(op, operands, NO_PARAMS);
    }

    /** Returns the result of an operation of one tensor. */
    public static Tensor apply(ElementwiseOp op, Tensor x, Scalar... params) {
        return apply(op, x.dtype(), new Object[] {x}, params);
    }

    /** As {@link #apply(ElementwiseOp, Object[], Scalar...)} where the common type of the operands is given. */
    static Tensor apply(ElementwiseOp op, DType common, Object[] operands, Scalar... params) {
        Shape shape = broadcast(op, operands);
        String[] names = DimNames.unify(op.label(), operands);
        Operand[] ins = inputs(op, operands);
        Backend backend = Checks.sameDevice(op.label(), ins);
        DType type = op.resultType(common);
        DType compute = op.computeType(common);
        MapKernel kernel = op.kernel(operands, compute, type);
        ThreadState thread = ThreadState.current();
        Operand out = thread.executor.allocate(type, layout(shape, ins[0].layout()), backend);
        Tensor result = Access.wrap(out);
        run(thread.executor, kernel, out, ins, operands, compute, params);
        if (thread.gradEnabled && type.isFloatingPoint() && records(operands)) {
            Autograd.connectNew(result, new OpNode(op, operands, params, result, false));
        }
        DimNames.name(result, names);
        return result;
    }

    /**
     * Changes the first operand, a tensor, to the result of an operation.
     *
     * @param name name of the operation for messages, such as {@code add_}
     */
    public static Tensor applyInPlace(String name, ElementwiseOp op, Object[] operands, Scalar... params) {
        Tensor self = (Tensor) operands[0];
        DType common = Promotion.resultType(operands, op.raw());
        Checks.storable(name, op.resultType(common), self.dtype());
        Checks.inPlaceShape(name, self.shape(), broadcast(op, operands));
        DimNames.unify(name, operands); // the changed tensor keeps its own
        Tape.checkInPlace(name, self, others(operands));
        Operand out = Access.operand(self);
        MapKernel kernel = op.kernel(operands, op.computeType(common), self.dtype());
        Operand[] ins = inputs(op, operands);
        Backend backend = Checks.sameDevice(name, ins);
        Operand target = out;
        Tensor temporary = null;
        if (mayFail(kernel) || partlyOverlaps(out, ins)) {
            target = Executor.current().allocate(self.dtype(), self.shape(), backend);
            temporary = Access.wrap(target);
        }
        OpNode node = self.dtype().isFloatingPoint() && records(operands)
                ? new OpNode(op, operands, params, null, true)
                : null;
        run(Executor.current(), kernel, target, ins, operands, op.computeType(common), params);
        if (temporary != null) {
            Copies.raw(out, target);
            temporary.close();
        }
        out.storage().bumpVersion();
        if (node != null) {
            node.saveResult(self);
            Autograd.rebase(self, node);
        }
        return self;
    }

    /** A contiguous layout; that of an input is as good as a new one. */
    private static Layout layout(Shape shape, Layout input) {
        boolean same = input.shape() == shape && input.isContiguous() && input.offset() == 0;
        return same ? input : Layout.contiguous(shape);
    }

    private static Tensor[] others(Object[] operands) {
        int n = 0;
        for (int i = 1; i < operands.length; i++) {
            n += operands[i] instanceof Tensor ? 1 : 0;
        }
        Tensor[] out = new Tensor[n];
        for (int i = operands.length - 1; i > 0; i--) {
            if (operands[i] instanceof Tensor t) {
                out[--n] = t;
            }
        }
        return out;
    }

    /** An integer division can fail half-way. */
    private static boolean mayFail(MapKernel kernel) {
        return !kernel.program().outputType(0).isFloatingPoint()
                && (kernel.program().uses(Op.DIV)
                        || kernel.program().uses(Op.REMAINDER)
                        || kernel.program().uses(Op.FMOD));
    }

    private static boolean partlyOverlaps(Operand out, Operand[] ins) {
        for (Operand in : ins) {
            if (in.storage() == out.storage() && !in.layout().equals(out.layout())) {
                return true;
            }
        }
        return false;
    }

    private static boolean records(Object[] operands) {
        if (!ThreadState.current().gradEnabled) {
            return false;
        }
        for (Object o : operands) {
            if (o instanceof Tensor t && t.requiresGrad()) {
                return true;
            }
        }
        return false;
    }

    private static Shape broadcast(ElementwiseOp op, Object[] operands) {
        Shape shape = null;
        for (Object o : operands) {
            if (o instanceof Tensor t) {
                shape = shape == null ? t.shape() : Shape.broadcast(op.label(), shape, t.shape());
            }
        }
        return shape;
    }

    private static Operand[] inputs(ElementwiseOp op, Object[] operands) {
        if (operands.length != op.arity()) {
            throw new ArgumentException(
                    "[" + op.label() + "] expected " + op.arity() + " operands, got " + operands.length);
        }
        int n = 0;
        for (Object o : operands) {
            n += o instanceof Tensor ? 1 : 0;
        }
        Operand[] ins = new Operand[n];
        n = 0;
        for (Object o : operands) {
            if (o instanceof Tensor t) {
                ins[n++] = Access.operand(t);
            }
        }
        return ins;
    }

    private static void run(
            Executor executor,
            MapKernel kernel,
            Operand out,
            Operand[] ins,
            Object[] operands,
            DType compute,
            Scalar[] params) {
        Shape shape = out.layout().shape();
        for (int i = 0; i < ins.length; i++) {
            Layout l = ins[i].layout();
            if (l.shape() != shape) {
                ins[i] = ins[i].with(l.expand(shape));
            }
        }
        executor.map(kernel, new Operand[] {out}, ins, scalars(operands, ins.length, compute, params));
    }

    private static long[] scalars(Object[] operands, int tensors, DType compute, Scalar[] params) {
        int count = operands.length - tensors + params.length;
        if (count == 0) {
            return NO_SCALARS;
        }
        long[] scalars = new long[count];
        int n = 0;
        for (Object o : operands) {
            if (o instanceof Scalar s) {
                scalars[n++] = bits(s, compute);
            }
        }
        for (Scalar p : params) {
            scalars[n++] = bits(p, compute);
        }
        return scalars;
    }

    /** Returns a plain number as a kernel that computes in {@code compute} takes it. */
    static long bits(Scalar s, DType compute) {
        return compute.isFloatingPoint() ? Double.doubleToRawLongBits(s.toDouble()) : s.toLong();
    }

    /** The node of an element-wise operation. */
    private static final class OpNode extends Node {
        private final ElementwiseOp op;
        private final Object[] saved; // per operand: Saved, Scalar, or null if no gradient uses it
        private final Scalar[] params;
        private final boolean keepsResult;
        private Saved result;

        /** An operation in place keeps a copy of the first operand's old value if a gradient needs it. */
        OpNode(ElementwiseOp op, Object[] operands, Scalar[] params, Tensor result, boolean inPlace) {
            super(op.node(), edges(operands));
            this.op = op;
            this.params = params;
            this.saved = new Object[operands.length];
            boolean keep = false;
            List<Optional<ElementwiseOp.GradientOp>> gradients = op.gradients();
            for (int i = 0; i < operands.length; i++) {
                if (operands[i] instanceof Tensor t
                        && t.requiresGrad()
                        && gradients.get(i).isPresent()) {
                    ElementwiseOp.GradientOp g = gradients.get(i).get();
                    for (int n : g.operands()) {
                        if (saved[n] == null) {
                            saved[n] = operands[n] instanceof Tensor s
                                    ? (inPlace && n == 0 ? Saved.copyOf(s) : Saved.input(s))
                                    : operands[n];
                        }
                    }
                    keep |= g.usesResult();
                }
            }
            keepsResult = keep;
            if (result != null) {
                saveResult(result);
            }
        }

        void saveResult(Tensor t) {
            if (keepsResult) {
                result = Saved.output(t, 0);
            }
        }

        private static Edge[] edges(Object[] operands) {
            Edge[] out = new Edge[operands.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = operands[i] instanceof Tensor t ? Tape.edge(t) : null;
            }
            return out;
        }

        @Override
        protected Tensor[] backward(Tensor[] grads, boolean[] needed) {
            Object[] operands = new Object[saved.length];
            Tensor[] out = new Tensor[saved.length];
            Tensor y = null;
            for (int i = 0; i < out.length; i++) {
                if (!needed[i]) {
                    continue;
                }
                Optional<ElementwiseOp.GradientOp> gradient = op.gradients().get(i);
                if (gradient.isEmpty()) {
                    out[i] = Creation.full(grads[0].shape(), 0.0, grads[0].dtype(), grads[0].device());
                    continue;
                }
                ElementwiseOp.GradientOp g = gradient.get();
                if (g.passes()) {
                    out[i] = grads[0];
                    continue;
                }
                Object[] args = new Object[1 + g.operands().length + (g.usesResult() ? 1 : 0)];
                args[0] = grads[0];
                for (int k = 0; k < g.operands().length; k++) {
                    int n = g.operands()[k];
                    if (operands[n] == null) {
                        operands[n] = saved[n] instanceof Saved s ? s.get(this) : saved[n];
                    }
                    args[1 + k] = operands[n];
                }
                if (g.usesResult()) {
                    y = y == null ? result.get(this) : y;
                    args[args.length - 1] = y;
                }
                out[i] = apply(g.op(), args, params);
            }
            return out;
        }

        @Override
        protected void release() {
            for (Object s : saved) {
                if (s instanceof Saved kept) {
                    kept.release();
                }
            }
            if (result != null) {
                result.release();
            }
        }
    }
}
