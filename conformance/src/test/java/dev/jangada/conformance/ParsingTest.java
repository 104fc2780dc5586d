package dev.jangada.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers keep their kind and all their bits on the way from the file to the tensor and back. */
class ParsingTest {
    private static JsonNode json(String text) {
        try {
            return Corpus.parse("", text.replace('\'', '"')).json();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static HostTensor tensor(String dtype, String data) {
        JsonNode values = json(data);
        return HostTensor.read(
                json("{'dtype': '" + dtype + "', 'shape': [" + values.size() + "], 'data': " + data + "}"));
    }

    @Test
    void numbersKeepTheirKind() {
        assertThat(Call.scalar(json("2"))).isEqualTo(Scalar.of(2L));
        assertThat(Call.scalar(json("2.0"))).isEqualTo(Scalar.of(2.0));
        assertThat(Call.scalar(json("true"))).isEqualTo(Scalar.of(true));
        assertThat(Call.scalar(json("'-inf'"))).isEqualTo(Scalar.of(Double.NEGATIVE_INFINITY));
        assertThat(Call.scalar(json("9223372036854775807"))).isEqualTo(Scalar.of(Long.MAX_VALUE));
    }

    @Test
    void int64IsExact() {
        HostTensor t = tensor("int64", "[9007199254740993, -9223372036854775808, 9223372036854775807]");
        assertThat(t.toTensor().toLongArray()).containsExactly(9007199254740993L, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    @Test
    void float32IsNarrowedOnce() {
        Tensor t = tensor("float32", "[0.1, 1e-45, 3.4028235e+38, -0.0, 'nan', 'inf', '-inf']")
                .toTensor();
        float[] expected = {0.1f, 1e-45f, Float.MAX_VALUE, -0f, Float.NaN, Float.POSITIVE_INFINITY, -1f / 0f};
        assertThat(t.toFloatArray()).isEqualTo(expected);
        assertThat(Float.floatToRawIntBits(t.toFloatArray()[3])).isEqualTo(Integer.MIN_VALUE);
    }

    @ParameterizedTest
    @CsvSource({
        "bool, '[true, false]'",
        "uint8, '[0, 255]'",
        "int8, '[-128, 127]'",
        "int16, '[-32768, 32767]'",
        "int32, '[-2147483648, 2147483647]'",
        "float16, '[0.099975586, 65504.0, 5.9604645e-08, -0.0]'",
        "bfloat16, '[0.100097656, 3.3895314e+38, 9.1835e-41]'",
        "float64, '[0.1, 4.9e-324, 1.7976931348623157e+308]'"
    })
    void everyTypeSurvivesTheDevice(String dtype, String data) {
        HostTensor t = tensor(dtype, data);
        HostTensor back = HostTensor.of(t.toTensor());
        assertThat(back.difference(t, new Tolerance(0, 0, true))).isEmpty();
    }

    @Test
    void scalarsAndEmptyTensorsHaveTheirShape() {
        HostTensor scalar = HostTensor.read(json("{'dtype': 'int32', 'shape': [], 'data': [5]}"));
        assertThat(scalar.toTensor().dim()).isZero();
        HostTensor empty = HostTensor.read(json("{'dtype': 'float32', 'shape': [2, 0, 3], 'data': []}"));
        assertThat(empty.toTensor().shape().toArray()).containsExactly(2, 0, 3);
    }

    @Test
    void wrongNumberOfElementsIsRefused() {
        JsonNode bad = json("{'dtype': 'int32', 'shape': [2, 2], 'data': [1, 2, 3]}");
        assertThatThrownBy(() -> HostTensor.read(bad)).hasMessageContaining("expected 4 elements, got 3");
    }

    @Test
    void differenceNamesTheFirstIndexAndTheCount() {
        HostTensor expected = HostTensor.read(json("{'dtype': 'int64', 'shape': [2, 2], 'data': [1, 2, 3, 4]}"));
        HostTensor got = HostTensor.read(json("{'dtype': 'int64', 'shape': [2, 2], 'data': [1, 2, 7, 8]}"));
        assertThat(got.difference(expected, new Tolerance(1, 1, false)))
                .isEqualTo("at index [1, 0] expected 3, got 7 (2 of 4 differ)");
    }

    @Test
    void toleranceIsThatOfTheFormat() {
        Tolerance t = new Tolerance(1e-2, 1e-3, false);
        assertThat(t.accepts(101, 100)).isTrue();
        assertThat(t.accepts(101.01, 100)).isFalse();
        assertThat(t.accepts(Double.NaN, Double.NaN)).isTrue();
        assertThat(t.accepts(1, Double.NaN)).isFalse();
        assertThat(t.accepts(Double.NaN, 1)).isFalse();
        assertThat(t.accepts(Double.MAX_VALUE, Double.POSITIVE_INFINITY)).isFalse();
        assertThat(t.accepts(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY))
                .isFalse();
        assertThat(t.accepts(-0.0, 0.0)).isTrue();
        assertThat(new Tolerance(0, 0, true).accepts(-0.0, 0.0)).isFalse();
    }

    @Test
    void jsonIsComparedByKindAndValue() {
        assertThat(Result.same(json("1"), 1L)).isTrue();
        assertThat(Result.same(json("1.0"), 1L)).isFalse();
        assertThat(Result.same(json("1"), true)).isFalse();
        assertThat(Result.same(json("[[1, 2], []]"), List.of(List.of(1L, 2L), List.of())))
                .isTrue();
        assertThat(Result.same(json("[1, 2]"), List.of(1L))).isFalse();
        assertThat(Result.same(json("'nan'"), Double.NaN)).isTrue();
        assertThat(Result.same(json("'-inf'"), Double.NEGATIVE_INFINITY)).isTrue();
        assertThat(Result.same(json("0.1"), 0.1)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.5", "'two'", "true"})
    void integersAreNotGuessed(String text) {
        Call c = new Call(java.util.Map.of(), json("{'dim': " + text + "}"), n -> null, null);
        assertThatThrownBy(() -> c.integer("dim")).isInstanceOf(IllegalArgumentException.class);
    }
}
