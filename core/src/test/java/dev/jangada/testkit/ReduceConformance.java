package dev.jangada.testkit;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Layout;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ReduceOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reductions. */
public abstract class ReduceConformance extends Conformance {
    private static final double LARGEST = 3;

    /** Creates the tests. */
    protected ReduceConformance() {}

    private static Action reduce(ReduceKernel kernel, int outs, long... scalars) {
        return (b, o) -> b.reduce(kernel, Arrays.copyOf(o, outs), Arrays.copyOfRange(o, outs, o.length), scalars);
    }

    private static Shape reduced(Shape in, int subset) {
        long[] sizes = in.toArray();
        for (int d = 0; d < sizes.length; d++) {
            sizes[d] = (subset >> d & 1) != 0 ? 1 : sizes[d];
        }
        return Shape.of(sizes);
    }

    private static boolean isLogical(ReduceOp op) {
        return op == ReduceOp.ANY || op == ReduceOp.ALL;
    }

    private static boolean isSum(ReduceOp op) {
        return op == ReduceOp.SUM || op == ReduceOp.PROD || op == ReduceOp.VARIANCE;
    }

    /** The kernel that reduces one operand of a type. */
    private static ReduceKernel plain(ReduceOp op, DType type) {
        Expr x = Expr.input(0, type);
        Expr value = isLogical(op) ? x.cast(DType.BOOL) : type.isHalf() ? x.cast(DType.FLOAT32) : x;
        Program program = Program.of(List.of(type), List.of(), value);
        boolean number = op == ReduceOp.ARGMAX || op == ReduceOp.ARGMIN;
        DType out = number ? DType.INT64 : isLogical(op) ? DType.BOOL : type;
        return ReduceKernel.of(op + " " + type, op, program, out);
    }

    private static Tolerance tolerance(ReduceOp op, DType type, long n) {
        if (!type.isFloatingPoint() || !isSum(op)) {
            return Tolerance.EQUAL;
        }
        Tolerance sum = Tolerance.sum(n, LARGEST, type);
        double relative = (n + 16) * (type == DType.FLOAT64 ? 0x1p-53 : 0x1p-24);
        return op == ReduceOp.SUM
                ? sum
                : new Tolerance(sum.ulps(), relative, op == ReduceOp.PROD ? 1e-30 : sum.absolute(), false);
    }

    /** Every combination on every type over every subset of the dimensions. */
    @ParameterizedTest
    @EnumSource(ReduceOp.class)
    void everyCombination(ReduceOp op) {
        List<DType> types = Arrays.stream(DType.values())
                .filter(t -> op != ReduceOp.VARIANCE || t.isFloatingPoint())
                .toList();
        for (int t = 0; t < types.size(); t++) {
            DType type = types.get(t);
            if (!isTried(op, type, t, types.size())) {
                continue;
            }
            ReduceKernel kernel = plain(op, type);
            boolean full = inFull(op, t, types.size());
            for (int rank = full ? 0 : 2; rank <= (full ? 4 : 2); rank++) {
                Random random = new Random(rank * 100L + type.ordinal());
                Shape shape = Samples.shape(random, rank);
                for (int subset = 0; subset < 1 << rank; subset++) {
                    for (Samples.Content content : contents(op, type)) {
                        checkPlain(kernel, op, type, shape, subset, content, random);
                    }
                }
            }
        }
    }

    private static List<Samples.Content> contents(ReduceOp op, DType type) {
        if (isSum(op) && type.isFloatingPoint()) {
            return List.of(op == ReduceOp.PROD ? Samples.Content.NEAR_ONE : Samples.Content.MODERATE);
        }
        return isSum(op) ? List.of(Samples.Content.ANY) : List.of(Samples.Content.ANY, Samples.Content.TIES);
    }

