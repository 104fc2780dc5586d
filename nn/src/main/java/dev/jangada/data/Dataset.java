package dev.jangada.data;

import java.util.List;

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
