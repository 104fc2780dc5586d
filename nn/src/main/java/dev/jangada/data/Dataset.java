package dev.jangada.data;

import dev.jangada.ArgumentException;
import dev.jangada.IndexException;
import java.util.List;
import java.util.Objects;
import java.util.function.LongFunction;

/**
 * Samples by number.
 *
 * <p>A {@link DataLoader} with workers calls {@link #get} from several threads at once. Source: {@code torch.utils.data.Dataset}.
 *
 * @param <T> a sample, for example a list of two tensors: input and target
 */
public interface Dataset<T> {
    /** Returns the number of samples. */
    long size();

    /** Returns sample {@code index}, which lies in {@code [0, size())}. */
    T get(long index);

    /**
     * Returns a data set whose samples a function makes.
     *
     * <pre>{@code
     * var squares = Dataset.of(100, i -> List.of(Tensor.scalar((double) i), Tensor.scalar((double) i * i)));
     * for (Batch batch : DataLoader.stacking(squares, DataLoader.Options.of(10).withShuffle(true))) { … }
     * }</pre>
     *
     * @param size the number of samples, at least 0
     * @param samples returns the sample of an index in {@code [0, size)}
     */
    static <T> Dataset<T> of(long size, LongFunction<? extends T> samples) {
        Objects.requireNonNull(samples, "samples is null");
        if (size < 0) {
            throw new ArgumentException("[Dataset] expected a size >= 0, got " + size + "; pass the number of samples");
        }
        return new Dataset<>() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public T get(long index) {
                if (index < 0 || index >= size) {
                    throw new IndexException("[Dataset] expected an index in [0, " + (size - 1) + "], got " + index
                            + "; the data set has " + size + " samples");
                }
                return samples.apply(index);
            }
        };
    }

    /** Returns a data set of the elements of a list, which is copied. */
    static <T> Dataset<T> of(List<T> samples) {
        List<T> copy = List.copyOf(samples);
        return new Dataset<>() {
            @Override
            public long size() {
                return copy.size();
            }

            @Override
            public T get(long index) {
                return copy.get(Math.toIntExact(index));
            }
        };
    }
}
