package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** Enlarges signals {@code [N, C, L]} or pictures {@code [N, C, H, W]} by a factor. Source: {@code torch.nn.Upsample}. */
public final class Upsample extends Layer {
    private final double scaleFactor;
    private final String mode;
    private final boolean alignCorners;

    /** Creates a layer that repeats the nearest element. */
    public Upsample(double scaleFactor) {
        this(scaleFactor, "nearest", false);
    }

    /**
     * Creates a layer; see {@link Functional#interpolate(Tensor, long[], String, boolean)}.
     *
     * @param scaleFactor factor of all sizes
     * @param mode {@code nearest}, {@code linear}, {@code bilinear} or {@code area}
     * @param alignCorners whether the centres of the corner elements fall on each other; linear modes only
     */
    public Upsample(double scaleFactor, String mode, boolean alignCorners) {
        this.scaleFactor = scaleFactor;
        this.mode = Objects.requireNonNull(mode, "mode is null");
        this.alignCorners = alignCorners;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.interpolate(input, new double[] {scaleFactor}, mode, alignCorners);
    }

    @Override
    protected String extraRepr() {
        return "scale_factor=" + Repr.real(scaleFactor) + ", mode=" + mode;
    }
}
