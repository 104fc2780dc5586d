package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;

/**
 * What pooling does to small {@link Windows}: element-wise kernels over strided views, one per tap, several taps per kernel. None is recorded.
 *
 * <p>A reduction over dimensions of two or three elements would spend its time on the loop around them.
 */
final class Taps {
    /** How many taps one kernel reads. */
    private static final int STEP = 8;

    private static final DType NUMBER = DType.INT32;
    private static final DType SCALAR = DType.INT64;

    /** What a kernel computes of several taps; FIRST kernels start, NEXT ones go on with what came before. */
    private enum Kind {
        FIRST_LARGEST,
        NEXT_LARGEST,
        FIRST_PICK,
        NEXT_PICK,
        FIRST_SUM,
        NEXT_SUM,
        PLACE,
        ADD_PLACE
    }

    private record Key(Kind kind, DType type, int taps) {}

    private static final Map<Key, MapKernel> KERNELS = new ConcurrentHashMap<>();

    private Taps() {}

    private static MapKernel kernel(Kind kind, DType type, int taps) {
        return KERNELS.computeIfAbsent(new Key(kind, type, taps), Taps::build);
    }

    private static MapKernel build(Key key) {
        return switch (key.kind) {
            case FIRST_LARGEST -> largest(key, true);
            case NEXT_LARGEST -> largest(key, false);
            case FIRST_PICK -> pick(key, true);
            case NEXT_PICK -> pick(key, false);
            case FIRST_SUM -> sum(key, true);
            case NEXT_SUM -> sum(key, false);
            case PLACE -> place(key, true);
            case ADD_PLACE -> place(key, false);
        };
    }

    /** Inputs value and number so far, then taps; the first of equal values wins, and the last NaN, as in PyTorch. */
    private static MapKernel largest(Key key, boolean first) {
        DType type = key.type;
        DType c = type.compute();
        List<DType> inputs = new ArrayList<>(first ? List.of() : List.of(type, NUMBER));
        int lead = inputs.size();
        Expr value = first
                ? Expr.constant(Double.NEGATIVE_INFINITY, c)
                : Expr.input(0, type).cast(c);
        Expr number = first ? Expr.constant(0L, SCALAR) : Expr.input(1, NUMBER).cast(SCALAR);
        for (int i = 0; i < key.taps; i++) {
            inputs.add(type);
            Expr x = Expr.input(lead + i, type).cast(c);
            Expr wins = x.gt(value).or(x.ne(x));
            value = Expr.select(wins, x, value);
            number = Expr.select(wins, number(i), number);
        }
        return new MapKernel("maxPool", Program.of(inputs, List.of(SCALAR), value.cast(type), number.cast(NUMBER)));
    }

    /** The number of the kernel's tap i, when the number of its first one is a scalar. */
    private static Expr number(int i) {
        Expr first = Expr.scalar(0, SCALAR);
        return i == 0 ? first : first.add(Expr.constant((long) i, SCALAR));
    }

    /** Inputs numbers, the result so far, then taps. */
    private static MapKernel pick(Key key, boolean first) {
        DType type = key.type;
        DType c = type.compute();
        List<DType> inputs = new ArrayList<>(first ? List.of(NUMBER) : List.of(NUMBER, type));
        int lead = inputs.size();
        Expr number = Expr.input(0, NUMBER).cast(SCALAR);
        Expr y = first ? Expr.constant(0.0, c) : Expr.input(1, type).cast(c);
        for (int i = 0; i < key.taps; i++) {
            inputs.add(type);
            y = Expr.select(number.eq(number(i)), Expr.input(lead + i, type).cast(c), y);
        }
        return new MapKernel("pick", Program.of(inputs, List.of(SCALAR), y.cast(type)));
    }

    /** Inputs the sum so far, of the computing type, then taps. */
    private static MapKernel sum(Key key, boolean first) {
        DType c = key.type.compute();
        List<DType> inputs = new ArrayList<>(first ? List.of() : List.of(c));
        int lead = inputs.size();
        Expr y = first ? null : Expr.input(0, c);
        for (int i = 0; i < key.taps; i++) {
            inputs.add(key.type);
            Expr x = Expr.input(lead + i, key.type).cast(c);
            y = y == null ? x : y.add(x);
        }
        return new MapKernel("sumPool", Program.of(inputs, List.of(), y));
    }

    /** Inputs gradient and numbers; one output per tap. If not alone, the output so far is a further input, of the computing type. */
    private static MapKernel place(Key key, boolean alone) {
        DType type = key.type;
        DType c = type.compute();
        Expr number = Expr.input(1, NUMBER).cast(SCALAR);
        Expr[] outs = new Expr[key.taps];
        for (int i = 0; i < outs.length; i++) {
            Expr x = Expr.select(number.eq(number(i)), Expr.input(0, type).cast(c), Expr.constant(0.0, c));
            outs[i] = alone ? x.cast(type) : Expr.input(2, c).add(x);
        }
        List<DType> inputs = alone ? List.of(type, NUMBER) : List.of(type, NUMBER, c);
        return new MapKernel("unpool", Program.of(inputs, List.of(SCALAR), outs));
    }

