package dev.jangada.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.ArgumentException;
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
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Element-wise kernels. */
public abstract class MapConformance extends Conformance {
    private static final long[] NO_SCALARS = {};

    /** Creates the tests. */
    protected MapConformance() {}

    private static Action map(MapKernel kernel, int outs, long... scalars) {
        return (b, o) -> b.map(kernel, Arrays.copyOf(o, outs), Arrays.copyOfRange(o, outs, o.length), scalars);
    }

    /** Runs a program of one output over operands of random layouts. */
    private void checkRandom(String what, MapKernel kernel, Random random, Tolerance tolerance, Content contents) {
        Program program = kernel.program();
        Shape shape = Samples.shape(random);
        List<Image> images = new ArrayList<>();
        images.add(Samples.image(
                random, program.outputType(0), Samples.distinct(random, shape), Samples.Content.MODERATE));
        for (int i = 0; i < program.inputs().size(); i++) {
            images.add(Samples.image(random, program.inputs().get(i), Samples.readable(random, shape), contents.of(i)));
        }
        check(what + " of " + shape, 1, tolerance, images, map(kernel, 1, NO_SCALARS));
    }

    private interface Content {
        Samples.Content of(int operand);
    }

    /** Every primitive on every type it accepts: random operands, and all combinations of special values. */
    @ParameterizedTest
    @EnumSource(Op.class)
    void everyPrimitive(Op op) {
        List<DType> types = Arrays.stream(DType.values())
                .filter(t -> op != Op.SCALAR && Primitives.of(op, t).isPresent())
                .toList();
        assumeTrue(!types.isEmpty() || op == Op.SCALAR, op + " accepts no type");
        for (int i = 0; i < types.size(); i++) {
            if (isTried(op, types.get(i), i, types.size())) {
                checkPrimitive(op, types.get(i), inFull(op, i, types.size()));
            }
        }
    }

    private void checkPrimitive(Op op, DType type, boolean full) {
        int operands = Math.max(1, op.arity());
        Program program = Program.of(
                Collections.nCopies(operands, type),
                List.of(),
                Primitives.of(op, type).orElseThrow());
        MapKernel kernel = new MapKernel(op + " " + type, program);
        Tolerance tolerance = Primitives.tolerance(op, program.outputType(0));
        Content contents = i -> Primitives.content(op, type, i);
        boolean special = operands < 3 && contents.of(1) == Samples.Content.ANY;
        boolean random = op != Op.CAST || type.isFloatingPoint();
        int seeds = !random ? 0 : full ? chooses() ? 4 : 6 : special ? 0 : 1;
        for (int seed = 0; seed < seeds; seed++) {
            checkRandom(op + " " + type + " seed " + seed, kernel, new Random(seed), tolerance, contents);
        }
        if (special) {
            checkSpecial(op + " " + type + " special", kernel, operands, tolerance, op == Op.COPYSIGN ? 1 : 0);
        }
    }

    /** All special values against each other; the second operand starts behind those that are left out. */
    private void checkSpecial(String what, MapKernel kernel, int operands, Tolerance tolerance, int skip) {
        Program program = kernel.program();
        DType type = program.inputs().get(0);
        int n = Samples.specialCount(type);
        Shape shape = operands == 1 ? Shape.of(n) : Shape.of(n, n - skip);
        List<Image> images = new ArrayList<>();
        images.add(Image.of(program.outputType(0), Layout.contiguous(shape), 3));
        for (int i = 0; i < operands; i++) {
            long[] strides = operands == 1 ? new long[] {1} : new long[] {1 - i, i};
            int from = i == 1 ? skip : 0;
            Image image = Image.of(type, Layout.of(shape, strides, 0), 0);
            for (int j = 0; j < image.length(); j++) {
                Samples.special(image, j, j + from);
            }
            images.add(image);
        }
        check(what, 1, tolerance, images, map(kernel, 1, NO_SCALARS));
    }

    /** Every type to every type; to integers only values that fit. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void castsToEveryType(DType from) {
        for (DType to : DType.values()) {
            boolean narrows = from.isFloatingPoint() && to.isInteger();
            Expr x = Expr.input(0, from);
            Program program = Program.of(List.of(from), List.of(), x.cast(to));
            MapKernel kernel = new MapKernel("cast", program);
            boolean twice = to.isHalf() && from.size() == 8;
            Tolerance tolerance = twice ? new Tolerance(1, 0, 0, true) : Tolerance.EXACT;
            int seeds = inFull(from, to.ordinal(), DType.values().length) ? 4 : narrows ? 1 : 0;
            for (int seed = 0; seed < seeds; seed++) {
                checkRandom(
                        from + " to " + to + " seed " + seed,
                        kernel,
                        new Random(seed),
                        tolerance,
                        i -> narrows ? Samples.Content.SMALL : Samples.Content.ANY);
            }
            if (!narrows) {
                checkSpecial(from + " to " + to + " special", kernel, 1, tolerance, 0);
            }
        }
    }

    /** Truncation towards zero, wrapping in narrow types, and the ends of the range that fits. */
    @Test
    void castsOfFloatsToIntegers() {
        double[] values = {
            0.9, -0.9, 1.5, -1.5, 127.9, -128.9, 255.5, 256, -1, 300, -300, 65535.7, 2147483000.0, -2147483648.0
        };
        for (DType from : List.of(DType.FLOAT32, DType.FLOAT64)) {
            for (DType to : DType.values()) {
                if (to.isInteger()) {
                    Shape shape = Shape.of(values.length);
                    Program program = Program.of(
                            List.of(from), List.of(), Expr.input(0, from).cast(to));
                    Image out = Image.of(to, Layout.contiguous(shape), 1);
                    check(
                            from + " to " + to,
                            1,
                            Tolerance.EXACT,
                            List.of(out, Image.of(from, shape, values)),
                            map(new MapKernel("cast", program), 1, NO_SCALARS));
                }
            }
        }
    }

