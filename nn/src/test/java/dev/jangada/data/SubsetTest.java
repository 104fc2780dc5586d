package dev.jangada.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.Generator;
import dev.jangada.IndexException;
import dev.jangada.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SubsetTest {
    private static final TensorDataset TEN =
            new TensorDataset(Tensor.arange(10), Tensor.arange(10).mul(10));

    private static List<Long> inputs(DataLoader<Batch> loader) {
        List<Long> out = new ArrayList<>();
        for (Batch batch : loader) {
            long[] x = batch.get(0).toLongArray();
            assertThat(batch.get(1).toLongArray())
                    .containsExactly(Arrays.stream(x).map(v -> v * 10).toArray());
            Arrays.stream(x).forEach(out::add);
        }
        return out;
    }

    @Test
    void samplesAreThoseOfTheWhole() {
        Subset<List<Tensor>> part = new Subset<>(TEN, 7, 2, 7);
        assertThat(part.size()).isEqualTo(3);
        assertThat(part.get(1).get(1).itemLong()).isEqualTo(20);
        assertThat(part.indices()).containsExactly(7, 2, 7);
        assertThat(inputs(DataLoader.stacking(part, DataLoader.Options.of(2)))).containsExactly(7L, 2L, 7L);
        Subset<List<Tensor>> partOfPart = new Subset<>(part, 1, 0);
        assertThat(inputs(DataLoader.stacking(partOfPart, DataLoader.Options.of(5))))
                .containsExactly(2L, 7L);
        assertThatThrownBy(() -> part.get(3)).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> part.get(-1)).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> new Subset<>(TEN, 10)).isInstanceOf(IndexException.class);
    }

    @Test
    void anyDataSetCanBePartedAndLoaded() {
        Dataset<List<Tensor>> tens = Dataset.of(10, i -> List.of(Tensor.scalar(i), Tensor.scalar(10 * i)));
        Subset<List<Tensor>> part = new Subset<>(tens, 3, 4);
        DataLoader.Options options = DataLoader.Options.of(4).withNumWorkers(2);
        assertThat(inputs(DataLoader.stacking(part, options))).containsExactly(3L, 4L);
        assertThatThrownBy(() -> tens.get(10)).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> Dataset.of(-1, i -> i)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void randomPartsTogetherAreTheWhole() {
        List<Subset<List<Tensor>>> parts = Subset.randomSplit(TEN, new Generator(1), 7, 0, 3);
        assertThat(parts.stream().map(Subset::size)).containsExactly(7L, 0L, 3L);
        assertThat(parts.stream().flatMapToLong(p -> LongStream.of(p.indices())).sorted())
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(parts.get(0).indices()).isNotEqualTo(new long[] {0, 1, 2, 3, 4, 5, 6});
        assertThat(Subset.randomSplit(TEN, new Generator(1), 7, 0, 3).get(0).indices())
                .containsExactly(parts.get(0).indices());
        assertThat(Subset.randomSplit(TEN, new Generator(2), 7, 0, 3).get(0).indices())
                .isNotEqualTo(parts.get(0).indices());
    }

    @Test
    void fractionsAreRoundedDownAndTheRestGoesFirst() {
        assertThat(Subset.randomSplit(TEN, new Generator(1), 0.25, 0.25, 0.5).stream()
                        .map(Subset::size))
                .containsExactly(3L, 2L, 5L);
        assertThat(Subset.randomSplit(TEN, new Generator(1), 0.33, 0.33, 0.34).stream()
                        .map(Subset::size))
                .containsExactly(4L, 3L, 3L);
        assertThatThrownBy(() -> Subset.randomSplit(TEN, new Generator(1), 0.5, 0.6))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Subset.randomSplit(TEN, new Generator(1), 1.5, -0.5))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Subset.randomSplit(TEN, new Generator(1), 5, 6))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Subset.randomSplit(TEN, new Generator(1), 11, -1))
                .isInstanceOf(ArgumentException.class);
    }

    @Test
    void trainingAndTestRowsAreDisjointAndRepeatable() {
        TensorDataset.TrainTest split = TEN.trainTestSplit(0.25, new Generator(5));
        assertThat(split.test().size()).isEqualTo(3);
        assertThat(split.train().size()).isEqualTo(7);
        long[] train = split.train().tensors().get(0).toLongArray();
        long[] test = split.test().tensors().get(0).toLongArray();
        assertThat(LongStream.concat(LongStream.of(train), LongStream.of(test)).sorted())
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(inputs(new DataLoader<>(split.test(), DataLoader.Options.of(2))))
                .hasSize(3);
        assertThat(TEN.trainTestSplit(0.25, new Generator(5))
                        .test()
                        .tensors()
                        .get(0)
                        .toLongArray())
                .containsExactly(test);
        for (double fraction : new double[] {0, 1, -0.1, Double.NaN, 0.95}) {
            assertThatThrownBy(() -> TEN.trainTestSplit(fraction, new Generator(5)))
                    .isInstanceOf(ArgumentException.class);
        }
    }
}
