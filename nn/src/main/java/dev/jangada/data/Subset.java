package dev.jangada.data;

import dev.jangada.ArgumentException;
import dev.jangada.Generator;
import dev.jangada.IndexException;
import dev.jangada.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Some samples of another data set, in an order of their own; nothing is copied but their numbers.
 *
 * <pre>{@code
 * List<Subset<List<Tensor>>> parts = Subset.randomSplit(data, new Generator(0), 0.8, 0.2);
 * var loader = DataLoader.stacking(parts.get(0), DataLoader.Options.of(64).withShuffle(true));
 * }</pre>
 *
 * <p>Source: {@code torch.utils.data.Subset}.
 *
 * @param <T> a sample
 */
public final class Subset<T> implements Dataset<T> {
    /** How far the sum of fractions may be from 1. */
    private static final double ROUNDING = 1e-6;

    private final Dataset<T> dataset;
    private final long[] indices;

    /**
     * Creates a subset.
     *
     * @param dataset the whole
     * @param indices the numbers of the samples in it, copied; one may occur several times
     * @throws IndexException if one is not in {@code [0, dataset.size())}
     */
    public Subset(Dataset<T> dataset, long... indices) {
        this.dataset = Objects.requireNonNull(dataset, "dataset is null");
        this.indices = indices.clone();
        long size = dataset.size();
        for (long index : this.indices) {
            if (index < 0 || index >= size) {
                throw new IndexException("[Subset] expected indices in [0, " + (size - 1) + "], got " + index
                        + "; the data set has " + size + " samples");
            }
        }
    }

    @Override
    public long size() {
        return indices.length;
    }

    @Override
    public T get(long index) {
        return dataset.get(inner(index));
    }

    /** Returns the whole. */
    public Dataset<T> dataset() {
        return dataset;
    }

    /** Returns the numbers of the samples in the whole, in the order of this subset; a copy. */
    public long[] indices() {
        return indices.clone();
    }

    /** Returns the numbers in the whole of some samples of this subset. */
    long[] inner(long[] numbers) {
        long[] out = new long[numbers.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = inner(numbers[i]);
        }
        return out;
    }

    private long inner(long index) {
        if (index < 0 || index >= indices.length) {
            throw new IndexException("[Subset] expected an index in [0, " + (indices.length - 1) + "], got " + index
                    + "; the subset has " + indices.length + " samples");
        }
        return indices[(int) index];
    }

    /**
     * Splits a data set at random into parts without a common sample.
     *
     * <p>Source: {@code torch.utils.data.random_split}.
     *
     * @param generator gives the order
     * @param lengths the sizes of the parts, together that of the data set
     * @throws ArgumentException if a length is negative or their sum differs from the size
     */
    public static <T> List<Subset<T>> randomSplit(Dataset<T> dataset, Generator generator, long... lengths) {
        Objects.requireNonNull(generator, "generator is null");
        long sum = 0;
        for (long length : lengths) {
            if (length < 0) {
                throw new ArgumentException(
                        "[randomSplit] expected lengths >= 0, got " + length + "; pass 0 for an empty part");
            }
            sum += length;
        }
        if (sum != dataset.size()) {
            throw new ArgumentException("[randomSplit] expected lengths whose sum is the size " + dataset.size()
                    + " of the data set, got " + Arrays.toString(lengths) + "; pass fractions to have them computed");
        }
        long[] order = permutation(sum, generator);
        List<Subset<T>> parts = new ArrayList<>();
        int from = 0;
        for (long length : lengths) {
            int to = from + (int) length;
            parts.add(new Subset<>(dataset, Arrays.copyOfRange(order, from, to)));
            from = to;
        }
        return List.copyOf(parts);
    }

    /**
     * As {@link #randomSplit(Dataset, Generator, long...)} with fractions of the size, rounded down; samples that are left go to the first
     * parts, one each.
     *
     * @param fractions at least 0, together 1
     * @throws ArgumentException if a fraction is negative or their sum is not 1
     */
    public static <T> List<Subset<T>> randomSplit(Dataset<T> dataset, Generator generator, double... fractions) {
        long size = dataset.size();
        long[] lengths = new long[fractions.length];
        double sum = 0;
        long rest = size;
        for (int i = 0; i < fractions.length; i++) {
            if (!(fractions[i] >= 0)) {
                throw new ArgumentException(
                        "[randomSplit] expected fractions >= 0, got " + fractions[i] + "; pass 0 for an empty part");
            }
            sum += fractions[i];
            lengths[i] = (long) Math.floor(fractions[i] * size);
            rest -= lengths[i];
        }
        if (!(Math.abs(sum - 1) < ROUNDING)) {
            throw new ArgumentException("[randomSplit] expected fractions whose sum is 1, got "
                    + Arrays.toString(fractions) + "; pass whole numbers for sizes");
        }
        for (int i = 0; rest > 0; i = (i + 1) % lengths.length, rest--) {
            lengths[i]++;
        }
        return randomSplit(dataset, generator, lengths);
    }

    static long[] permutation(long size, Generator generator) {
        try (Tensor order = Tensor.randperm(size, generator)) {
            return order.toLongArray();
        }
    }
}