    /** The same kernel with other scalars: nothing of the first launch may stick. */
    @Test
    void scalarsAreReadAtEveryLaunch() {
        List<DType> types = List.of(DType.BOOL, DType.INT64, DType.FLOAT32, DType.FLOAT64);
        Expr x = Expr.input(0, DType.FLOAT64);
        Expr sum = x.mul(Expr.scalar(3, DType.FLOAT64))
                .add(Expr.scalar(2, DType.FLOAT32).cast(DType.FLOAT64));
        Expr y = Expr.select(
                Expr.scalar(0, DType.BOOL), sum, Expr.scalar(1, DType.INT64).cast(DType.FLOAT64));
        MapKernel kernel = new MapKernel("scalars", Program.of(List.of(DType.FLOAT64), types, y));
        Random random = new Random(1);
        for (int i = 0; i < 6; i++) {
            Layout layout = Layout.contiguous(Shape.of(33));
            List<Image> images = List.of(
                    Image.of(DType.FLOAT64, layout, 2),
                    Samples.image(random, DType.FLOAT64, layout, Samples.Content.MODERATE));
            long[] scalars = {
                i % 2,
                random.nextLong() >> 12,
                Double.doubleToRawLongBits((float) random.nextGaussian()),
                Double.doubleToRawLongBits(random.nextGaussian())
            };
            check("scalars " + i, 1, Tolerance.EXACT, images, map(kernel, 1, scalars));
        }
    }

    /** Sums of two operands over every size and many layouts. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void sizesAndLayouts(DType type) {
        Expr sum = Expr.input(0, type).add(Expr.input(1, type));
        Program program = Program.of(List.of(type, type), List.of(), sum.type() == type ? sum : sum.cast(type));
        MapKernel kernel = new MapKernel("add", program);
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            Tolerance exact = Tolerance.EXACT;
            checkRandom("add " + type + " seed " + seed, kernel, random, exact, i -> Samples.Content.MODERATE);
        }
        for (int size : Samples.SIZES) {
            Layout layout = Layout.contiguous(Shape.of(size));
            Random random = new Random(size);
            List<Image> images = IntStream.range(0, 3)
                    .mapToObj(i -> Samples.image(random, type, layout, Samples.Content.MODERATE))
                    .toList();
            check("add " + type + " size " + size, 1, Tolerance.EXACT, images, map(kernel, 1));
        }
    }

    /** Outputs that no arithmetic makes: copies, constants, scalars, the index, and one value stored twice. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void outputsOfAnyKind(DType type) {
        Expr x = Expr.input(0, type);
        Expr one = Expr.constant(1, type);
        Expr two = Expr.scalar(0, DType.FLOAT64);
        Program program = Program.of(
                List.of(type),
                List.of(DType.FLOAT64),
                x,
                one.cast(type),
                two,
                Expr.index(),
                x,
                two.cast(DType.FLOAT32));
        MapKernel kernel = new MapKernel("outputs", program);
        for (int seed = 0; seed < 5; seed++) {
            Random random = new Random(seed);
            long bits = Double.doubleToRawLongBits(random.nextGaussian());
            checkProgram("outputs of " + type + " seed " + seed, kernel, new long[] {bits}, random, false);
        }
    }

    /** Long programs of mixed types with several outputs, some of which replace an input in place. */
    @ParameterizedTest
    @ValueSource(ints = {3, 10, 40, 150})
    void randomPrograms(int steps) {
        int programs = chooses() ? 7 : 25;
        for (int seed = 0; seed < programs; seed++) {
            Random random = new Random(1000L * steps + seed);
            List<DType> ins = types(random, 1 + random.nextInt(6));
            List<DType> outs = types(random, 1 + random.nextInt(4));
            List<DType> scalars = List.of(DType.INT64, DType.FLOAT32);
            boolean inPlace = random.nextBoolean();
            if (inPlace) {
                outs = new ArrayList<>(outs);
                outs.set(0, ins.get(0));
            }
            Program program = RandomPrograms.of(random, ins, scalars, outs, steps);
            MapKernel kernel = new MapKernel("random", program);
            long[] values = {random.nextInt(9), Double.doubleToRawLongBits((float) random.nextGaussian())};
            checkProgram(
                    "program of " + steps + " steps, seed " + seed + "\n" + program, kernel, values, random, inPlace);
        }
    }

