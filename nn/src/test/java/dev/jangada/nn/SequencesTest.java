package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.Jangada;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequencesTest {
    private static double difference(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void paddingComesBackAsItWas(boolean batchFirst) {
        Jangada.manualSeed(7);
        Tensor x = batchFirst ? Tensor.randn(3, 5, 2) : Tensor.randn(5, 3, 2);
        Tensor input = x.clone().requiresGrad_();
        long[] lengths = {2, 4, 1};
        PackedSequence packed = Sequences.packPaddedSequence(input, lengths, batchFirst, false);
        assertThat(packed.data().shape().toArray()).containsExactly(7, 2);
        Sequences.Padded y = Sequences.padPackedSequence(packed, batchFirst, -3, 6);
        assertThat(y.lengths().toLongArray()).containsExactly(lengths);
        y.output().sum().backward();
        for (int i = 0; i < lengths.length; i++) {
            Tensor from = x.select(batchFirst ? 0 : 1, i);
            Tensor to = y.output().detach().select(batchFirst ? 0 : 1, i);
            assertThat(to.size(0)).isEqualTo(6);
            assertThat(difference(from.narrow(0, 0, lengths[i]), to.narrow(0, 0, lengths[i])))
                    .isZero();
            assertThat(to.narrow(0, lengths[i], 6 - lengths[i])
                            .add(3)
                            .abs()
                            .max()
                            .item())
                    .isZero();
            assertThat(input.grad().select(batchFirst ? 0 : 1, i).sum().item()).isEqualTo(2.0 * lengths[i]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0,2", "-1,2", "6,2", "2,5"})
    void wrongLengthsAreRefused(String text) {
        long[] lengths = java.util.Arrays.stream(text.split(","))
                .mapToLong(Long::parseLong)
                .toArray();
        assertThatThrownBy(() -> Sequences.packPaddedSequence(Tensor.zeros(5, 2, 3), lengths))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("[packPaddedSequence]");
    }

    @Test
    void wrongPacksAreRefused() {
        Tensor x = Tensor.zeros(5, 2, 3);
        assertThatThrownBy(() -> Sequences.packPaddedSequence(x, 5, 2, 1)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Sequences.packPaddedSequence(Tensor.zeros(5, 0, 3)))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Sequences.padSequence(List.of())).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new PackedSequence(Tensor.zeros(3, 2), new long[] {1, 2}))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new PackedSequence(Tensor.zeros(3, 2), new long[] {2, 2}))
                .isInstanceOf(ShapeException.class);
        PackedSequence packed = Sequences.packPaddedSequence(x, 5, 2);
        assertThatThrownBy(() -> Sequences.padPackedSequence(packed, false, 0, 4))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new LSTM(4, 3).forward(packed)).isInstanceOf(ShapeException.class);
    }

    @Test
    void packingAListIsPackingItsPaddedForm() {
        List<Tensor> list = List.of(Tensor.randn(2, 3), Tensor.randn(4, 3), Tensor.randn(1, 3));
        PackedSequence direct = Sequences.packSequence(list, false);
        PackedSequence padded =
                Sequences.packPaddedSequence(Sequences.padSequence(list), new long[] {2, 4, 1}, false, false);
        assertThat(difference(direct.data(), padded.data())).isZero();
        assertThat(direct.batchSizes()).containsExactly(3, 2, 1, 1);
        assertThat(direct.sortedIndices().orElseThrow().toLongArray()).containsExactly(1, 0, 2);
        assertThat(direct.unsortedIndices().orElseThrow().toLongArray()).containsExactly(1, 0, 2);
    }
}
