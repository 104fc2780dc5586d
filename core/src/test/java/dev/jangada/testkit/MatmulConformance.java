package dev.jangada.testkit;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Matrix products. */
public abstract class MatmulConformance extends Conformance {
    private static final double LARGEST = 3;
    private static final int[][] SIZES = {
        {1, 1, 1, 1}, {1, 7, 5, 3}, {1, 33, 31, 17}, {1, 64, 48, 32}, {1, 1, 65, 70}, {1, 65, 1, 70}, {1, 65, 70, 1},
        {1, 130, 3, 257}, {2, 7, 9, 8}, {3, 16, 16, 16}, {5, 1, 4, 33}, {4, 31, 2, 0}, {3, 0, 5, 4}, {2, 4, 0, 3},
        {0, 3, 4, 5}, {1, 100, 90, 110}, {1, 40, 501, 64}, {2, 130, 20, 64}
    };

    /** Creates the tests. */
    protected MatmulConformance() {}

    private static Action matmul(double alpha, double beta) {
        return (b, o) -> b.matmul(o[0], o[1], o[2], alpha, beta);
    }

    private static Tolerance tolerance(DType type, long k, double alpha, double beta) {
        if (!type.isFloatingPoint()) {
            return Tolerance.EXACT;
        }
        double magnitude = LARGEST * LARGEST * Math.abs(alpha) + LARGEST * Math.abs(beta);
        return Tolerance.sum(k, magnitude, type);
    }

    /** An output: contiguous matrices, with gaps between those of a batch. */
    private static Layout output(Random random, Shape shape) {
        long step = shape.size(1) * shape.size(2) + (random.nextBoolean() ? random.nextInt(9) : 0);
        return Layout.of(shape, new long[] {step, shape.size(2), 1}, random.nextInt(20));
    }

    private static Image factor(Random random, DType type, Shape shape) {
        Samples.Content content = type.isFloatingPoint() ? Samples.Content.MODERATE : Samples.Content.ANY;
        return Samples.image(random, type, factorLayout(random, shape), content);
    }

    /** A factor: rows or columns contiguous, with room behind each, any strides at times; a batch of one matrix at times. */
    private static Layout factorLayout(Random random, Shape shape) {
        if (random.nextInt(4) == 0) {
            return Samples.readable(random, shape);
        }
        boolean transposed = random.nextBoolean();
        long inner = transposed ? shape.size(1) : shape.size(2);
        long outer = transposed ? shape.size(2) : shape.size(1);
        long lead = Math.max(1, inner) + (random.nextBoolean() ? random.nextInt(9) : 0);
        long batch = random.nextInt(3) == 0 ? 0 : lead * outer + random.nextInt(9);
        long[] strides = transposed ? new long[] {batch, 1, lead} : new long[] {batch, lead, 1};
        return Layout.of(shape, strides, random.nextInt(20));
    }

    private List<Image> images(Random random, DType type, int[] s, Samples.Content old) {
        Shape out = Shape.of(s[0], s[1], s[2]);
        return List.of(
                Samples.image(random, type, output(random, out), old),
                factor(random, type, Shape.of(s[0], s[1], s[3])),
                factor(random, type, Shape.of(s[0], s[3], s[2])));
    }

    private static String text(int[] s) {
        return s[0] + " x [" + s[1] + ", " + s[3] + "] @ [" + s[3] + ", " + s[2] + "]";
    }

