package dev.jangada.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ElementTest {
    private final ByteBuffer buffer = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());

    @ParameterizedTest
    @CsvSource({
        "BOOL, 0.5, 1",
        "BOOL, NaN, 1",
        "BOOL, -0.0, 0",
        "UINT8, 300.9, 44",
        "UINT8, -1.5, 255",
        "INT8, 200, -56",
        "INT16, -1.9, -1",
        "INT32, 1e6, 1000000",
        "INT64, -9007199254740992, -9007199254740992",
        "FLOAT16, 1e9, Infinity",
        "FLOAT16, 0.1, 0.0999755859375",
        "BFLOAT16, 0.1, 0.10009765625",
        "FLOAT32, 0.1, 0.10000000149011612",
        "FLOAT64, 0.1, 0.1"
    })
    void doubles(DType type, double stored, double read) {
        Element.putDouble(buffer, 8, type, stored);
        assertThat(Element.getDouble(buffer, 8, type)).isEqualTo(read);
        assertThat(Element.round(stored, type)).isEqualTo(read);
        assertThat(buffer.position()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, 256, 1",
        "UINT8, -1, 255",
        "INT8, 128, -128",
        "INT16, 65537, 1",
        "INT32, 4294967295, -1",
        "INT64, -9223372036854775808, -9223372036854775808",
        "FLOAT16, 2049, 2048",
        "BFLOAT16, 257, 256",
        "FLOAT32, 16777217, 16777216",
        "FLOAT64, 9007199254740993, 9007199254740992"
    })
    void longs(DType type, long stored, long read) {
        Element.putLong(buffer, 8, type, stored);
        assertThat(Element.getLong(buffer, 8, type)).isEqualTo(read);
    }

    /** A bfloat16 middle that a double cannot tell from the value above it. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "BFLOAT16"})
    void longsAreRoundedOnce(DType type) {
        long half = type == DType.FLOAT32 ? 1L << 36 : 1L << 52;
        Element.putLong(buffer, 0, type, (1L << 60) + half + 1);
        assertThat(Element.getDouble(buffer, 0, type)).isEqualTo(0x1p60 + 2.0 * half);
        Element.putLong(buffer, 0, type, (1L << 60) + half);
        assertThat(Element.getDouble(buffer, 0, type)).isEqualTo(0x1p60);
        Element.putLong(buffer, 0, type, -(1L << 60) - half - 1);
        assertThat(Element.getDouble(buffer, 0, type)).isEqualTo(-0x1p60 - 2.0 * half);
    }
}
