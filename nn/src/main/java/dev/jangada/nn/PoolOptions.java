package dev.jangada.nn;

import dev.jangada.ArgumentException;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * Settings of pooling; each list has one number for all sliding dimensions or one per dimension.
 *
 * @param stride distance of neighbouring windows; empty, the default, for the kernel size
 * @param padding imagined elements on both sides, at most half of the kernel size, default 0; -infinity for the maximum, 0 for the mean
 * @param dilation distance of neighbouring elements in a window, default 1; maximum only
 * @param ceilMode whether a last window that ends behind the padded input counts, default false
 * @param countIncludePad whether the mean counts padding as elements, default true
 * @param divisorOverride what sums are divided by; empty for the number of elements; mean only
 */
public record PoolOptions(
        List<Long> stride,
        List<Long> padding,
        List<Long> dilation,
        boolean ceilMode,
        boolean countIncludePad,
        OptionalLong divisorOverride) {
    /** PyTorch's defaults. */
    public static final PoolOptions DEFAULT =
            new PoolOptions(List.of(), List.of(0L), List.of(1L), false, true, OptionalLong.empty());

    /** Creates settings; copies the lists. */
    public PoolOptions {
        stride = List.copyOf(stride);
        padding = List.copyOf(padding);
        dilation = List.copyOf(dilation);
        if (divisorOverride.isPresent() && divisorOverride.getAsLong() == 0) {
            throw new ArgumentException("[pool] expected a divisor other than 0, got 0");
        }
    }

    private static List<Long> list(long... values) {
        return LongStream.of(values).boxed().toList();
    }

    /** Returns these settings with a stride. */
    public PoolOptions withStride(long... value) {
        return new PoolOptions(list(value), padding, dilation, ceilMode, countIncludePad, divisorOverride);
    }

    /** Returns these settings with padding. */
    public PoolOptions withPadding(long... value) {
        return new PoolOptions(stride, list(value), dilation, ceilMode, countIncludePad, divisorOverride);
    }

    /** Returns these settings with a dilation. */
    public PoolOptions withDilation(long... value) {
        return new PoolOptions(stride, padding, list(value), ceilMode, countIncludePad, divisorOverride);
    }

    /** Returns these settings with or without a last window that ends behind the padded input. */
    public PoolOptions withCeilMode(boolean value) {
        return new PoolOptions(stride, padding, dilation, value, countIncludePad, divisorOverride);
    }

    /** Returns these settings with padding that counts as elements, or not. */
    public PoolOptions withCountIncludePad(boolean value) {
        return new PoolOptions(stride, padding, dilation, ceilMode, value, divisorOverride);
    }

    /**
     * Returns these settings with what sums are divided by.
     *
     * @throws ArgumentException if it is 0
     */
    public PoolOptions withDivisorOverride(long value) {
        return new PoolOptions(stride, padding, dilation, ceilMode, countIncludePad, OptionalLong.of(value));
    }
}
