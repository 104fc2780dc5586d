package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Generator;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Random tensors: each draw is one element-wise kernel, whose first two scalars are the seed and the offset that the {@link Generator}
 * gives.
 */
public final class Randoms {
    private static final int TYPES = DType.values().length;
    private static final Expr SEED = Expr.scalar(0, DType.INT64);
    private static final Expr OFFSET = Expr.scalar(1, DType.INT64);
    private static final MapKernel[] UNIFORM = new MapKernel[TYPES];
    private static final MapKernel[] NORMAL = new MapKernel[TYPES];
    private static final MapKernel[] EXPONENTIAL = new MapKernel[TYPES];
    private static final MapKernel[] INTEGER = new MapKernel[TYPES];
    private static final MapKernel[] WIDE_INTEGER = new MapKernel[TYPES];
    private static final MapKernel[] CHOICE = new MapKernel[TYPES];
    private static final MapKernel[][] BERNOULLI = new MapKernel[TYPES][TYPES];

    /** Ranges below this take one word per integer. */
    private static final long NARROW_RANGE = 1L << 31;

    static {
        for (DType t : DType.values()) {
            int i = t.ordinal();
            Expr low = Expr.scalar(2, DType.INT64);
            Expr range = Expr.scalar(3, DType.INT64);
            List<DType> integers = List.of(DType.INT64, DType.INT64, DType.INT64, DType.INT64);
            Expr scaled = word(Expr.index()).mul(range).binary(Op.SHR, Expr.constant(32, DType.INT64));
            INTEGER[i] = kernel("randint", List.of(), integers, low.add(scaled).cast(t));
            Expr wide =
                    word(2, 0).binary(Op.SHL, Expr.constant(31, DType.INT64)).binary(Op.XOR, word(2, 1));
            Expr inRange = wide.binary(Op.AND, Expr.constant(Long.MAX_VALUE, DType.INT64))
                    .binary(Op.REMAINDER, range);
            WIDE_INTEGER[i] =
                    kernel("randint", List.of(), integers, low.add(inRange).cast(t));
            CHOICE[i] = kernel(
                    "bernoulli",
                    List.of(),
                    List.of(DType.INT64, DType.INT64, DType.FLOAT64),
                    uniform24(Expr.index())
                            .cast(DType.FLOAT64)
                            .lt(Expr.scalar(2, DType.FLOAT64))
                            .cast(t));
            for (DType p : DType.values()) {
                if (p.isFloatingPoint()) {
                    Expr u = uniform24(Expr.index()).cast(p.compute());
                    BERNOULLI[p.ordinal()][i] = kernel(
                            "bernoulli",
                            List.of(p),
                            List.of(DType.INT64, DType.INT64),
                            u.lt(Expr.input(0, p)).cast(t));
                }
            }
            if (t.isFloatingPoint()) {
                floating(t);
            }
        }
    }

    private Randoms() {}

    private static void floating(DType t) {
        DType c = t.compute();
        List<DType> scalars = List.of(DType.INT64, DType.INT64, c, c);
        Expr first = Expr.scalar(2, c);
        Expr second = Expr.scalar(3, c);
        Expr u = t == DType.FLOAT64
                ? uniform53(2, 0)
                : t.isHalf() ? uniformHalf(t == DType.FLOAT16 ? 11 : 8) : uniform24(Expr.index());
        UNIFORM[t.ordinal()] = kernel(
                "uniform",
                List.of(),
                scalars,
                u.mul(second.sub(first)).add(first).cast(t));
        NORMAL[t.ordinal()] = kernel(
                "normal", List.of(), scalars, normal(c).mul(second).add(first).cast(t));
        EXPONENTIAL[t.ordinal()] = kernel(
                "exponential",
                List.of(),
                List.of(DType.INT64, DType.INT64, c),
                positive(c, c == DType.FLOAT64 ? 2 : 1)
                        .log()
                        .neg()
                        .div(Expr.scalar(2, c))
                        .cast(t));
    }

    private static MapKernel kernel(String name, List<DType> inputs, List<DType> scalars, Expr value) {
        return new MapKernel(name, Program.of(inputs, scalars, value));
    }

    // ---- expressions

    private static Expr word(Expr element) {
        return Expr.random(SEED, OFFSET, element);
    }

    /** Word {@code which} of the {@code count} words of an element. */
    private static Expr word(int count, int which) {
        return word(Expr.index().mul(count).add(which));
    }

    private static Expr shift(Expr word, int distance) {
        return word.binary(Op.SHR, Expr.constant(distance, DType.INT64));
    }

    /** A float32 in [0, 1) from one word. */
    static Expr uniform24(Expr element) {
        return shift(word(element), 8).cast(DType.FLOAT32).mul(0x1p-24);
    }

    /** A float32 in [0, 1) with so few bits that a half type holds it. */
    private static Expr uniformHalf(int bits) {
        return shift(word(Expr.index()), 32 - bits).cast(DType.FLOAT32).mul(Math.scalb(1.0, -bits));
    }