    private void checkProgram(String what, MapKernel kernel, long[] scalars, Random random, boolean inPlace) {
        Program p = kernel.program();
        int outs = p.outputCount();
        Shape shape = Samples.shape(random);
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < outs; i++) {
            Layout layout = Samples.distinct(random, shape);
            images.add(Samples.image(random, p.outputType(i), layout, Samples.Content.ANY));
        }
        for (int i = 0; i < p.inputs().size(); i++) {
            Layout layout = Samples.readable(random, shape);
            images.add(Samples.image(random, p.inputs().get(i), layout, Samples.Content.ANY));
        }
        check(what, outs, Tolerance.EXACT, images, (b, o) -> {
            Operand[] ins = Arrays.copyOfRange(o, outs, o.length);
            ins[0] = inPlace ? o[0] : ins[0];
            b.map(kernel, Arrays.copyOf(o, outs), ins, scalars);
        });
    }

    private static List<DType> types(Random random, int n) {
        List<DType> types = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            types.add(DType.values()[random.nextInt(DType.values().length)]);
        }
        return types;
    }

    /** Random words at the ends of the counter and for odd seeds, bit for bit. */
    @Test
    void randomWords() {
        Expr word = Expr.random(Expr.scalar(0, DType.INT64), Expr.scalar(1, DType.INT64), Expr.index());
        Expr uniform = word.binary(Op.SHR, Expr.constant(8, DType.INT64))
                .cast(DType.FLOAT32)
                .mul(0x1p-24);
        Program program = Program.of(List.of(), List.of(DType.INT64, DType.INT64), word, uniform);
        MapKernel kernel = new MapKernel("random", program);
        long[] offsets = {0, 1, (1L << 32) - 3, 1L << 32, 1L << 40, Long.MAX_VALUE - 5000};
        for (long seed : new long[] {0, 1, -1, 42, Long.MIN_VALUE, 0x123456789abcdefL}) {
            for (long offset : offsets) {
                Random random = new Random(seed ^ offset);
                Shape shape = Shape.of(3, 343);
                List<Image> images = List.of(
                        Image.of(DType.INT64, Samples.distinct(random, shape), 1),
                        Image.of(DType.FLOAT32, Samples.distinct(random, shape), 1));
                String what = "words of seed " + seed + " offset " + offset;
                check(what, 2, Tolerance.EXACT, images, map(kernel, 2, seed, offset));
            }
        }
    }

    /** A zero among integer divisors is an exception, not a trap of the processor; the smallest number by -1 wraps. */
    @ParameterizedTest
    @EnumSource(
            value = Op.class,
            names = {"DIV", "REMAINDER", "FMOD"})
    void integerDivisionByZero(Op op) {
        for (DType type : DType.values()) {
            if (type.isInteger()) {
                Program program = Program.of(
                        List.of(type, type), List.of(), Expr.input(0, type).binary(op, Expr.input(1, type)));
                MapKernel kernel = new MapKernel("divide", program);
                for (int zero : new int[] {0, 500, 1022}) {
                    Layout layout = Layout.contiguous(Shape.of(1023));
                    Random random = new Random(zero);
                    Image divisor = Samples.image(random, type, layout, Samples.Content.POSITIVE);
                    divisor.put(zero, 0L);
                    List<Image> images = List.of(
                            Image.of(type, layout, 0),
                            Samples.image(random, type, layout, Samples.Content.ANY),
                            divisor);
                    checkFailure(op + " " + type, ArgumentException.class, false, images, map(kernel, 1));
                }
            }
        }
    }

    /** The number of threads changes no bit, inexact primitives and random numbers included. */
    @Test
    void threadsChangeNothing() {
        Expr x = Expr.input(0, DType.FLOAT32);
        Expr word = Expr.random(Expr.constant(3, DType.INT64), Expr.constant(9, DType.INT64), Expr.index());
        Expr y = x.tanh().mul(x.exp()).add(x.abs().log()).sigmoid();
        Expr sample = y.gt(word.cast(DType.FLOAT32).mul(0x1p-32)).cast(DType.FLOAT32);
        Program program = Program.of(List.of(DType.FLOAT32), List.of(), y, sample);
        MapKernel kernel = new MapKernel("threads", program);
        for (long size : new long[] {1, 1023, 70_001, 300_000}) {
            Layout layout = Layout.contiguous(Shape.of(size));
            Random random = new Random(size);
            List<Image> images = List.of(
                    Image.of(DType.FLOAT32, layout, 1),
                    Image.of(DType.FLOAT32, layout, 1),
                    Samples.image(random, DType.FLOAT32, layout, Samples.Content.MODERATE));
            checkThreads("map of " + size, 2, images, map(kernel, 2));
        }
    }
}
