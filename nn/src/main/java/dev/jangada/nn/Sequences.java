package dev.jangada.nn;

import dev.jangada.Device;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.ops.Checks;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences of several lengths: padded to one length, or packed so that recurrent layers compute nothing for padding.
 *
 * <pre>{@code
 * PackedSequence packed = Sequences.packPaddedSequence(x, new long[] {2, 5, 3}, true, false);
 * LSTM.PackedOutput y = lstm.forward(packed);
 * Tensor output = Sequences.padPackedSequence(y.output(), true, 0).output();   // [3, 5, features]
 * }</pre>
 *
 * <p>Source: {@code torch.nn.utils.rnn}.
 */
public final class Sequences {
    private Sequences() {}

    /**
     * Padded sequences.
     *
     * @param output {@code [time, batch, ..]}, or {@code [batch, time, ..]} with {@code batchFirst}
     * @param lengths number of elements of each sequence, int64
     */
    public record Padded(Tensor output, Tensor lengths) {}

    // ---- packing

    /** As {@link #packPaddedSequence(Tensor, long[], boolean, boolean)} for {@code [time, batch, ..]}, the longest sequence first. */
    public static PackedSequence packPaddedSequence(Tensor input, long... lengths) {
        return packPaddedSequence(input, lengths, false, true);
    }

    /**
     * Returns sequences without their padding.
     *
     * @param input {@code [time, batch, ..]}, or {@code [batch, time, ..]} with {@code batchFirst}
     * @param lengths number of elements of each sequence, from 1 to time
     * @param enforceSorted whether the longest sequence must come first; otherwise they are sorted, and results put back in order
     * @throws dev.jangada.ArgumentException if a length is out of range, or they grow although {@code enforceSorted}
     * @throws dev.jangada.ShapeException if there is not one length per sequence
     */
    public static PackedSequence packPaddedSequence(
            Tensor input, long[] lengths, boolean batchFirst, boolean enforceSorted) {
        String op = "packPaddedSequence";
        Checks.shape(
                input.dim() >= 2,
                op,
                "expected an input of at least 2 dimensions, time and batch, got shape " + input.shape());
        long time = input.size(batchFirst ? 1 : 0);
        long batch = input.size(batchFirst ? 0 : 1);
        Checks.shape(
                lengths.length == batch && batch > 0,
                op,
                "expected one length for each of at least one sequence, got " + lengths.length + " for " + batch
                        + " sequences in shape " + input.shape());
        checkLengths(op, lengths, time);
        int[] order = order(op, lengths, enforceSorted);
        long[] sizes = batchSizes(lengths);
        long[] rows = new long[Math.toIntExact(Arrays.stream(sizes).sum())];
        for (int t = 0, at = 0; t < sizes.length; t++) {
            for (int i = 0; i < sizes[t]; i++) {
                rows[at++] = batchFirst ? order[i] * time + t : t * batch + order[i];
            }
        }
        long[] flat = tail(input, 2, time * batch);
        Tensor data = input.reshape(flat).indexSelect(0, indices(rows, input.device()));
        return enforceSorted ? new PackedSequence(data, sizes) : sorted(data, sizes, order);
    }

    /** As {@link #packSequence(List, boolean)}, the longest sequence first. */
    public static PackedSequence packSequence(List<Tensor> sequences) {
        return packSequence(sequences, true);
    }

    /**
     * Returns sequences {@code [length, ..]} packed.
     *
     * @param sequences at least one, alike except in their lengths
     * @param enforceSorted whether the longest sequence must come first; otherwise they are sorted, and results put back in order
     * @throws dev.jangada.ArgumentException if there is none, one is empty, or lengths grow although {@code enforceSorted}
     * @throws dev.jangada.ShapeException if other sizes differ
     */
    public static PackedSequence packSequence(List<Tensor> sequences, boolean enforceSorted) {
        String op = "packSequence";
        long[] lengths = lengths(op, sequences);
        int[] order = order(op, lengths, enforceSorted);
        long[] sizes = batchSizes(lengths);
        long[] starts = new long[lengths.length];
        for (int i = 1; i < starts.length; i++) {
            starts[i] = starts[i - 1] + lengths[i - 1];
        }
        long[] rows = new long[Math.toIntExact(Arrays.stream(sizes).sum())];
        for (int t = 0, at = 0; t < sizes.length; t++) {
            for (int i = 0; i < sizes[t]; i++) {
                rows[at++] = starts[order[i]] + t;
            }
        }
        Tensor all = Tensor.cat(sequences, 0);
        Tensor data = all.indexSelect(0, indices(rows, all.device()));
        return enforceSorted ? new PackedSequence(data, sizes) : sorted(data, sizes, order);
    }

    private static void checkLengths(String op, long[] lengths, long most) {
        for (long length : lengths) {
            Checks.value(
                    length > 0 && length <= most,
                    op,
                    "expected lengths from 1 to " + most + ", got " + Arrays.toString(lengths)
                            + "; leave empty sequences out");
        }
    }

