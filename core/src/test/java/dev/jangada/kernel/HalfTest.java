package dev.jangada.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfTest {
    @Test
    void knownFloat16Values() {
        assertThat(Half.toFloat16(1.0)).isEqualTo((short) 0x3c00);
        assertThat(Half.toFloat16(-2.0f)).isEqualTo((short) 0xc000);
        assertThat(Half.toFloat16(65504.0)).isEqualTo((short) 0x7bff);
        assertThat(Half.toFloat16(65519.99)).isEqualTo((short) 0x7bff);
        assertThat(Half.toFloat16(65520.0)).isEqualTo((short) 0x7c00);
        assertThat(Half.toFloat16(1e300)).isEqualTo((short) 0x7c00);
        assertThat(Half.toFloat16(-1e300)).isEqualTo((short) 0xfc00);
        assertThat(Half.toFloat16(Double.NEGATIVE_INFINITY)).isEqualTo((short) 0xfc00);
        assertThat(Half.toFloat16(-0.0)).isEqualTo((short) 0x8000);
        assertThat(Half.toFloat16(0x1p-24)).isEqualTo((short) 1);
        assertThat(Half.toFloat16(0x1p-25)).isEqualTo((short) 0);
        assertThat(Half.toFloat16(-0x1.000001p-25)).isEqualTo((short) 0x8001);
        assertThat(Half.toFloat16(0x1p-14 - 0x1p-26)).isEqualTo((short) 0x400);
        assertThat(Half.toFloat16(Double.MIN_VALUE)).isEqualTo((short) 0);
        assertThat(Half.toFloat16(0.1f)).isEqualTo((short) 0x2e66);
    }

    @Test
    void knownBfloat16Values() {
        assertThat(Half.toBfloat16(1.0)).isEqualTo((short) 0x3f80);
        assertThat(Half.toBfloat16(-2.0f)).isEqualTo((short) 0xc000);
        assertThat(Half.toBfloat16(3.14159265f)).isEqualTo((short) 0x4049);
        assertThat(Half.toBfloat16(Float.MAX_VALUE)).isEqualTo((short) 0x7f80);
        assertThat(Half.toBfloat16((double) Float.MAX_VALUE)).isEqualTo((short) 0x7f80);
        assertThat(Half.toBfloat16(1e308)).isEqualTo((short) 0x7f80);
        assertThat(Half.toBfloat16(Float.MIN_VALUE)).isEqualTo((short) 0);
        assertThat(Half.toBfloat16(0x1p-133)).isEqualTo((short) 1);
        assertThat(Half.toBfloat16(-0x1p-134f)).isEqualTo((short) 0x8000);
    }

    @Test
    void everyFloat16SurvivesTheRoundTrip() {
        for (int i = 0; i < 1 << 16; i++) {
            float x = Half.fromFloat16((short) i);
            if (Float.isNaN(x)) {
                assertThat(i & 0x7fff).isGreaterThan(0x7c00);
                assertThat(Half.fromFloat16(Half.toFloat16(x))).isNaN();
            } else {
                assertThat(Half.toFloat16(x)).isEqualTo((short) i);
            }
        }
        assertThat(Half.fromFloat16((short) 0x3555)).isEqualTo(0.33325195f);
        assertThat(Half.fromFloat16((short) 0x03ff)).isEqualTo(6.097555e-5f);
    }

    @Test
    void everyBfloat16SurvivesTheRoundTrip() {
        for (int i = 0; i < 1 << 16; i++) {
            float x = Half.fromBfloat16((short) i);
            if (Float.isNaN(x)) {
                assertThat(Half.fromBfloat16(Half.toBfloat16(x))).isNaN();
                assertThat(Half.fromBfloat16(Half.toBfloat16((double) x))).isNaN();
            } else {
                assertThat(Half.toBfloat16(x)).isEqualTo((short) i);
                assertThat(Half.toBfloat16((double) x)).isEqualTo((short) i);
            }
        }
    }

    @Test
    void middlesGoToTheEvenNeighbour() {
        for (int i = 1; i < 0x7bff; i++) {
            double middle = (0.0 + Half.fromFloat16((short) i) + Half.fromFloat16((short) (i + 1))) / 2;
            assertThat(Half.toFloat16(middle)).isEqualTo((short) (i + (i & 1)));
            assertThat(Half.toFloat16(Math.nextUp(middle))).isEqualTo((short) (i + 1));
            assertThat(Half.toFloat16(Math.nextDown(middle))).isEqualTo((short) i);
        }
        for (int i = 1; i < 0x7f7f; i++) {
            double middle = (0.0 + Half.fromBfloat16((short) i) + Half.fromBfloat16((short) (i + 1))) / 2;
            assertThat(Half.toBfloat16(middle)).isEqualTo((short) (i + (i & 1)));
            assertThat(Half.toBfloat16((float) middle)).isEqualTo((short) (i + (i & 1)));
            assertThat(Half.toBfloat16(Math.nextUp(middle))).isEqualTo((short) (i + 1));
        }
    }
}
