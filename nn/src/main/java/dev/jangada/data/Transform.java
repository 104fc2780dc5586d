package dev.jangada.data;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Generator;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A change of an image {@code [C, H, W]}, or of several at once, {@code [..., C, H, W]}, which then all get the same.
 *
 * <pre>{@code
 * Generator random = new Generator(0);
 * Transform train = Transform.compose(
 *         Transform.resize(32, 32),
 *         Transform.randomCrop(28, 28, 2, random),
 *         Transform.randomHorizontalFlip(0.5, random),
 *         Transform.normalize(new double[] {0.5, 0.5, 0.5}, new double[] {0.5, 0.5, 0.5}));
 * Tensor x = train.apply(Images.toTensor(picture));
 * }</pre>
 *
 * <p>Random ones draw from their generator at each call, so the seed fixes what happens; if several workers of a {@link DataLoader} share a
 * generator, which of them gets which numbers depends on their order. Source: {@code torchvision.transforms}.
 */
@FunctionalInterface
public interface Transform {
    /** Returns the changed image; the one that was given stays as it is. */
    Tensor apply(Tensor image);

    /** Returns the transform that makes one after the other. */
    static Transform compose(Transform... steps) {
        List<Transform> all = List.of(steps);
        return image -> {
            try (TensorScope scope = new TensorScope()) {
                Tensor out = image;
                for (Transform step : all) {
                    out = step.apply(out);
                }
                return scope.keep(out);
            }
        };
    }

    /**
     * Returns {@code (x - mean) / std} for each channel.
     *
     * @param mean one value for each channel, or one for all
     * @param std as many, none of them 0
     */
    static Transform normalize(double[] mean, double[] std) {
        double[] m = mean.clone();
        double[] s = std.clone();
        if (m.length == 0 || m.length != s.length || Arrays.stream(s).anyMatch(x -> x == 0 || Double.isNaN(x))) {
            throw new ArgumentException(
                    "[normalize] expected as many means as standard deviations, which are not 0, got "
                            + Arrays.toString(m) + " and " + Arrays.toString(s)
                            + "; pass one of each, or one per channel");
        }
        return image -> {
            if (!image.dtype().isFloatingPoint()) {
                throw new DTypeException("[normalize] expected an image of a floating point type, got " + image.dtype()
                        + "; divide bytes by 255 first");
            }
            if (image.dim() < 3 || m.length != 1 && image.size(-3) != m.length) {
                throw new ShapeException("[normalize] expected an image [C, H, W] of " + m.length
                        + " channels, got shape " + image.shape() + "; pass as many means as there are channels");
            }
            try (TensorScope scope = new TensorScope()) {
                Tensor shift = Tensor.of(m, image.dtype(), m.length, 1, 1).to(image.device());
                Tensor scale = Tensor.of(s, image.dtype(), m.length, 1, 1).to(image.device());
                return scope.keep(image.sub(shift).div(scale));
            }
        };
    }

    /**
     * Returns the image in another size, by bilinear interpolation: a matrix product for each direction. What becomes smaller is averaged
     * ({@code antialias=True}), as Pillow does.
     *
     * @param height in pixels, at least 1
     * @param width in pixels, at least 1
     */
    static Transform resize(long height, long width) {
        Resizing.requireSize("resize", height, width);
        return image -> Resizing.resize(image, height, width);
    }

    /** As {@link #resize(long, long)}, to a size whose shorter side is {@code size} and whose ratio is that of the image. */
    static Transform resize(long size) {
        Resizing.requireSize("resize", size, size);
        return image -> {
            Resizing.requireImage("resize", image);
            long height = image.size(-2);
            long width = image.size(-1);
            long shorter = Math.min(height, width);
            return Resizing.resize(image, Math.max(1, size * height / shorter), Math.max(1, size * width / shorter));
        };
    }

    /** Returns the middle of the image; where it is smaller than that, it gets a black frame. */
    static Transform centerCrop(long height, long width) {
        Resizing.requireSize("centerCrop", height, width);
        return image -> {
            Resizing.requireImage("centerCrop", image);
            try (TensorScope scope = new TensorScope()) {
                long missingHeight = Math.max(0, height - image.size(-2));
                long missingWidth = Math.max(0, width - image.size(-1));
                long[] frame = {
                    missingWidth / 2,
                    missingWidth - missingWidth / 2,
                    missingHeight / 2,
                    missingHeight - missingHeight / 2
                };
                Tensor x = missingHeight + missingWidth == 0 ? image : image.pad(frame, 0);
                long top = (long) Math.rint((x.size(-2) - height) / 2.0); // half to even, as Python rounds
                long left = (long) Math.rint((x.size(-1) - width) / 2.0);
                return scope.keep(x.narrow(-2, top, height).narrow(-1, left, width));
            }
        };
    }

    /**
     * Returns a part of the image at a random place.
     *
     * @param padding width of a black frame that the image gets first, at least 0
     * @param generator gives the places
     */
    static Transform randomCrop(long height, long width, long padding, Generator generator) {
        Resizing.requireSize("randomCrop", height, width);
        Objects.requireNonNull(generator, "generator is null");
        if (padding < 0) {
            throw new ArgumentException("[randomCrop] expected a padding >= 0, got " + padding + "; pass 0 for none");
        }
        return image -> {
            Resizing.requireImage("randomCrop", image);
            long rows = image.size(-2) + 2 * padding - height + 1;
            long columns = image.size(-1) + 2 * padding - width + 1;
            if (rows < 1 || columns < 1) {
                throw new ShapeException("[randomCrop] expected an image of at least " + height + " x " + width
                        + " pixels with its padding of " + padding + ", got shape " + image.shape()
                        + "; resize it first, or pad more");
            }
            try (TensorScope scope = new TensorScope()) {
                long[] frame = {padding, padding, padding, padding};
                Tensor x = padding == 0 ? image : image.pad(frame, 0);
                long[] one = {1};
                long top = Tensor.randint(0, rows, one, DType.INT64, generator).itemLong();
                long left =
                        Tensor.randint(0, columns, one, DType.INT64, generator).itemLong();
                return scope.keep(x.narrow(-2, top, height).narrow(-1, left, width));
            }
        };
    }

    /**
     * Returns the image or its mirror image, left for right.
     *
     * @param p probability of the mirror image, in [0, 1], in torchvision 0.5 unless given
     * @param generator decides
     */
    static Transform randomHorizontalFlip(double p, Generator generator) {
        Objects.requireNonNull(generator, "generator is null");
        if (!(p >= 0 && p <= 1)) {
            throw new ArgumentException(
                    "[randomHorizontalFlip] expected a probability in [0, 1], got " + p + "; pass for example 0.5");
        }
        return image -> {
            Resizing.requireImage("randomHorizontalFlip", image);
            boolean flip;
            try (Tensor u = Tensor.rand(generator, 1)) {
                flip = u.item() < p;
            }
            return flip ? image.flip(-1) : image;
        };
    }
}