    /** Runs a kernel of {@code head} and several taps for all taps. */
    private static void forAll(
            Windows w,
            Operand padded,
            long[] counts,
            DType type,
            Kind first,
            Kind next,
            Operand[] outs,
            IntFunction<Operand[]> head,
            boolean numbered) {
        Layout all = w.all(padded.layout(), counts);
        int taps = w.taps();
        for (int from = 0; from < taps; from += STEP) {
            int n = Math.min(STEP, taps - from);
            Operand[] lead = head.apply(from);
            Operand[] ins = java.util.Arrays.copyOf(lead, lead.length + n);
            for (int i = 0; i < n; i++) {
                ins[lead.length + i] = padded.with(w.tap(all, from + i));
            }
            Executor.current()
                    .map(
                            kernel(from == 0 ? first : next, type, n),
                            outs,
                            ins,
                            numbered ? new long[] {from} : new long[0]);
        }
    }

    /** The largest element of each window, and its tap (int32). */
    static Tensor[] largest(Windows w, Tensor x) {
        long[] counts = w.counts(x.shape());
        Shape shape = w.with(x.shape(), counts);
        Tensor value = Creation.empty(shape, x.dtype(), x.device());
        Tensor number = Creation.empty(shape, NUMBER, x.device());
        Operand[] outs = {Access.operand(value), Access.operand(number)};
        Operand[] none = {};
        Operand padded = Access.operand(w.pad(x, Double.NEGATIVE_INFINITY));
        forAll(
                w,
                padded,
                counts,
                x.dtype(),
                Kind.FIRST_LARGEST,
                Kind.NEXT_LARGEST,
                outs,
                i -> i == 0 ? none : outs,
                true);
        return new Tensor[] {value, number};
    }

    /** The element of each window at a tap. */
    static Tensor pick(Windows w, Tensor x, Tensor numbers) {
        long[] counts = w.counts(x.shape());
        Tensor y = Creation.empty(numbers.shape(), x.dtype(), x.device());
        Operand out = Access.operand(y);
        Operand at = Access.operand(numbers);
        Operand padded = Access.operand(w.pad(x, 0));
        forAll(
                w,
                padded,
                counts,
                x.dtype(),
                Kind.FIRST_PICK,
                Kind.NEXT_PICK,
                new Operand[] {out},
                i -> i == 0 ? new Operand[] {at} : new Operand[] {at, out},
                true);
        return y;
    }

    /** The sum of each window, in the computing type. */
    static Tensor sum(Windows w, Tensor x) {
        long[] counts = w.counts(x.shape());
        Tensor y = Creation.empty(w.with(x.shape(), counts), x.dtype().compute(), x.device());
        Operand[] outs = {Access.operand(y)};
        Operand[] none = {};
        Operand padded = Access.operand(w.pad(x, 0));
        forAll(w, padded, counts, x.dtype(), Kind.FIRST_SUM, Kind.NEXT_SUM, outs, i -> i == 0 ? none : outs, false);
        return y;
    }

    /** Adds operands of one type to a sum of the computing type, in place and in order. */
    static void addTo(Operand sum, Operand[] terms) {
        for (int from = 0; from < terms.length; from += STEP) {
            int n = Math.min(STEP, terms.length - from);
            Operand[] ins = new Operand[1 + n];
            ins[0] = sum;
            System.arraycopy(terms, from, ins, 1, n);
            MapKernel kernel = kernel(Kind.NEXT_SUM, terms[0].dtype(), n);
            Executor.current().map(kernel, new Operand[] {sum}, ins, new long[0]);
        }
    }

    /** Adds each element to the place of its window's tap, in a tensor of zeros of a shape. */
    static Tensor place(Windows w, Tensor g, Tensor numbers, Shape shape) {
        DType type = w.isDisjoint() ? g.dtype() : g.dtype().compute();
        Shape whole = w.padded(shape);
        Tensor out =
                w.tiles(shape) ? Creation.empty(whole, type, g.device()) : Creation.full(whole, 0.0, type, g.device());
        Operand target = Access.operand(out);
        Layout all = w.all(target.layout(), w.counts(shape));
        Operand grad = Access.operand(g);
        Operand at = Access.operand(numbers);
        int taps = w.taps();
        int step = w.isDisjoint() ? STEP : 1;
        for (int from = 0; from < taps; from += step) {
            Operand[] outs = new Operand[Math.min(step, taps - from)];
            for (int i = 0; i < outs.length; i++) {
                outs[i] = target.with(w.tap(all, from + i));
            }
            Operand[] ins = w.isDisjoint() ? new Operand[] {grad, at} : new Operand[] {grad, at, outs[0]};
            Executor.current()
                    .map(
                            kernel(w.isDisjoint() ? Kind.PLACE : Kind.ADD_PLACE, g.dtype(), outs.length),
                            outs,
                            ins,
                            new long[] {from});
        }
        return w.cut(out, shape, g.dtype());
    }
}