    /** Every type in all sizes, layouts and batches; with beta 0 the old content, NaN at times, is not read. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void everyType(DType type) {
        for (int[] sizes : SIZES) {
            for (int seed = 0; seed < (chooses() ? 3 : 8); seed++) {
                Random random = new Random(seed);
                List<Image> images = images(random, type, sizes, Samples.Content.ANY);
                String what = "matmul " + type + " " + text(sizes) + " seed " + seed + " a "
                        + images.get(1).layout() + " b " + images.get(2).layout();
                check(what, 1, tolerance(type, sizes[3], 1, 0), images, matmul(1, 0));
            }
        }
    }

    /** Scaled products, added to what was there. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void alphaAndBeta(DType type) {
        double[][] factors = {{1, 1}, {2, 0}, {-1, 1}, {3, -2}, {0, 1}, {0, 0}, {0.5, 0.25}, {1, 2.5}};
        for (double[] f : factors) {
            boolean whole = f[0] == Math.rint(f[0]) && f[1] == Math.rint(f[1]);
            boolean zeroOne = (f[0] == 0 || f[0] == 1) && (f[1] == 0 || f[1] == 1);
            if (type == DType.BOOL ? !zeroOne : !type.isFloatingPoint() && !whole) {
                continue;
            }
            for (int[] sizes : SIZES) {
                Random random = new Random(Arrays.hashCode(f));
                List<Image> images = images(random, type, sizes, Samples.Content.MODERATE);
                String what = "matmul " + type + " " + text(sizes) + " alpha " + f[0] + " beta " + f[1];
                check(what, 1, tolerance(type, sizes[3], f[0], f[1]), images, matmul(f[0], f[1]));
            }
        }
    }

    /** NaN and infinities in a factor reach the product, times zero too. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT16", "BFLOAT16", "FLOAT32", "FLOAT64"})
    void specialValues(DType type) {
        for (double special : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            for (int[] sizes : SIZES) {
                if (sizes[0] * sizes[1] * sizes[2] * sizes[3] > 0) {
                    Random random = new Random(3);
                    List<Image> images = images(random, type, sizes, Samples.Content.ANY);
                    int[] a = images.get(1).positions();
                    int[] b = images.get(2).positions();
                    images.get(1).put(a[random.nextInt(a.length)], special);
                    images.get(2).put(b[random.nextInt(b.length)], 0.0);
                    String what = "matmul " + type + " " + text(sizes) + " with " + special;
                    check(what, 1, tolerance(type, sizes[3], 1, 0), images, matmul(1, 0));
                }
            }
        }
    }

    /** A product with an element-wise kernel behind it: bias, activation, another operand, scalar and index. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"INT32", "INT64", "FLOAT16", "BFLOAT16", "FLOAT32", "FLOAT64"})
    void epilogues(DType type) {
        DType wide = type.compute();
        DType scalar = type.isFloatingPoint() ? wide : DType.INT64;
        Expr product = Expr.input(0, type);
        Expr biased = product.add(Expr.input(1, type));
        Expr even = Expr.index().binary(Op.AND, Expr.constant(1, DType.INT64)).eq(0);
        Expr y = Expr.select(
                even, biased.max(0), biased.mul(Expr.scalar(0, scalar).cast(wide)));
        Expr z = y.sub(Expr.input(2, type)).cast(type);
        Program program = Program.of(List.of(type, type, type), List.of(scalar), z);
        MapKernel kernel = new MapKernel("bias", program);
        for (int[] s : SIZES) {
            Random random = new Random(s[1]);
            List<Image> images = new ArrayList<>(images(random, type, s, Samples.Content.ANY));
            Shape out = Shape.of(s[0], s[1], s[2]);
            Layout bias = Layout.contiguous(Shape.of(s[2])).expand(out);
            images.add(Samples.image(random, type, bias, Samples.Content.MODERATE));
            images.add(Samples.image(random, type, Samples.readable(random, out), Samples.Content.MODERATE));
            long two = type.isFloatingPoint() ? Double.doubleToRawLongBits(2) : 2;
            Tolerance sum = tolerance(type, s[3], 4, 4);
            Tolerance near = type.isHalf() ? halves(type, s[3]) : sum;
            check("epilogue " + type + " " + text(s), 1, near, images, (b, o) -> {
                Operand[] extra = {o[3], o[4]};
                b.matmul(
                        new Operand[] {o[0]},
                        o[1],
                        o[2],
                        0.5 + (type.isFloatingPoint() ? 0 : 0.5),
                        kernel,
                        extra,
                        new long[] {two});
            });
        }
    }

    /** Several results of several types, one of them written over a further input; the product is stored or not. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"INT32", "INT64", "FLOAT16", "FLOAT32", "FLOAT64"})
    void severalOutputs(DType type) {
        DType other = !type.isFloatingPoint() ? DType.INT16 : type == DType.FLOAT64 ? DType.FLOAT32 : DType.FLOAT64;
        Expr product = Expr.input(0, type);
        Expr sum = product.add(Expr.input(1, type));
        Expr state = Expr.input(2, type).add(product).cast(type);
        Expr odd = Expr.index().binary(Op.AND, Expr.constant(1, DType.INT64)).eq(1);
        Expr[][] kinds = {
            {state, sum.cast(other)},
            {state, product.neg(), product},
            {state, Expr.select(odd, sum, product).cast(other)}
        };
        for (int kind = 0; kind < kinds.length; kind++) {
            if (chooses() && type != DType.FLOAT32 && kind != type.ordinal() % kinds.length) {
                continue;
            }
            Expr[] results = kinds[kind];
            Program program = Program.of(List.of(type, type, type), List.of(), results);
            MapKernel kernel = new MapKernel("results", program);
            for (int[] s : SIZES) {
                Random random = new Random(s[2]);
                Shape out = Shape.of(s[0], s[1], s[2]);
                List<Image> images = new ArrayList<>();
                for (Expr result : results) {
                    images.add(Samples.image(random, result.type(), output(random, out), Samples.Content.MODERATE));
                }
                images.add(factor(random, type, Shape.of(s[0], s[1], s[3])));
                images.add(factor(random, type, Shape.of(s[0], s[3], s[2])));
                images.add(Samples.image(random, type, Samples.readable(random, out), Samples.Content.MODERATE));
                Tolerance near = type.isHalf() ? halves(type, s[3]) : tolerance(type, s[3], 4, 4);
                int n = results.length;
                check("outputs " + type + " " + text(s), n, near, images, (b, o) -> {
                    Operand[] extra = {o[n + 2], o[0]};
                    b.matmul(Arrays.copyOf(o, n), o[n], o[n + 1], 1, kernel, extra, new long[0]);
                });
            }
        }
    }

    /** The product itself is rounded to 16 bits, so a last bit of the largest possible one may differ. */
    private static Tolerance halves(DType type, int k) {
        double largest = LARGEST * LARGEST * Math.sqrt(k + 1.0) + LARGEST;
        return new Tolerance(1, 0, 4 * Tolerance.ulp(largest, type), false);
    }

