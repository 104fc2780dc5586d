package dev.jangada.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jangada.DType;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import dev.jangada.testkit.NeedsBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Measures the error of the float32 functions against Java's double functions, over all exponents and on each instruction set.
 *
 * <p>An ulp is that of the correctly rounded result. Results that are normal numbers may be off by 2 ulp, subnormal ones by 1 (they are
 * rounded once from a result that is nearly right).
 */
@Tag("kernels")
@NeedsBackend("cpu")
class AccuracyTest {
    private static final int CHUNK = 1 << 16;
    /** Odd and not a power of two: over 2^24 values, all exponents, all patterns of low bits. */
    private static final int STEP = 251;

    private static final ByteBuffer INPUT = ByteBuffer.allocateDirect(CHUNK * 4).order(ByteOrder.nativeOrder());
    private static final ByteBuffer OUTPUT =
            ByteBuffer.allocateDirect(CHUNK * 4).order(ByteOrder.nativeOrder());
    private static final double LN2 = Math.log(2);

    /** A function under test, with one that is good enough to judge it. */
    enum Function {
        EXP(Op.EXP, Math::exp),
        EXP2(Op.EXP2, x -> Math.pow(2, x)),
        EXPM1(Op.EXPM1, Math::expm1),
        LOG(Op.LOG, Math::log),
        LOG2(Op.LOG2, x -> Math.log(x) / LN2),
        LOG10(Op.LOG10, Math::log10),
        LOG1P(Op.LOG1P, Math::log1p),
        SIN(Op.SIN, Math::sin),
        COS(Op.COS, Math::cos),
        TANH(Op.TANH, Math::tanh),
        SIGMOID(Op.SIGMOID, AccuracyTest::sigmoid),
        ERF(Op.ERF, AccuracyTest::erf),
        RSQRT(Op.RSQRT, x -> 1 / Math.sqrt(x)),
        RECIPROCAL(Op.RECIPROCAL, x -> 1 / x),
        SQRT(Op.SQRT, Math::sqrt);

        private final Op op;
        private final DoubleUnaryOperator exact;

        Function(Op op, DoubleUnaryOperator exact) {
            this.op = op;
            this.exact = exact;
        }
    }

    @AfterAll
    static void restore() {
        Native.selectIsa("");
    }

    @ParameterizedTest
    @EnumSource
    void errorsStayBelowTwoUlp(Function f) {
        measure(f, STEP);
    }

    @ParameterizedTest
    @EnumSource
    @EnabledIfSystemProperty(
            named = "jangada.slow",
            matches = "true",
            disabledReason = "takes hours: pass -Djangada.slow=true")
    void errorsStayBelowTwoUlpEverywhere(Function f) {
        measure(f, 1);
    }

    private static void measure(Function f, int step) {
        List<String> sets = new ArrayList<>();
        for (String isa : new String[] {"avx512", "avx2", "generic"}) {
            Native.selectIsa(isa);
            if (Native.isa().equals(isa)) {
                sets.add(isa);
            }
        }
        Expr x = Expr.input(0, DType.FLOAT32);
        NativeProgram program = NativeProgram.of(Program.of(List.of(DType.FLOAT32), List.of(), x.unary(f.op)));
        FloatBuffer in = INPUT.asFloatBuffer();
        FloatBuffer out = OUTPUT.asFloatBuffer();
        float[] special = {
            0f,
            -0f,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.NaN,
            1,
            -1,
            1e-40f,
            88.72f,
            88.73f,
            -87.34f,
            -103.97f,
            -104.1f
        };
        double[] exact = new double[CHUNK];
        long bits = 0;
        while (bits < 1L << 32) {
            for (int i = 0; i < CHUNK; i++, bits += step) {
                float value = bits < 1L << 32 ? Float.intBitsToFloat((int) bits) : special[i % special.length];
                in.put(i, value);
                exact[i] = f.exact.applyAsDouble(value);
            }
            for (String isa : sets) {
                Native.selectIsa(isa);
                run(program);
                for (int i = 0; i < CHUNK; i++) {
                    check(f + " on " + isa, in.get(i), exact[i], out.get(i));
                }
            }
        }
    }

    private static void run(NativeProgram program) {
        Arguments a = Arguments.start()
                .room(16)
                .put(program.address())
                .put(1)
                .put(1)
                .put(1)
                .put(CHUNK);
        a.put(Native.address(OUTPUT)).put(1).put(Native.address(INPUT)).put(1);
        assertTrue(Native.map(a.address()) == 0);
    }

    private static void check(String what, float x, double exact, float got) {
        float rounded = (float) exact;
        boolean right;
        if (Float.isNaN(rounded) || rounded == got) {
            right = Float.isNaN(rounded)
                    ? Float.isNaN(got)
                    : exact != 0 || Float.floatToRawIntBits(got) == Float.floatToRawIntBits(rounded);
        } else if (Float.isInfinite(rounded)) {
            right = !Double.isInfinite(exact) && Math.abs(got) == Float.MAX_VALUE && (got > 0) == (rounded > 0);
        } else {
            double limit = Math.abs(rounded) >= Float.MIN_NORMAL ? 2 : 1;
            right = Math.abs(got - exact) <= limit * Math.ulp(rounded);
        }
        if (!right) {
            throw new AssertionError(
                    what + ": expected " + exact + " for " + x + " (" + Float.toHexString(x) + "), got " + got);
        }
    }

    private static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return x < 0 ? e / (1 + e) : 1 / (1 + e);
    }

    /** {@code 2/sqrt(pi) e^-x² (x + 2x³/3 + 4x⁵/15 + …)}, whose terms are all positive. */
    private static double erf(double x) {
        double square = x * x;
        if (!(square < 36)) {
            return Double.isNaN(x) ? x : Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
            term *= 2 * square / (2 * n + 1);
            sum += term;
        }
        return sum * (2 / Math.sqrt(Math.PI)) * Math.exp(-square);
    }
}