    /** 53 random bits from the words {@code which} and {@code which + 1} of an element. */
    private static Expr bits53(int count, int which) {
        Expr high = shift(word(count, which), 5).mul(1 << 26);
        return high.add(shift(word(count, which + 1), 6));
    }

    private static Expr uniform53(int count, int which) {
        return bits53(count, which).cast(DType.FLOAT64).mul(0x1p-53);
    }

    /** A number in (0, 1] from the first words of an element: one for float32, two for float64. */
    private static Expr positive(DType c, int count) {
        return c == DType.FLOAT64
                ? bits53(count, 0).add(1).cast(c).mul(0x1p-53)
                : word(count, 0).add(1).cast(c).mul(0x1p-32);
    }

    /** The Box-Muller transform: {@code sqrt(-2 log u) cos(2 pi v)}, of two words per element (four for float64). */
    private static Expr normal(DType c) {
        boolean wide = c == DType.FLOAT64;
        Expr radius = positive(c, wide ? 4 : 2).log().mul(-2).unary(Op.SQRT);
        Expr turn = wide ? uniform53(4, 2) : uniform24(Expr.index().mul(2).add(1));
        return radius.mul(turn.mul(2 * Math.PI).cos());
    }

    private static long words(Operand out, int each) {
        return Math.multiplyExact(out.layout().numel(), each);
    }

    private static void run(MapKernel kernel, Operand out, Operand[] ins, Generator g, long words, long... scalars) {
        Executor executor = Executor.current();
        executor.map(kernel, new Operand[] {out}, ins, drawn(executor, g, words, scalars));
    }

    /** Scalars of a kernel that draws words: the seed, the offset, then others. */
    static long[] drawn(Executor executor, Generator g, long words, long... others) {
        return executor.scalars(2 + others.length, new HostScalars() {
            @Override
            public void fill(long[] bits) {
                Generator.State at = g.draw(words);
                bits[0] = at.seed();
                bits[1] = at.offset();
                System.arraycopy(others, 0, bits, 2, others.length);
            }

            @Override
            public Optional<Runnable> wayBack() {
                Generator.State at = g.state();
                return Optional.of(() -> g.setState(at));
            }

            @Override
            public Optional<LongConsumer> skip() {
                return Optional.of(calls -> g.draw(calls * ((words + 3) & ~3L))); // each begins a new counter
            }
        });
    }

    private static void uniform(Operand out, double low, double high, Generator g) {
        boolean wide = out.dtype() == DType.FLOAT64;
        run(
                UNIFORM[out.dtype().ordinal()],
                out,
                new Operand[0],
                g,
                words(out, wide ? 2 : 1),
                Double.doubleToRawLongBits(low),
                Double.doubleToRawLongBits(high));
    }

    private static void normal(Operand out, double mean, double std, Generator g) {
        boolean wide = out.dtype() == DType.FLOAT64;
        run(
                NORMAL[out.dtype().ordinal()],
                out,
                new Operand[0],
                g,
                words(out, wide ? 4 : 2),
                Double.doubleToRawLongBits(mean),
                Double.doubleToRawLongBits(std));
    }

    private static void checkIntegers(String op, DType type, long low, long high) {
        Checks.value(low < high, op, "expected low < high, got " + low + " and " + high);
        Checks.value(high - low > 0, op, "expected a range below 2^63, got " + low + " to " + high);
        Arithmetic.fits(op, type, Scalar.of(low));
        Arithmetic.fits(op, type, Scalar.of(high - 1));
    }

    private static void integers(Operand out, long low, long high, Generator g) {
        long range = high - low;
        boolean narrow = range <= NARROW_RANGE;
        MapKernel kernel = (narrow ? INTEGER : WIDE_INTEGER)[out.dtype().ordinal()];
        run(kernel, out, new Operand[0], g, words(out, narrow ? 1 : 2), low, range);
    }

    // ---- new tensors

    /** Uniform numbers in [0, 1). */
    public static Tensor rand(Generator g, DType type, Device device, long... sizes) {
        floating("rand", type);
        Tensor out = Creation.empty(Shape.of(sizes), type, device);
        uniform(Access.operand(out), 0, 1, g);
        return out;
    }

    /** Numbers of the standard normal distribution. */
    public static Tensor randn(Generator g, DType type, Device device, long... sizes) {
        floating("randn", type);
        Tensor out = Creation.empty(Shape.of(sizes), type, device);
        normal(Access.operand(out), 0, 1, g);
        return out;
    }

    /** Integers from {@code low} below {@code high}. */
    public static Tensor randint(Generator g, long low, long high, DType type, Device device, long... sizes) {
        checkIntegers("randint", type, low, high);
        Tensor out = Creation.empty(Shape.of(sizes), type, device);
        integers(Access.operand(out), low, high, g);
        return out;
    }

    /** The numbers 0 to {@code n - 1} in random order: the order of random 62-bit keys. */
    public static Tensor randperm(Generator g, long n, Device device) {
        Checks.value(n >= 0, "randperm", "expected a number >= 0, got " + n);
        Tensor out = Creation.empty(Shape.of(n), DType.INT64, device);
        try (TensorScope scope = new TensorScope()) {
            Tensor keys = randint(g, 0, 1L << 62, DType.INT64, device, n);
            Operand k = Access.operand(keys);
            Executor.current()
                    .sort(Access.operand(Creation.emptyLike(keys, DType.INT64)), Access.operand(out), k, 0, false);
        }
        return out;
    }

