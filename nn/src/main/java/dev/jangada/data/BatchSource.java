package dev.jangada.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Batches by the numbers of their samples: what a {@link DataLoader} draws from.
 *
 * <p>{@link TensorDataset} makes a batch in one step; any other {@link Dataset} becomes a source by a {@link Collate} function.
 *
 * @param <B> a batch
 */
public interface BatchSource<B> {
    /** Returns the number of samples. */
    long size();

    /** Returns the batch of these samples, in this order; called from several threads at once if the loader has workers. */
    B batch(long[] indices);

    /**
     * Puts samples together.
     *
     * @param <T> a sample
     * @param <B> a batch
     */
    @FunctionalInterface
    interface Collate<T, B> {
        /** Returns the batch of some samples. */
        B collate(List<T> samples);
    }

    /** Returns the source that gets samples one by one and puts them together. */
    static <T, B> BatchSource<B> of(Dataset<T> samples, Collate<T, B> collate) {
        Objects.requireNonNull(samples, "samples is null");
        Objects.requireNonNull(collate, "collate is null");
        return new BatchSource<>() {
            @Override
            public long size() {
                return samples.size();
            }

            @Override
            public B batch(long[] indices) {
                List<T> all = new ArrayList<>(indices.length);
                for (long index : indices) {
                    all.add(samples.get(index));
                }
                return collate.collate(all);
            }
        };
    }
}
