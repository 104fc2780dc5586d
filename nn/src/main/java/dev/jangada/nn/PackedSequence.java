package dev.jangada.nn;

import dev.jangada.Tensor;
import dev.jangada.ops.Checks;
import java.util.Arrays;
import java.util.Optional;

/**
 * Sequences of several lengths without padding: first the first elements of all sequences, then the second elements of those that have one,
 * and so on, the longest sequence first.
 *
 * <p>{@link Sequences} makes them and unpacks them. Source: {@code torch.nn.utils.rnn.PackedSequence}.
 */
public final class PackedSequence {
    private final Tensor data;
    private final long[] batchSizes;
    private final Tensor sortedIndices;
    private final Tensor unsortedIndices;

    /**
     * Creates packed sequences that were already sorted.
     *
     * @param data all elements, {@code [rows, ..]}
     * @param batchSizes number of sequences that have an element at each step; they never grow, end above 0 and add up to the rows
     * @throws dev.jangada.ArgumentException if the sizes are not so
     * @throws dev.jangada.ShapeException if they do not add up to the rows of {@code data}
     */
    public PackedSequence(Tensor data, long[] batchSizes) {
        this(data, batchSizes, null, null);
        check(data, batchSizes);
    }

    /**
     * Creates packed sequences that were sorted for packing.
     *
     * @param data all elements, {@code [rows, ..]}
     * @param batchSizes number of sequences that have an element at each step
     * @param sortedIndices the original position of each sequence, int64
     * @param unsortedIndices the packed position of each sequence, int64: the inverse of {@code sortedIndices}
     * @return the packed sequences
     * @throws dev.jangada.ArgumentException if the sizes grow or are not above 0
     * @throws dev.jangada.ShapeException if the sizes do not add up to the rows of {@code data}, or there is not one index per sequence
     */
    public static PackedSequence of(Tensor data, long[] batchSizes, Tensor sortedIndices, Tensor unsortedIndices) {
        check(data, batchSizes);
        for (Tensor t : new Tensor[] {sortedIndices, unsortedIndices}) {
            Checks.shape(
                    t.dim() == 1 && t.size(0) == batchSizes[0],
                    "PackedSequence",
                    "expected one index for each of " + batchSizes[0] + " sequences, got shape " + t.shape());
        }
        return new PackedSequence(data, batchSizes, sortedIndices, unsortedIndices);
    }

    private PackedSequence(Tensor data, long[] batchSizes, Tensor sortedIndices, Tensor unsortedIndices) {
        this.data = data;
        this.batchSizes = batchSizes.clone();
        this.sortedIndices = sortedIndices;
        this.unsortedIndices = unsortedIndices;
    }

    private static void check(Tensor data, long[] sizes) {
        boolean falling = sizes.length > 0 && sizes[sizes.length - 1] > 0;
        for (int t = 1; t < sizes.length; t++) {
            falling &= sizes[t] <= sizes[t - 1];
        }
        Checks.value(
                falling,
                "PackedSequence",
                "expected batch sizes above 0 that never grow, got " + Arrays.toString(sizes)
                        + "; use Sequences.packPaddedSequence");
        Checks.shape(
                data.dim() > 0 && data.size(0) == Arrays.stream(sizes).sum(),
                "PackedSequence",
                "expected as many rows as the batch sizes " + Arrays.toString(sizes) + " add up to, got data of shape "
                        + data.shape());
    }

    /** Returns the same sequences with other elements. */
    PackedSequence with(Tensor other) {
        return new PackedSequence(other, batchSizes, sortedIndices, unsortedIndices);
    }

    /** Returns all elements, {@code [rows, ..]}. */
    public Tensor data() {
        return data;
    }

    /** Returns a copy of the numbers of sequences that have an element at each step. */
    public long[] batchSizes() {
        return batchSizes.clone();
    }

    /** Returns the original position of each sequence; empty if they were not sorted for packing. */
    public Optional<Tensor> sortedIndices() {
        return Optional.ofNullable(sortedIndices);
    }

    /** Returns the packed position of each sequence; empty if they were not sorted for packing. */
    public Optional<Tensor> unsortedIndices() {
        return Optional.ofNullable(unsortedIndices);
    }
}
