package dev.jangada.data;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;

/** Images in other sizes: {@code rows @ image @ columns^T}, where each row of a matrix holds the weights of one new pixel. */
final class Resizing {
    private Resizing() {}

    static void requireSize(String op, long height, long width) {
        if (height < 1 || width < 1) {
            throw new ArgumentException("[" + op + "] expected a size of at least 1 x 1 pixels, got " + height + " x "
                    + width + "; pass 1 or more");
        }
    }

    static void requireImage(String op, Tensor image) {
        if (image.dim() < 2 || image.size(-2) == 0 || image.size(-1) == 0) {
            throw new ShapeException("[" + op + "] expected an image of shape [..., H, W] with pixels, got shape "
                    + image.shape() + "; leave an empty image out");
        }
    }

    static Tensor resize(Tensor image, long height, long width) {
        requireImage("resize", image);
        if (!image.dtype().isFloatingPoint()) {
            throw new DTypeException("[resize] expected an image of a floating point type, got " + image.dtype()
                    + "; divide bytes by 255 first");
        }
        try (TensorScope scope = new TensorScope()) {
            Tensor rows = weights(height, image.size(-2), image);
            Tensor columns = weights(width, image.size(-1), image);
            return scope.keep(rows.matmul(image).matmul(columns.transpose(0, 1)));
        }
    }

    /** Weights {@code [size, from]} of a triangle around each new pixel's place; it is as wide as the new pixel, or as the old if wider. */
    private static Tensor weights(long size, long from, Tensor like) {
        double scale = (double) from / size;
        double support = Math.max(1, scale);
        double[] all = new double[Math.toIntExact(Math.multiplyExact(size, from))];
        for (int i = 0; i < size; i++) {
            double center = (i + 0.5) * scale;
            long low = Math.max(0, (long) (center - support + 0.5));
            long high = Math.min(from, (long) (center + support + 0.5));
            double sum = 0;
            for (long j = low; j < high; j++) {
                double weight = Math.max(0, 1 - Math.abs((j + 0.5 - center) / support));
                all[(int) (i * from + j)] = weight;
                sum += weight;
            }
            for (long j = low; j < high; j++) {
                all[(int) (i * from + j)] /= sum;
            }
        }
        return Tensor.of(all, DType.FLOAT64, size, from).to(like.device(), like.dtype());
    }
}
