package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import dev.jangada.nn.init.Init;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;

/** What the convolutions have in common: weight, bias, settings and how they print. */
abstract class ConvModule extends Layer {
    private final long inChannels;
    private final long outChannels;
    private final List<Long> kernelSize;
    private final ConvOptions options;
    private final Tensor weight;
    private final Tensor bias;

    ConvModule(
            int dims, boolean transposed, long inChannels, long outChannels, long[] kernelSize, ConvOptions options) {
        this.options = Objects.requireNonNull(options, "options is null");
        String name = getClass().getSimpleName();
        long groups = options.groups();
        if (groups < 1 || inChannels < 1 || outChannels < 1 || inChannels % groups != 0 || outChannels % groups != 0) {
            throw new ArgumentException("[" + name + "] expected numbers of channels that the groups divide, got "
                    + inChannels + " and " + outChannels + " channels and " + groups + " groups; pass withGroups(1)");
        }
        if (kernelSize.length != 1 && kernelSize.length != dims
                || LongStream.of(kernelSize).anyMatch(k -> k < 1)) {
            throw new ArgumentException("[" + name + "] expected the sizes of the kernel, one number > 0 or " + dims
                    + ", got " + Arrays.toString(kernelSize) + "; stride and padding are ConvOptions");
        }
        checkSettings(name, dims);
        if (transposed && (options.isSame() || !options.paddingMode().equals("zeros"))) {
            throw new ArgumentException("[" + name + "] expected padding in numbers and the padding mode zeros, got "
                    + (options.isSame() ? "same" : options.paddingMode()));
        }
        this.inChannels = inChannels;
        this.outChannels = outChannels;
        this.kernelSize = spread(LongStream.of(kernelSize).boxed().toList(), dims);
        long[] sizes = new long[2 + dims];
        sizes[0] = transposed ? inChannels : outChannels;
        sizes[1] = (transposed ? outChannels : inChannels) / groups;
        for (int i = 0; i < dims; i++) {
            sizes[2 + i] = this.kernelSize.get(i);
        }
        this.weight = parameter("weight", Tensor.empty(sizes));
        this.bias = options.bias() ? parameter("bias", Tensor.empty(outChannels)) : null;
        resetParameters();
    }

    /** What the padding modes other than zeros would not notice, as they pad before the convolution. */
    private void checkSettings(String name, int dims) {
        for (List<Long> numbers :
                List.of(options.stride(), options.padding(), options.outputPadding(), options.dilation())) {
            boolean same = options.isSame() && numbers.isEmpty(); // only the padding may be
            long least = numbers == options.stride() || numbers == options.dilation() ? 1 : 0;
            if (!same && numbers.size() != 1 && numbers.size() != dims
                    || numbers.stream().anyMatch(n -> n < least)) {
                throw new ArgumentException("[" + name + "] expected one number or " + dims
                        + " for stride, padding and dilation, padding >= 0, the others > 0, got " + options);
            }
        }
        if (options.isSame() && !all(options.stride(), 1)) {
            throw new ArgumentException("[" + name + "] expected stride 1 with padding same, got " + options.stride()
                    + "; pass the padding in numbers");
        }
    }

    private static List<Long> spread(List<Long> numbers, int dims) {
        return numbers.size() == 1 ? Collections.nCopies(dims, numbers.get(0)) : numbers;
    }

    /** Draws weight and bias anew from the global generator: uniform in {@code [-b, b)} with {@code b = 1 / sqrt(fanIn)}. */
    public void resetParameters() {
        Init.kaimingUniform_(weight, Math.sqrt(5));
        if (bias != null) {
            double bound = 1 / Math.sqrt(Init.fanIn(weight));
            Init.uniform_(bias, -bound, bound);
        }
    }

    /** Returns the weight. */
    public Tensor weight() {
        return weight;
    }

    /** Returns the bias; empty without one. */
    public Optional<Tensor> bias() {
        return Optional.ofNullable(bias);
    }

    /** The bias, or null. */
    final Tensor biasOrNull() {
        return bias;
    }

    final ConvOptions options() {
        return options;
    }

    private int dims() {
        return kernelSize.size();
    }

    /** The convolution, after the padding that is not zeros. */
    final Tensor convolve(String op, Tensor input) {
        if (options.paddingMode().equals("zeros")) {
            return Convolutions.convolution(op, dims(), input, weight, bias, options);
        }
        Convolutions.checkInput(op, dims(), input);
        long[] pads = new long[2 * dims()];
        List<Long> padding = spread(options.padding(), dims());
        List<Long> dilation = spread(options.dilation(), dims());
        for (int i = 0; i < dims(); i++) {
            long all = options.isSame() ? dilation.get(i) * (kernelSize.get(i) - 1) : 2 * padding.get(i);
            pads[pads.length - 2 * i - 2] = all / 2;
            pads[pads.length - 2 * i - 1] = all - all / 2;
        }
        Tensor padded = input.pad(pads, options.paddingMode());
        return Convolutions.convolution(op, dims(), padded, weight, bias, options.withPadding(0));
    }

    private static boolean all(List<Long> numbers, long value) {
        return numbers.stream().allMatch(n -> n == value);
    }

    @Override
    protected String extraRepr() {
        StringBuilder out = new StringBuilder();
        out.append(inChannels).append(", ").append(outChannels);
        out.append(", kernel_size=").append(Repr.tuple(kernelSize));
        out.append(", stride=").append(Repr.tuple(spread(options.stride(), dims())));
        if (options.isSame()) {
            out.append(", padding=same");
        } else if (!all(options.padding(), 0)) {
            out.append(", padding=").append(Repr.tuple(spread(options.padding(), dims())));
        }
        if (!all(options.dilation(), 1)) {
            out.append(", dilation=").append(Repr.tuple(spread(options.dilation(), dims())));
        }
        if (!all(options.outputPadding(), 0)) {
            out.append(", output_padding=").append(Repr.tuple(spread(options.outputPadding(), dims())));
        }
        if (options.groups() != 1) {
            out.append(", groups=").append(options.groups());
        }
        if (bias == null) {
            out.append(", bias=False");
        }
        if (!options.paddingMode().equals("zeros")) {
            out.append(", padding_mode=").append(options.paddingMode());
        }
        return out.toString();
    }
}