    /** Samples drawn behind a product are those of the same numbers of elements, in tiles and pieces of any width. */
    @Test
    void samples() {
        DType type = DType.FLOAT32;
        Expr draw = Expr.random(Expr.constant(7, DType.INT64), Expr.scalar(0, DType.INT64), Expr.index())
                .binary(Op.SHR, Expr.constant(8, DType.INT64))
                .cast(type)
                .mul(0x1p-24);
        Expr wide = Expr.input(0, type).mul(0).add(draw).add(Expr.input(1, type)); // whatever the product is
        Program program = Program.of(List.of(type, type), List.of(DType.INT64), wide, wide.lt(0.5));
        MapKernel kernel = new MapKernel("sample", program);
        for (int[] s : SIZES) {
            Random random = new Random(s[2]);
            Shape out = Shape.of(s[0], s[1], s[2]);
            List<Image> images = List.of(
                    Samples.image(random, type, output(random, out), Samples.Content.MODERATE),
                    Samples.image(random, DType.BOOL, output(random, out), Samples.Content.MODERATE),
                    factor(random, type, Shape.of(s[0], s[1], s[3])),
                    factor(random, type, Shape.of(s[0], s[3], s[2])),
                    Samples.image(random, type, Layout.of(out, new long[] {0, 1, 0}, 0), Samples.Content.MODERATE));
            Action action = (b, o) -> {
                Operand[] extra = {o[4]};
                b.matmul(Arrays.copyOf(o, 2), o[2], o[3], 1, kernel, extra, new long[] {5});
            };
            check("samples " + text(s), 0, Tolerance.EXACT, images, action);
            checkThreads("samples " + text(s), 0, images, action);
        }
    }

    /** The number of threads changes no bit, for the sizes at which a backend may choose other ways. */
    @Test
    void threadsChangeNothing() {
        int[][] sizes = {
            {1, 1, 512, 784},
            {1, 64, 512, 784},
            {1, 784, 512, 64},
            {1, 513, 7, 100},
            {9, 33, 31, 40},
            {1, 300, 257, 200}
        };
        for (DType type : List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.INT32)) {
            for (int[] s : sizes) {
                List<Image> images = images(new Random(s[1]), type, s, Samples.Content.MODERATE);
                checkThreads("matmul " + type + " " + text(s), 1, images, matmul(1, 0));
            }
        }
    }
}