    private static void floating(String op, DType type) {
        Checks.dtype(type.isFloatingPoint(), op, "expected a floating point type, got " + type);
    }

    /** Samples of 0 and 1: 1 where a uniform number is below the probability. The gradient is zero. */
    public static Tensor bernoulli(Tensor p, Generator g) {
        Checks.floating("bernoulli", p);
        Tensor out = Creation.emptyLike(p, p.dtype());
        choose(Access.operand(out), Access.operand(p), g);
        return Tape.attach(
                "BernoulliBackward0", out, new Tensor[] {p}, new Tensor[0], (grads, s, needed) -> new Tensor[1]);
    }

    /** Samples of 0 and 1 of one probability, shaped like a tensor. */
    public static Tensor bernoulli(Tensor like, double p, Generator g) {
        probability("bernoulli", p);
        Tensor out = Creation.emptyLike(like, like.dtype());
        choose(Access.operand(out), p, g);
        return out;
    }

    private static void probability(String op, double p) {
        Checks.value(p >= 0 && p <= 1, op, "expected a probability in [0, 1], got " + p);
    }

    private static void choose(Operand out, Operand p, Generator g) {
        MapKernel kernel = BERNOULLI[p.dtype().ordinal()][out.dtype().ordinal()];
        run(kernel, out, new Operand[] {p}, g, words(out, 1));
    }

    private static void choose(Operand out, double p, Generator g) {
        run(CHOICE[out.dtype().ordinal()], out, new Operand[0], g, words(out, 1), Double.doubleToRawLongBits(p));
    }

    // ---- in place

    private static Tensor changed(String node, Tensor self) {
        Tape.changed(node, self, new Tensor[] {self}, new Tensor[0], false, (g, s, needed) -> new Tensor[1]);
        return self;
    }

    /** Fills a tensor with samples of 0 and 1. */
    public static Tensor bernoulliInPlace(Tensor self, double p, Generator g) {
        probability("bernoulli_", p);
        Tape.checkInPlace("bernoulli_", self);
        choose(Access.operand(self), p, g);
        return changed("BernoulliBackward0", self);
    }

    /** Fills a tensor with samples of 0 and 1 by a tensor of probabilities that broadcasts to it. */
    public static Tensor bernoulliInPlace(Tensor self, Tensor p, Generator g) {
        Checks.floating("bernoulli_", p);
        Checks.inPlaceShape("bernoulli_", self.shape(), Shape.broadcast("bernoulli_", self.shape(), p.shape()));
        Tape.checkInPlace("bernoulli_", self, p);
        Operand out = Access.operand(self);
        Operand in = Access.operand(p);
        Checks.sameDevice("bernoulli_", out, in);
        boolean overlaps = in.storage() == out.storage() && !in.layout().equals(out.layout());
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Operand apart = overlaps ? Access.operand(p.clone()) : in;
            choose(out, apart.with(apart.layout().expand(self.shape())), g);
        }
        return changed("BernoulliBackward0", self);
    }

    /** Fills a tensor with uniform numbers. */
    public static Tensor uniformInPlace(Tensor self, double low, double high, Generator g) {
        Checks.floating("uniform_", self);
        Checks.value(low <= high, "uniform_", "expected low <= high, got " + low + " and " + high);
        Tape.checkInPlace("uniform_", self);
        uniform(Access.operand(self), low, high, g);
        return changed("UniformBackward0", self);
    }

    /** Fills a tensor with normally distributed numbers. */
    public static Tensor normalInPlace(Tensor self, double mean, double std, Generator g) {
        Checks.floating("normal_", self);
        Checks.value(std >= 0, "normal_", "expected a standard deviation >= 0, got " + std);
        Tape.checkInPlace("normal_", self);
        normal(Access.operand(self), mean, std, g);
        return changed("NormalBackward0", self);
    }

    /** Fills a tensor with exponentially distributed numbers. */
    public static Tensor exponentialInPlace(Tensor self, double rate, Generator g) {
        Checks.floating("exponential_", self);
        Checks.value(rate > 0, "exponential_", "expected a rate > 0, got " + rate);
        Tape.checkInPlace("exponential_", self);
        Operand out = Access.operand(self);
        boolean wide = out.dtype() == DType.FLOAT64;
        run(
                EXPONENTIAL[out.dtype().ordinal()],
                out,
                new Operand[0],
                g,
                words(out, wide ? 2 : 1),
                Double.doubleToRawLongBits(rate));
        return changed("ExponentialBackward0", self);
    }

    /** Fills a tensor with integers from {@code low} below {@code high}. */
    public static Tensor randomInPlace(Tensor self, long low, long high, Generator g) {
        checkIntegers("random_", self.dtype(), low, high);
        Tape.checkInPlace("random_", self);
        integers(Access.operand(self), low, high, g);
        return changed("RandomBackward0", self);
    }
}
