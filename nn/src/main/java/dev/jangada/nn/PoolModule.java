package dev.jangada.nn;

import dev.jangada.ArgumentException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;

/** What all layers have in common that slide windows of one size over their input. */
abstract class PoolModule extends Layer {
    private final List<Long> kernelSize;
    private final PoolOptions options;

    PoolModule(int dims, PoolOptions options, long[] kernelSize) {
        boolean sizes = kernelSize.length == 1 || kernelSize.length == dims;
        if (!sizes || LongStream.of(kernelSize).anyMatch(k -> k < 1)) {
            throw new ArgumentException("[" + getClass().getSimpleName() + "] expected a kernel size > 0"
                    + (dims > 1 ? ", one number or one per dimension" : "") + ", got " + Arrays.toString(kernelSize)
                    + "; pass for example 2");
        }
        this.options = Objects.requireNonNull(options, "options is null");
        this.kernelSize = LongStream.of(kernelSize).boxed().toList();
    }

    final PoolOptions options() {
        return options;
    }

    final long[] kernelSize() {
        return ConvOptions.array(kernelSize);
    }

    /** Returns the settings as PyTorch prints them for the maximum. */
    final String maxRepr() {
        return meanRepr() + ", dilation=" + Repr.oneOrTuple(options.dilation()) + ", ceil_mode="
                + Repr.flag(options.ceilMode());
    }

    /** Returns the settings as PyTorch prints them for the mean. */
    final String meanRepr() {
        return "kernel_size=" + Repr.oneOrTuple(kernelSize) + ", stride=" + Repr.oneOrTuple(stride()) + ", padding="
                + Repr.oneOrTuple(options.padding());
    }

    /** Returns the settings as PyTorch prints them for the mean of a signal: always as tuples. */
    final String meanTuples() {
        return "kernel_size=" + Repr.tuple(kernelSize) + ", stride=" + Repr.tuple(stride()) + ", padding="
                + Repr.tuple(options.padding());
    }

    private List<Long> stride() {
        return options.stride().isEmpty() ? kernelSize : options.stride();
    }
}
