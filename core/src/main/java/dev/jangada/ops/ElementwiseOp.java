package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.kernel.Derivative;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * An element-wise operation: its expression, which gives the kernel for each combination of types, and the operations that compute its
 * gradients, which are derived from the expression unless they are given.
 *
 * <p>Operands are tensors or plain numbers; parameters are plain numbers that take no part in type promotion.
 */
public final class ElementwiseOp {
    /** What the result's type is, given the common type of the operands. */
    public enum Result {
        /** The common type. */
        SAME,
        /** The common type, or the default floating point type for integers and bool. */
        FLOAT,
        /** Bool; computed in the common type. */
        BOOL
    }

    /** The expression for operands and parameters of one computing type. */
    @FunctionalInterface
    public interface Body {
        /** Returns the result for operands {@code x} and parameters {@code p}. */
        Expr apply(Expr[] x, Expr[] p);
    }

    /** A gradient that is not derived. */
    @FunctionalInterface
    public interface Gradient {
        /** Returns the gradient of one operand from the arriving one, the operands, the result and the parameters. */
        Expr apply(Expr g, Expr[] x, Expr y, Expr[] p);
    }

    private record Kernel(long key, MapKernel map) {}

    /**
     * How the gradient of one operand is computed.
     *
     * @param op the operation of (gradient, the operands that it uses, the result if it uses it)
     * @param operands numbers of the operands that it uses
     * @param usesResult whether it uses the result
     * @param passes whether it is the arriving gradient itself
     */
    record GradientOp(ElementwiseOp op, int[] operands, boolean usesResult, boolean passes) {}

    private final String name;
    private final String node;
    private final String label;
    private final int arity;
    private final int params;
    private final Result result;
    private final int raw;
    private final Body body;
    private final Gradient[] gradients;
    private boolean resultIsLost;
    private volatile Kernel[] kernels = {};
    private volatile List<Optional<GradientOp>> derived;

    private ElementwiseOp(
            String name, int arity, int params, Result result, int raw, Body body, Gradient... gradients) {
        this.name = name;
        this.node = name + "Backward0";
        this.label = Character.toLowerCase(name.charAt(0)) + name.substring(1);
        this.arity = arity;
        this.params = params;
        this.result = result;
        this.raw = raw;
        this.body = body;
        this.gradients = gradients;
    }

    /**
     * Returns an operation.
     *
     * @param name PyTorch's name of the node without {@code Backward0}
     * @param gradients one per operand if they are not to be derived
     */
    public static ElementwiseOp of(
            String name, int arity, int params, Result result, Body body, Gradient... gradients) {
        return new ElementwiseOp(name, arity, params, result, 0, body, gradients);
    }

    /** As {@link #of}; the operands of {@code raw} (a bit per position) keep their own type and take no part in promotion. */
    public static ElementwiseOp withRaw(
            String name, int arity, int params, Result result, int raw, Body body, Gradient... gradients) {
        return new ElementwiseOp(name, arity, params, result, raw, body, gradients);
    }

    /** As {@link #of}, for an operation whose result is reduced at once, so that gradients are written without it. */
    static ElementwiseOp ofLostResult(
            String name, int arity, int params, Result result, Body body, Gradient... gradients) {
        ElementwiseOp op = new ElementwiseOp(name, arity, params, result, 0, body, gradients);
        op.resultIsLost = true;
        return op;
    }

    String name() {
        return name;
    }

    /** Returns the name of the graph node. */
    String node() {
        return node;
    }

    /** Returns the name for messages: that of the method, such as {@code logicalAnd}. */
    String label() {
        return label;
    }

    Body body() {
        return body;
    }

    int arity() {
        return arity;
    }

    int params() {
        return params;
    }

    int raw() {
        return raw;
    }

    /** Returns the type in which the result is computed and, unless it is bool, stored. */
    DType computeType(DType common) {
        return result == Result.FLOAT ? Promotion.toFloat(common) : common;
    }

    /** Returns the type of the result for operands whose common type is given. */
    DType resultType(DType common) {
        return result == Result.BOOL ? DType.BOOL : computeType(common);
    }

    /**
     * Returns the kernel for a combination of types.
     *
     * @param operands the operands, each a {@link dev.jangada.Tensor} or a plain number
     * @param compute type in which is computed
     * @param out type of the result
     */
    MapKernel kernel(Object[] operands, DType compute, DType out) {
        long key = compute.ordinal() * 16L + out.ordinal(); // 4 bits each: room for 14 operands
        for (Object o : operands) {
            key = key << 4 | (o instanceof Tensor t ? t.dtype().ordinal() : 15);
        }
        for (Kernel k : kernels) {
            if (k.key == key) {
                return k.map;
            }
        }
        return add(key, types(operands), compute, out);
    }

    /** The element types of operands; null for a plain number. */
    private static DType[] types(Object[] operands) {
        DType[] out = new DType[operands.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = operands[i] instanceof Tensor t ? t.dtype() : null;
        }
        return out;
    }

    private synchronized MapKernel add(long key, DType[] operands, DType compute, DType out) {
        for (Kernel k : kernels) {
            if (k.key == key) {
                return k.map;
            }
        }
        MapKernel made = new MapKernel(name, build(operands, compute, out));
        Kernel[] more = java.util.Arrays.copyOf(kernels, kernels.length + 1);
        more[kernels.length] = new Kernel(key, made);
        kernels = more;
        return made;
    }