    private void checkPlain(
            ReduceKernel kernel,
            ReduceOp op,
            DType type,
            Shape shape,
            int subset,
            Samples.Content content,
            Random random) {
        Shape small = reduced(shape, subset);
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < op.results(); i++) {
            DType out = kernel.epilogue().outputType(i);
            images.add(Samples.image(random, out, Samples.distinct(random, small), Samples.Content.ANY));
        }
        images.add(Samples.image(random, type, Samples.readable(random, shape), content));
        long n = shape.numel() / Math.max(1, small.numel());
        String what = kernel.name() + " of " + shape + " to " + small + " " + content;
        check(what, op.results(), tolerance(op, type, n), images, reduce(kernel, op.results()));
    }

    /** Long rows, long columns, and all of a large operand. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"INT32", "FLOAT16", "FLOAT32", "FLOAT64"})
    void largeReductions(DType type) {
        long[][] shapes = {{1, 50_000}, {50_000, 1}, {4, 9001}, {9001, 4}, {33, 1023}, {3, 4098, 2}};
        List<ReduceOp> ops = chooses() && type != DType.FLOAT32
                ? List.of(ReduceOp.SUM)
                : List.of(ReduceOp.SUM, ReduceOp.MAX, ReduceOp.ARGMIN, ReduceOp.VARIANCE);
        for (ReduceOp op : ops) {
            for (long[] sizes : shapes) {
                int all = (1 << sizes.length) - 1;
                Random random = new Random(sizes[0]);
                if (op == ReduceOp.VARIANCE && !type.isFloatingPoint()) {
                    continue;
                }
                for (int subset : new int[] {1, 2, all}) {
                    Samples.Content content = Samples.Content.MODERATE;
                    checkPlain(plain(op, type), op, type, Shape.of(sizes), subset, content, random);
                }
            }
        }
    }

    /** Nothing to reduce gives the neutral element, and nothing to fill is allowed. */
    @Test
    void emptyOperands() {
        Random random = new Random(5);
        for (ReduceOp op : ReduceOp.values()) {
            boolean needsOne = switch (op) {
                case MAX, MIN, ARGMAX, ARGMIN -> true;
                case SUM, PROD, ANY, ALL, VARIANCE -> false;
            };
            for (DType type : List.of(DType.BOOL, DType.INT16, DType.FLOAT16, DType.FLOAT32, DType.FLOAT64)) {
                boolean tried = isTried(op, type, type.ordinal(), DType.values().length);
                if (tried && (op != ReduceOp.VARIANCE || type.isFloatingPoint())) {
                    ReduceKernel kernel = plain(op, type);
                    Samples.Content any = Samples.Content.ANY;
                    checkPlain(kernel, op, type, Shape.of(0, 3), 2, any, random);
                    checkPlain(kernel, op, type, Shape.of(5, 0, 2), 1, any, random);
                    if (!needsOne) {
                        checkPlain(kernel, op, type, Shape.of(0), 1, any, random);
                        checkPlain(kernel, op, type, Shape.of(3, 0, 2), 2, any, random);
                        checkPlain(kernel, op, type, Shape.of(3, 0), 3, any, random);
                    }
                }
            }
        }
    }

    /** NaN and infinities reach the sum, wherever they stand. */
    @Test
    void specialValuesInSums() {
        for (DType type : List.of(DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64)) {
            for (ReduceOp op : List.of(ReduceOp.SUM, ReduceOp.PROD, ReduceOp.MAX, ReduceOp.ARGMIN)) {
                for (int at : new int[] {0, 15, 700, 1022}) {
                    for (double special :
                            new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
                        Random random = new Random(at);
                        ReduceKernel kernel = plain(op, type);
                        Layout layout = Layout.contiguous(Shape.of(1023));
                        Image in = Samples.image(random, type, layout, Samples.Content.NEAR_ONE);
                        in.put(at, special);
                        Image out = Image.of(kernel.epilogue().outputType(0), Layout.contiguous(Shape.of(1)), 1);
                        String what = kernel.name() + " with " + special + " at " + at;
                        check(what, 1, tolerance(op, type, 1023), List.of(out, in), reduce(kernel, 1));
                    }
                }
            }
        }
    }

    /** A variance far from zero: squares would cancel, Welford's algorithm does not. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64"})
    void varianceFarFromZero(DType type) {
        Expr x = Expr.input(0, type).add(1000);
        Program value = Program.of(List.of(type), List.of(), x);
        Program parts = Program.of(List.of(type, type), List.of(), Expr.input(0, type), Expr.input(1, type));
        ReduceKernel kernel = new ReduceKernel("variance", ReduceOp.VARIANCE, value, parts);
        for (Shape shape : List.of(Shape.of(7, 1023), Shape.of(1, 4098), Shape.of(2, 3), Shape.of(1, 1))) {
            Random random = new Random(shape.numel());
            Layout out = Layout.contiguous(shape.with(1, 1));
            List<Image> images = List.of(
                    Image.of(type, out, 1),
                    Image.of(type, out, 1),
                    Samples.image(random, type, Layout.contiguous(shape), Samples.Content.MODERATE));
            double epsilon = type == DType.FLOAT64 ? 1e-11 : 2e-3;
            check("variance of " + shape, 2, Tolerance.of(epsilon, epsilon), images, reduce(kernel, 2));
        }
    }

    /** A program of several operands in front, an epilogue of several outputs behind, scalars and the index in both. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT16", "BFLOAT16", "FLOAT32", "FLOAT64"})
    void fusedPrograms(DType type) {
        DType wide = type.compute();
        List<DType> scalars = List.of(wide);
        Expr scale = Expr.scalar(0, wide);
        Expr index = Expr.index().cast(wide);
        Expr product = Expr.input(0, type).mul(Expr.input(1, type)).mul(scale).add(index.mul(1e-3));
        Program value = Program.of(List.of(type, type), scalars, product);
        Expr sum = Expr.input(0, wide);
        Program epilogue = Program.of(
                List.of(wide),
                scalars,
                sum.div(scale).cast(type),
                sum.mul(0.25).add(index).cast(DType.FLOAT64));
        ReduceKernel kernel = new ReduceKernel("fused", ReduceOp.SUM, value, epilogue);
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            Shape shape = Samples.shape(random, 1 + random.nextInt(4));
            Shape out = reduced(shape, random.nextInt(1 << shape.rank()));
            List<Image> images = List.of(
                    Image.of(type, Samples.distinct(random, out), 1),
                    Image.of(DType.FLOAT64, Samples.distinct(random, out), 1),
                    Samples.image(random, type, Samples.readable(random, shape), Samples.Content.MODERATE),
                    Samples.image(random, type, Samples.readable(random, shape), Samples.Content.MODERATE));
            long n = shape.numel() / out.numel();
            double magnitude = 2 * LARGEST * LARGEST + shape.numel() * 1e-3;
            Tolerance near = Tolerance.sum(n, magnitude, type);
            long bits = Double.doubleToRawLongBits(0.5 + seed / 8.0);
            Tolerance both = new Tolerance(1, 1e-6, near.absolute() * 2, false);
            check("fused " + type + " seed " + seed, 2, both, images, reduce(kernel, 2, bits));
        }
    }

    /** A zero among integer divisors is an exception here too. */
    @Test
    void integerDivisionByZero() {
        DType type = DType.INT32;
        Expr quotient = Expr.input(0, type).binary(Op.DIV, Expr.input(1, type));
        Program program = Program.of(List.of(type, type), List.of(), quotient);
        ReduceKernel kernel = ReduceKernel.of("quotients", ReduceOp.SUM, program, type);
        Layout layout = Layout.contiguous(Shape.of(257));
        Image divisor = Samples.image(new Random(1), type, layout, Samples.Content.POSITIVE);
        divisor.put(200, 0L);
        List<Image> images = List.of(
                Image.of(type, Layout.contiguous(Shape.of(1)), 0),
                Samples.image(new Random(2), type, layout, Samples.Content.ANY),
                divisor);
        checkFailure("division", ArgumentException.class, false, images, reduce(kernel, 1));
    }

    /** The number of threads changes no bit. */
    @Test
    void threadsChangeNothing() {
        for (ReduceOp op : List.of(ReduceOp.SUM, ReduceOp.PROD, ReduceOp.ARGMAX, ReduceOp.VARIANCE)) {
            for (Shape shape :
                    List.of(Shape.of(1, 100_003), Shape.of(200, 515), Shape.of(515, 200), Shape.of(70_000, 1))) {
                for (int subset = 1; subset < 4; subset++) {
                    ReduceKernel kernel = plain(op, DType.FLOAT32);
                    List<Image> images = new ArrayList<>();
                    for (int i = 0; i < op.results(); i++) {
                        Layout out = Layout.contiguous(reduced(shape, subset));
                        images.add(Image.of(kernel.epilogue().outputType(i), out, 0));
                    }
                    Layout in = Layout.contiguous(shape);
                    images.add(Samples.image(new Random(7), DType.FLOAT32, in, Samples.Content.NEAR_ONE));
                    String what = kernel.name() + " of " + shape + " subset " + subset;
                    checkThreads(what, op.results(), images, reduce(kernel, op.results()));
                }
            }
        }
    }
}
