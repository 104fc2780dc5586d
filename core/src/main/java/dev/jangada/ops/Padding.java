package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import java.util.Arrays;
import java.util.List;

/** Larger copies with something around: a constant, or the tensor's own elements mirrored, repeated or wrapped around. */
public final class Padding {
    /** What stands around a tensor. */
    private enum Mode {
        /** Mirrored at the border elements, which are not repeated. */
        REFLECT("Reflection"),
        /** The border elements again and again. */
        REPLICATE("Replication"),
        /** The other end, as if the tensor were a ring. */
        CIRCULAR("Circular");

        private final String node;

        Mode(String node) {
            this.node = node;
        }
    }

    private static final MapKernel[] PLACES = new MapKernel[Mode.values().length];

    static {
        for (Mode m : Mode.values()) {
            PLACES[m.ordinal()] =
                    new MapKernel("pad", Program.of(List.of(), List.of(DType.INT64, DType.INT64), place(m)));
        }
    }

    /** Which index an element comes from; scalars are the number of elements before and the last index. */
    private static Expr place(Mode mode) {
        Expr i = Expr.index().sub(Expr.scalar(0, DType.INT64));
        Expr last = Expr.scalar(1, DType.INT64);
        Expr zero = Expr.constant(0L, DType.INT64);
        return switch (mode) {
            case REFLECT -> last.sub(last.sub(i.abs()).abs());
            case REPLICATE -> i.max(zero).min(last);
            case CIRCULAR -> i.binary(Op.REMAINDER, last.add(Expr.constant(1L, DType.INT64)));
        };
    }

    private Padding() {}

    private static long[] checked(Tensor t, long[] pads) {
        Checks.shape(
                pads.length % 2 == 0 && pads.length / 2 <= t.dim(),
                "pad",
                "expected pairs of numbers for at most " + t.dim() + " dimensions, got " + Arrays.toString(pads));
        return pads.clone();
    }

    private static long sum(long size, long before, long after) {
        try {
            return Math.addExact(Math.addExact(size, before), after);
        } catch (ArithmeticException e) {
            throw new ShapeException("[pad] expected a padded size below 2^63, got size " + size + " with " + before
                    + " before and " + after + " after");
        }
    }

    /** The size of each dimension after padding. */
    private static Shape padded(Shape shape, long[] pads) {
        long[] sizes = shape.toArray();
        for (int i = 0; i < pads.length / 2; i++) {
            int d = sizes.length - 1 - i;
            long size = sum(sizes[d], pads[2 * i], pads[2 * i + 1]);
            Checks.shape(
                    size >= 0 && sizes[d] + Math.min(0, pads[2 * i]) >= 0,
                    "pad",
                    "expected a size >= 0 in dimension " + d + " of shape " + shape + ", got " + size + " with "
                            + Arrays.toString(pads));
            sizes[d] = size;
        }
        return Shape.of(sizes);
    }

    /** Pads the last dimensions by a value; numbers come in pairs, those of the last dimension first; negative ones cut. */
    public static Tensor constant(Tensor t, long[] pads, Scalar value) {
        long[] p = checked(t, pads);
        Shape shape = padded(t.shape(), p);
        Tensor result = Creation.full(shape, value, t.dtype(), t.device());
        Operand in = Access.operand(t);
        long[] cuts = new long[p.length];
        for (int i = 0; i < p.length; i++) {
            cuts[i] = Math.max(0, -p[i]);
        }
        Operand out = Access.operand(result);
        Operand target = out.with(inner(out.layout(), p));
        if (target.layout().numel() > 0) {
            Copies.raw(target, in.with(inner(in.layout(), cuts)));
        }
        long[] back = new long[p.length];
        Arrays.setAll(back, i -> -p[i]);
        return Tape.attach("ConstantPadNdBackward0", result, t, g -> constant(g, back, Scalar.of(0L)));
    }

    /** Pads by the tensor's own elements: {@code reflect}, {@code replicate} or {@code circular}. */
    public static Tensor mode(Tensor t, long[] pads, String mode) {
        for (Mode m : Mode.values()) {
            if (m.name().equalsIgnoreCase(mode)) {
                return around(t, checked(t, pads), m);
            }
        }
        if (mode.equals("constant")) {
            return constant(t, pads, Scalar.of(0L));
        }
        throw new dev.jangada.ArgumentException(
                "[pad] expected the mode constant, reflect, replicate or circular, got '" + mode + "'");
    }

    private static Tensor around(Tensor t, long[] pads, Mode mode) {
        int count = pads.length / 2;
        Checks.shape(
                t.dim() == count + 1 || t.dim() == count + 2,
                "pad",
                "expected numbers for all dimensions but the first one or two of shape " + t.shape() + ", got "
                        + Arrays.toString(pads));
        Shape shape = padded(t.shape(), pads);
        Tensor[] places = new Tensor[count];
        Tensor out = t;
        for (int i = 0; i < count; i++) {
            int d = t.dim() - 1 - i;
            checkReach(t.size(d), pads[2 * i], pads[2 * i + 1], mode, d);
            places[i] = Creation.empty(Shape.of(shape.size(d)), DType.INT64, t.device());
            Executor.current()
                    .map(PLACES[mode.ordinal()], new Operand[] {Access.operand(places[i])}, new Operand[0], new long[] {
                        pads[2 * i], t.size(d) - 1
                    });
        }
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            for (int i = 0; i < count; i++) {
                out = Indexing.indexSelect("", out, t.dim() - 1 - i, places[i]);
            }
            out = scope.keep(out == t ? t.clone() : out);
        }
        Tensor[] inputs = new Tensor[1 + count];
        inputs[0] = t;
        System.arraycopy(places, 0, inputs, 1, count);
        long[] sizes = t.shape().toArray();
        String node = mode.node + "Pad" + count + "DBackward0";
        return Tape.attach(node, out, inputs, places, (g, s, needed) -> {
            Tensor grad = g[0];
            for (int i = count - 1; i >= 0; i--) {
                int d = sizes.length - 1 - i;
                Tensor zeros =
                        Creation.full(grad.shape().with(d, sizes[d]), Scalar.of(0L), grad.dtype(), grad.device());
                grad = Indexing.indexAdd(zeros, d, s[i], grad, Scalar.of(1L), false);
            }
            Tensor[] all = new Tensor[1 + count];
            all[0] = grad;
            return all;
        });
    }

    private static void checkReach(long size, long before, long after, Mode mode, int d) {
        long reach = Math.max(before, after);
        boolean ok = switch (mode) {
            case REFLECT -> reach < size;
            case REPLICATE -> size > 0;
            case CIRCULAR -> reach <= size;
        };
        Checks.shape(
                ok && before >= -size && after >= -size,
                "pad",
                "expected padding that dimension " + d + " of size " + size + " can give, got " + before + " and "
                        + after);
    }

    /** The part of a layout that lies within positive numbers on both ends of the last dimensions, the last one first. */
    private static Layout inner(Layout whole, long[] pads) {
        Layout l = whole;
        for (int i = 0; i < pads.length / 2; i++) {
            int d = whole.rank() - 1 - i;
            long before = Math.max(0, pads[2 * i]);
            long after = Math.max(0, pads[2 * i + 1]);
            l = l.slice(d, before, l.size(d) - before - after, 1);
        }
        return l;
    }
}