    private Program build(DType[] operands, DType compute, DType out) {
        List<DType> inputs = new ArrayList<>();
        List<DType> scalars = new ArrayList<>();
        Expr[] x = new Expr[arity];
        for (int i = 0; i < arity; i++) {
            DType target = (raw >> i & 1) != 0 ? operands[i].compute() : compute.compute();
            if (operands[i] == null) {
                scalars.add(carrier(compute));
                x[i] = Expr.scalar(scalars.size() - 1, carrier(compute)).cast(target);
            } else {
                inputs.add(operands[i]);
                x[i] = Expr.input(inputs.size() - 1, operands[i]).cast(target);
            }
        }
        Expr[] p = new Expr[params];
        for (int i = 0; i < params; i++) {
            scalars.add(carrier(compute));
            p[i] = Expr.scalar(scalars.size() - 1, carrier(compute)).cast(compute.compute());
        }
        return Program.of(inputs, scalars, body.apply(x, p).cast(out));
    }

    /** Returns the type in which a plain number reaches a kernel that computes in {@code compute}. */
    static DType carrier(DType compute) {
        return compute == DType.FLOAT64 ? DType.FLOAT64 : compute.isFloatingPoint() ? DType.FLOAT32 : DType.INT64;
    }

    /** Returns how the gradient of each operand is computed; empty where it is zero. */
    List<Optional<GradientOp>> gradients() {
        List<Optional<GradientOp>> d = derived;
        if (d == null) {
            d = new ArrayList<>();
            for (int i = 0; i < arity; i++) {
                d.add((raw >> i & 1) != 0 ? Optional.empty() : derive(i));
            }
            derived = d;
        }
        return d;
    }

    /** Slots of a gradient expression: 0 the gradient, 1 to arity the operands, then the result. */
    private Optional<Expr> gradientExpr(int operand, Expr[] slots, Expr[] p) {
        Expr g = slots[0];
        Expr[] x = java.util.Arrays.copyOfRange(slots, 1, 1 + arity);
        Expr y = slots[1 + arity];
        if (gradients.length > 0) {
            return Optional.ofNullable(gradients[operand]).map(f -> f.apply(g, x, y, p));
        }
        Expr root = body.apply(x, p);
        return Derivative.of(root, resultIsLost ? root : y, g, List.of(x)).get(operand);
    }

    private Optional<GradientOp> derive(int operand) {
        Expr[] slots = new Expr[arity + 2];
        for (int i = 0; i < slots.length; i++) {
            boolean isRaw = i > 0 && i <= arity && (raw >> (i - 1) & 1) != 0;
            slots[i] = Expr.input(i, isRaw ? DType.BOOL : DType.FLOAT32);
        }
        Expr[] p = new Expr[params];
        for (int i = 0; i < params; i++) {
            p[i] = Expr.scalar(i, DType.FLOAT32);
        }
        Optional<Expr> sample = gradientExpr(operand, slots, p);
        if (sample.isEmpty()) {
            return Optional.empty();
        }
        boolean[] used = usedSlots(sample.get(), slots.length);
        List<Integer> operands = new ArrayList<>();
        int rawBits = 0;
        for (int i = 0; i < arity; i++) {
            if (used[1 + i]) {
                operands.add(i);
                rawBits |= (raw >> i & 1) << operands.size();
            }
        }
        int[] numbers = operands.stream().mapToInt(Integer::intValue).toArray();
        boolean usesResult = used[1 + arity];
        Body gradBody = (x, q) -> {
            Expr[] s = new Expr[arity + 2];
            java.util.Arrays.fill(s, Expr.constant(0.0, x[0].type())); // unused slots
            s[0] = x[0];
            for (int i = 0; i < numbers.length; i++) {
                s[1 + numbers[i]] = x[1 + i];
            }
            for (int i = 0; i < arity; i++) {
                if (!used[1 + i] && (raw >> i & 1) != 0) {
                    s[1 + i] = Expr.constant(0, DType.BOOL);
                } else if (!used[1 + i]) {
                    s[1 + i] = Expr.input(100 + i, x[0].type()); // distinct objects: only their identity matters
                }
            }
            s[1 + arity] = usesResult ? x[1 + numbers.length] : s[1 + arity];
            return gradientExpr(operand, s, q).orElseThrow();
        };
        int total = 1 + numbers.length + (usesResult ? 1 : 0);
        ElementwiseOp op = withRaw(name + "Backward", total, params, Result.SAME, rawBits, gradBody);
        return Optional.of(new GradientOp(op, numbers, usesResult, sample.get() == slots[0]));
    }

    private static boolean[] usedSlots(Expr root, int slots) {
        boolean[] used = new boolean[slots];
        Deque<Expr> stack = new ArrayDeque<>();
        java.util.Set<Expr> seen = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
        stack.push(root);
        while (!stack.isEmpty()) {
            Expr e = stack.pop();
            if (!seen.add(e)) {
                continue;
            }
            if (e.op() == Op.INPUT) {
                used[e.slot()] = true;
            }
            for (int i = 0; i < e.arity(); i++) {
                stack.push(e.arg(i));
            }
        }
        return used;
    }
}
