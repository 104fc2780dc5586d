package dev.jangada;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DTypeTest {
    /** Rows and columns in the order of the enum; PyTorch's table of promote_types. */
    private static final String TABLE = """
            bool     uint8    int8     int16    int32    int64    float16  bfloat16 float32  float64
            uint8    uint8    int16    int16    int32    int64    float16  bfloat16 float32  float64
            int8     int16    int8     int16    int32    int64    float16  bfloat16 float32  float64
            int16    int16    int16    int16    int32    int64    float16  bfloat16 float32  float64
            int32    int32    int32    int32    int32    int64    float16  bfloat16 float32  float64
            int64    int64    int64    int64    int64    int64    float16  bfloat16 float32  float64
            float16  float16  float16  float16  float16  float16  float16  float32  float32  float64
            bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 float32  bfloat16 float32  float64
            float32  float32  float32  float32  float32  float32  float32  float32  float32  float64
            float64  float64  float64  float64  float64  float64  float64  float64  float64  float64
            """;

    @Test
    void promotion() {
        String[] rows = TABLE.split("\n");
        for (DType a : DType.values()) {
            String[] row = rows[a.ordinal()].split(" +");
            for (DType b : DType.values()) {
                assertThat(DType.promote(a, b)).as("%s with %s", a, b).isEqualTo(DType.of(row[b.ordinal()]));
            }
        }
    }

    @Test
    void kinds() {
        assertThat(DType.BOOL.isInteger()).isFalse();
        assertThat(DType.UINT8.isInteger()).isTrue();
        assertThat(DType.BFLOAT16.isFloatingPoint()).isTrue();
        assertThat(DType.BFLOAT16.isHalf()).isTrue();
        assertThat(DType.FLOAT32.isHalf()).isFalse();
        assertThat(DType.FLOAT16.compute()).isEqualTo(DType.FLOAT32);
        assertThat(DType.INT8.compute()).isEqualTo(DType.INT8);
        assertThat(DType.BOOL.categoryRank()).isZero();
        assertThat(DType.INT64.categoryRank()).isEqualTo(1);
        assertThat(DType.FLOAT16.categoryRank()).isEqualTo(2);
    }

    @Test
    void namesAndSizes() {
        int[] sizes = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8};
        for (DType t : DType.values()) {
            assertThat(DType.of(t.torchName())).isEqualTo(t);
            assertThat(t).hasToString(t.torchName());
            assertThat(t.size()).isEqualTo(sizes[t.ordinal()]);
        }
        assertThatThrownBy(() -> DType.of("float"))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("'float'");
    }
}
