package dev.jangada.data;

import dev.jangada.Tensor;
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

    /**
     * Returns the source that stacks samples; rows of a {@link TensorDataset}, or of a {@link Subset} of one, are taken at once by one kernel
     * per tensor.
     */
    static BatchSource<Batch> stacking(Dataset<List<Tensor>> samples) {
        if (samples instanceof TensorDataset rows) {
            return rows;
        }
        if (samples instanceof Subset<List<Tensor>> part) {
            BatchSource<Batch> whole = stacking(part.dataset());
            return new BatchSource<>() {
                @Override
                public long size() {
                    return part.size();
                }

                @Override
                public Batch batch(long[] indices) {
                    return whole.batch(part.inner(indices));
                }
            };
        }
        return of(samples, Batch::stack);
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
