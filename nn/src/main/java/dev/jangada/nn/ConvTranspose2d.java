package dev.jangada.nn;

import dev.jangada.Tensor;

/**
 * A transposed convolution of inputs {@code [N, C, H, W]} or {@code [C, H, W]} with learned windows and a number added to each channel.
 *
 * <p>Shapes as in {@link Functional#convTranspose2d(Tensor, Tensor, Tensor, ConvOptions)}: weight {@code [inChannels, outChannels / groups, K1, K2]},
 * bias {@code [outChannels]}; both start uniform in {@code [-b, b)} with {@code b = 1 / sqrt(fanIn)}. Source: {@code torch.nn.ConvTranspose2d}.
 */
public final class ConvTranspose2d extends ConvModule {
    /** Creates a layer with stride 1, no padding and a bias. */
    public ConvTranspose2d(long inChannels, long outChannels, long... kernelSize) {
        this(inChannels, outChannels, ConvOptions.DEFAULT, kernelSize);
    }

    /**
     * Creates a layer.
     *
     * @param inChannels number of channels of the input
     * @param outChannels number of channels of the result
     * @param kernelSize size of the windows, one number or one per dimension
     * @throws dev.jangada.ArgumentException if a number is not positive, or the groups do not divide the channels
     */
    public ConvTranspose2d(long inChannels, long outChannels, ConvOptions options, long... kernelSize) {
        super(2, true, inChannels, outChannels, kernelSize, options);
    }

    @Override
    public Tensor forward(Tensor input) {
        return Convolutions.transposed("convTranspose2d", 2, input, weight(), biasOrNull(), options());
    }
}
