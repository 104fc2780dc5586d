package dev.jangada;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeTest {
    @Test
    void sizesAndElements() {
        Shape s = Shape.of(2, 3, 4);
        assertThat(s.rank()).isEqualTo(3);
        assertThat(s.numel()).isEqualTo(24);
        assertThat(s.size(1)).isEqualTo(3);
        assertThat(s.size(-1)).isEqualTo(4);
        assertThat(s.toString()).isEqualTo("[2, 3, 4]");
        assertThat(s.with(-2, 7)).isEqualTo(Shape.of(2, 7, 4));
        assertThat(Shape.of()).isSameAs(Shape.SCALAR);
        assertThat(Shape.SCALAR.numel()).isEqualTo(1);
        assertThat(Shape.of(3, 0, Long.MAX_VALUE).numel()).isZero();
    }

    @Test
    void isAValue() {
        long[] sizes = {2, 3};
        Shape s = Shape.of(sizes);
        sizes[0] = 9;
        s.toArray()[1] = 9;
        assertThat(s)
                .isEqualTo(Shape.of(2, 3))
                .hasSameHashCodeAs(Shape.of(2, 3))
                .isNotEqualTo(Shape.of(3, 2));
    }

    @Test
    void refusesNegativeAndHugeSizes() {
        assertThatThrownBy(() -> Shape.of(2, -1))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[2, -1]");
        assertThatThrownBy(() -> Shape.of(1L << 32, 1L << 32)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Shape.of(1L << 32, 1L << 31)).isInstanceOf(ShapeException.class);
        assertThat(Shape.of(1L << 31, 1L << 31).numel()).isEqualTo(1L << 62);
    }

    @Test
    void dimensionsCountFromBothEnds() {
        Shape s = Shape.of(5, 6);
        assertThat(s.axis(1)).isEqualTo(1);
        assertThat(s.axis(-2)).isZero();
        for (int dim : new int[] {2, -3}) {
            assertThatThrownBy(() -> s.axis(dim))
                    .isInstanceOf(IndexException.class)
                    .hasMessageContaining("[-2, 1]");
            assertThatThrownBy(() -> s.size(dim)).isInstanceOf(IndexException.class);
        }
        assertThat(Shape.SCALAR.axis(0)).isZero();
        assertThat(Shape.SCALAR.axis(-1)).isZero();
        assertThatThrownBy(() -> Shape.SCALAR.axis(1)).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> Shape.SCALAR.size(0)).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> Shape.SCALAR.with(0, 1)).isInstanceOf(IndexException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "2,3;2,3;2,3",
                "2,3;3;2,3",
                "3;2,3;2,3",
                "2,1;1,5;2,5",
                ";4,1;4,1",
                "0;1;0",
                "1;0;0",
                "2,0,3;1,1,1;2,0,3"
            })
    void broadcasting(String a, String b, String expected) {
        assertThat(Shape.broadcast("add", parse(a), parse(b))).isEqualTo(parse(expected));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"2,3;2", "2,3;3,2", "0;2", "4,1,3;5,2"})
    void shapesThatDoNotBroadcast(String a, String b) {
        assertThatThrownBy(() -> Shape.broadcast("add", parse(a), parse(b)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[add]")
                .hasMessageContaining(parse(a).toString())
                .hasMessageContaining(parse(b).toString());
    }

    private static Shape parse(String text) {
        if (text == null) {
            return Shape.SCALAR;
        }
        String[] words = text.split(",");
        long[] sizes = new long[words.length];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = Long.parseLong(words[i]);
        }
        return Shape.of(sizes);
    }
}
