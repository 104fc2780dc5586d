package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.DType;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import dev.jangada.testkit.NeedsBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sample {@code u < sigmoid(x)} is the same whether the sigmoid is computed for it or not. */
@NeedsBackend("cpu")
class SamplingTest {
    private static final int COUNT = 1 << 16;
    private static final float[] SPECIAL = {
        0,
        -0f,
        1,
        -1,
        1e-40f,
        16.6f,
        -16.6f,
        80,
        -80,
        88.8f,
        -103.9f,
        -104.1f,
        1e30f,
        -1e30f,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
    };

    private final ByteBuffer u = floats();
    private final ByteBuffer x = floats();
    private final ByteBuffer sample = floats();
    private final ByteBuffer expected = floats();
    private final ByteBuffer sigmoid = floats();

    private static ByteBuffer floats() {
        return ByteBuffer.allocateDirect(COUNT * 4).order(ByteOrder.nativeOrder());
    }

    @AfterEach
    void restore() {
        Native.selectIsa("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"avx512", "avx2", "generic"})
    void samplesNeedNoSigmoid(String isa) {
        Native.selectIsa(isa);
        assumeTrue(Native.isa().equals(isa), "this processor has no " + isa);
        Expr p = Expr.input(1, DType.FLOAT32).unary(Op.SIGMOID);
        Expr drawn = Expr.select(
                Expr.input(0, DType.FLOAT32).binary(Op.LT, p),
                Expr.constant(1.0, DType.FLOAT32),
                Expr.constant(0.0, DType.FLOAT32));
        List<DType> inputs = List.of(DType.FLOAT32, DType.FLOAT32);
        NativeProgram alone = NativeProgram.of(Program.of(inputs, List.of(), drawn));
        NativeProgram both = NativeProgram.of(Program.of(inputs, List.of(), drawn, p));
        Random random = new Random(11);
        for (int i = 0; i < COUNT; i++) {
            x.putFloat(
                    4 * i,
                    i % 16 < 2
                            ? SPECIAL[i / 16 % SPECIAL.length]
                            : (float) random.nextGaussian() * (i % 3 == 0 ? 40 : 4));
        }
        run(both, expected, sigmoid);
        for (int i = 0; i < COUNT; i++) {
            u.putFloat(4 * i, drawn(sigmoid.getFloat(4 * i), i % 7, random));
        }
        run(both, expected, sigmoid);
        run(alone, sample);
        int ones = 0;
        for (int i = 0; i < COUNT; i++) {
            assertThat(sample.getFloat(4 * i))
                    .as("%s < sigmoid(%s)", u.getFloat(4 * i), x.getFloat(4 * i))
                    .isEqualTo(expected.getFloat(4 * i));
            ones += (int) sample.getFloat(4 * i);
        }
        assertThat(ones).isBetween(COUNT / 5, COUNT * 4 / 5);
    }

    /** Numbers as they are drawn, and such as lie just beside a probability. */
    private static float drawn(float p, int how, Random random) {
        return switch (how) {
            case 0 -> p;
            case 1 -> Math.nextUp(p);
            case 2 -> Math.nextDown(p);
            case 3 -> p + (random.nextFloat() - 0.5f) * 1e-5f;
            case 4 -> SPECIAL[random.nextInt(SPECIAL.length)];
            default -> random.nextInt(1 << 24) * 0x1p-24f;
        };
    }

    private void run(NativeProgram program, ByteBuffer... outs) {
        Arguments a = Arguments.start()
                .room(24)
                .put(program.address())
                .put(1)
                .put(outs.length)
                .put(2)
                .put(COUNT);
        for (ByteBuffer out : outs) {
            a.put(Native.address(out)).put(1);
        }
        a.put(Native.address(u)).put(1).put(Native.address(x)).put(1);
        assertThat(Native.map(a.address())).isZero();
    }
}
