package dev.jangada.nn;

import dev.jangada.ArgumentException;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * Settings of convolutions; each list has one number for all sliding dimensions or one per dimension.
 *
 * @param stride distance of neighbouring windows, default 1
 * @param padding imagined elements on both sides, default 0; empty for {@code same}
 * @param outputPadding elements that the result of a transposed convolution has more at the end, default 0
 * @param dilation distance of neighbouring elements in a window, default 1
 * @param groups number of independent parts of the channels, default 1
 * @param bias whether a layer adds a learned number per channel, default true
 * @param paddingMode what a layer imagines around its input: {@code zeros}, {@code reflect}, {@code replicate} or {@code circular}
 */
public record ConvOptions(
        List<Long> stride,
        List<Long> padding,
        List<Long> outputPadding,
        List<Long> dilation,
        long groups,
        boolean bias,
        String paddingMode) {
    /** PyTorch's defaults. */
    public static final ConvOptions DEFAULT =
            new ConvOptions(List.of(1L), List.of(0L), List.of(0L), List.of(1L), 1, true, "zeros");

    /** Creates settings; copies the lists. */
    public ConvOptions {
        stride = List.copyOf(stride);
        padding = List.copyOf(padding);
        outputPadding = List.copyOf(outputPadding);
        dilation = List.copyOf(dilation);
        Objects.requireNonNull(paddingMode, "paddingMode is null");
    }

    private static List<Long> list(long... values) {
        return LongStream.of(values).boxed().toList();
    }

    static long[] array(List<Long> list) {
        return list.stream().mapToLong(Long::longValue).toArray();
    }

    /** Returns these settings with another stride. */
    public ConvOptions withStride(long... value) {
        return new ConvOptions(list(value), padding, outputPadding, dilation, groups, bias, paddingMode);
    }

    /**
     * Returns these settings with other padding.
     *
     * @throws ArgumentException if there is no number
     */
    public ConvOptions withPadding(long... value) {
        if (value.length == 0) {
            throw new ArgumentException("[conv] expected numbers of padding, got none; pass 0, or \"same\"");
        }
        return new ConvOptions(stride, list(value), outputPadding, dilation, groups, bias, paddingMode);
    }

    /**
     * Returns these settings with padding by name: {@code valid} is none, {@code same} as much as keeps the size (stride 1 only).
     *
     * @throws ArgumentException if it is another name
     */
    public ConvOptions withPadding(String value) {
        if (!value.equals("same") && !value.equals("valid")) {
            throw new ArgumentException("[conv] expected the padding same, valid or numbers, got '" + value + "'");
        }
        List<Long> numbers = value.equals("same") ? List.of() : List.of(0L);
        return new ConvOptions(stride, numbers, outputPadding, dilation, groups, bias, paddingMode);
    }

    /** Returns these settings with elements that the result of a transposed convolution has more at the end. */
    public ConvOptions withOutputPadding(long... value) {
        return new ConvOptions(stride, padding, list(value), dilation, groups, bias, paddingMode);
    }

    /** Returns these settings with another dilation. */
    public ConvOptions withDilation(long... value) {
        return new ConvOptions(stride, padding, outputPadding, list(value), groups, bias, paddingMode);
    }

    /** Returns these settings with a number of groups. */
    public ConvOptions withGroups(long value) {
        return new ConvOptions(stride, padding, outputPadding, dilation, value, bias, paddingMode);
    }

    /** Returns these settings with or without a bias. */
    public ConvOptions withBias(boolean value) {
        return new ConvOptions(stride, padding, outputPadding, dilation, groups, value, paddingMode);
    }

    /**
     * Returns these settings with what a layer imagines around its input.
     *
     * @throws ArgumentException if it is none of {@code zeros}, {@code reflect}, {@code replicate}, {@code circular}
     */
    public ConvOptions withPaddingMode(String value) {
        if (!List.of("zeros", "reflect", "replicate", "circular").contains(value)) {
            throw new ArgumentException(
                    "[conv] expected the padding mode zeros, reflect, replicate or circular, got '" + value + "'");
        }
        return new ConvOptions(stride, padding, outputPadding, dilation, groups, bias, value);
    }

    /** Tells whether the padding is as much as keeps the size. */
    public boolean isSame() {
        return padding.isEmpty();
    }
}