    /** The positions of the sequences by falling length, equal ones in order. */
    private static int[] order(String op, long[] lengths, boolean enforceSorted) {
        int[] order = IntStream.range(0, lengths.length)
                .boxed()
                .sorted(Comparator.comparingLong((Integer i) -> -lengths[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int i = 1; enforceSorted && i < lengths.length; i++) {
            Checks.value(
                    lengths[i] <= lengths[i - 1],
                    op,
                    "expected the longest sequence first, got lengths " + Arrays.toString(lengths)
                            + "; pass enforceSorted = false");
        }
        return order;
    }

    /** How many sequences have an element at each step. */
    private static long[] batchSizes(long[] lengths) {
        long longest = Arrays.stream(lengths).max().orElse(0);
        long[] sizes = new long[Math.toIntExact(longest)];
        for (long length : lengths) {
            for (int t = 0; t < length; t++) {
                sizes[t]++;
            }
        }
        return sizes;
    }

    private static PackedSequence sorted(Tensor data, long[] sizes, int[] order) {
        long[] from = new long[order.length];
        long[] back = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            from[i] = order[i];
            back[order[i]] = i;
        }
        return PackedSequence.of(data, sizes, indices(from, data.device()), indices(back, data.device()));
    }

    private static Tensor indices(long[] values, Device device) {
        return Tensor.of(values).to(device);
    }

    /** A first size and those of a tensor behind its first {@code skip} dimensions. */
    private static long[] tail(Tensor t, int skip, long... first) {
        long[] out = Arrays.copyOf(first, first.length + t.dim() - skip);
        for (int i = skip; i < t.dim(); i++) {
            out[first.length + i - skip] = t.size(i);
        }
        return out;
    }

    // ---- padding

    /** As {@link #padPackedSequence(PackedSequence, boolean, double)} with zeros, time first. */
    public static Padded padPackedSequence(PackedSequence sequence) {
        return padPackedSequence(sequence, false, 0);
    }

    /** Returns packed sequences padded to the length of the longest one, in their original order. */
    public static Padded padPackedSequence(PackedSequence sequence, boolean batchFirst, double paddingValue) {
        return padPackedSequence(sequence, batchFirst, paddingValue, sequence.batchSizes().length);
    }

    /**
     * Returns packed sequences padded to a length, in their original order.
     *
     * @param totalLength at least the length of the longest sequence
     * @throws dev.jangada.ArgumentException if {@code totalLength} is less
     */
    public static Padded padPackedSequence(
            PackedSequence sequence, boolean batchFirst, double paddingValue, long totalLength) {
        long[] sizes = sequence.batchSizes();
        Checks.value(
                totalLength >= sizes.length,
                "padPackedSequence",
                "expected a total length of at least " + sizes.length + ", the longest sequence, got " + totalLength);
        int batch = Math.toIntExact(sizes[0]);
        long[] lengths = new long[batch];
        long[] rows = new long[Math.toIntExact(Arrays.stream(sizes).sum())];
        for (int t = 0, at = 0; t < sizes.length; t++) {
            for (int i = 0; i < sizes[t]; i++) {
                lengths[i]++;
                rows[at++] = batchFirst ? i * totalLength + t : (long) t * batch + i;
            }
        }
        Tensor output = scattered(sequence.data(), rows, batch, totalLength, batchFirst, paddingValue);
        Tensor sorted = Tensor.of(lengths).to(sequence.data().device());
        return sequence.unsortedIndices()
                .map(order -> new Padded(output.indexSelect(batchFirst ? 0 : 1, order), sorted.indexSelect(0, order)))
                .orElseGet(() -> new Padded(output, sorted));
    }

    /** As {@link #padSequence(List, boolean, double)} with zeros, time first. */
    public static Tensor padSequence(List<Tensor> sequences) {
        return padSequence(sequences, false, 0);
    }

    /**
     * Returns sequences {@code [length, ..]} padded to the length of the longest one.
     *
     * @param sequences at least one, alike except in their lengths
     * @param batchFirst whether the result is {@code [batch, time, ..]} instead of {@code [time, batch, ..]}
     * @throws dev.jangada.ArgumentException if there is none
     * @throws dev.jangada.ShapeException if other sizes differ
     */
    public static Tensor padSequence(List<Tensor> sequences, boolean batchFirst, double paddingValue) {
        long[] lengths = lengths("padSequence", sequences);
        long time = Arrays.stream(lengths).max().orElse(0);
        long[] rows = new long[Math.toIntExact(Arrays.stream(lengths).sum())];
        for (int i = 0, at = 0; i < lengths.length; i++) {
            for (long t = 0; t < lengths[i]; t++) {
                rows[at++] = batchFirst ? i * time + t : t * lengths.length + i;
            }
        }
        return scattered(Tensor.cat(sequences, 0), rows, lengths.length, time, batchFirst, paddingValue);
    }

    private static long[] lengths(String op, List<Tensor> sequences) {
        Checks.value(!sequences.isEmpty(), op, "expected at least one sequence, got none");
        for (Tensor t : sequences) {
            Checks.shape(
                    t.dim() > 0 && t.size(0) > 0,
                    op,
                    "expected sequences [length, ..] of at least one element, got shape " + t.shape()
                            + "; leave empty ones out");
        }
        return sequences.stream().mapToLong(t -> t.size(0)).toArray();
    }

    private static Tensor scattered(
            Tensor data, long[] rows, long batch, long time, boolean batchFirst, double paddingValue) {
        Tensor padding = Tensor.full(tail(data, 1, batch * time), Scalar.of(paddingValue), data.dtype(), data.device());
        Tensor flat = padding.indexCopy(0, indices(rows, data.device()), data);
        return flat.view(batchFirst ? tail(data, 1, batch, time) : tail(data, 1, time, batch));
    }
}
