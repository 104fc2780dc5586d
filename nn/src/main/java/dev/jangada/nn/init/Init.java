package dev.jangada.nn.init;

import dev.jangada.ArgumentException;
import dev.jangada.Generator;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import java.util.function.Consumer;

/**
 * Fills tensors with start values, in place and without recording; each method returns the tensor.
 *
 * <p>The fans of a weight {@code [out, in, k1, k2, ..]} are {@code fanIn = in * k1 * k2 ..} and {@code fanOut = out * k1 * k2 ..}.
 * Source: {@code torch.nn.init}.
 */
public final class Init {
    private Init() {}

    private static Tensor fill(Tensor t, Consumer<Tensor> how) {
        try (Autograd.Mode off = Autograd.noGrad()) {
            how.accept(t);
        }
        return t;
    }

    /** Fills with uniform numbers in {@code [low, high)}. */
    public static Tensor uniform_(Tensor t, double low, double high) {
        return uniform_(t, low, high, Generator.global());
    }

    /** Fills with uniform numbers in {@code [low, high)} of a generator. */
    public static Tensor uniform_(Tensor t, double low, double high, Generator generator) {
        return fill(t, x -> x.uniform_(low, high, generator));
    }

    /** Fills with normally distributed numbers. */
    public static Tensor normal_(Tensor t, double mean, double std) {
        return normal_(t, mean, std, Generator.global());
    }

    /** Fills with normally distributed numbers of a generator. */
    public static Tensor normal_(Tensor t, double mean, double std, Generator generator) {
        return fill(t, x -> x.normal_(mean, std, generator));
    }

    /** Fills with one value. */
    public static Tensor constant_(Tensor t, double value) {
        return fill(t, x -> x.fill_(value));
    }

    /** Fills with 0. */
    public static Tensor zeros_(Tensor t) {
        return constant_(t, 0);
    }

    /** Fills with 1. */
    public static Tensor ones_(Tensor t) {
        return constant_(t, 1);
    }

    /**
     * Fills with uniform numbers in {@code [-b, b)}, {@code b = sqrt(6 / ((1 + a^2) * fanIn))}.
     *
     * <p>Source: He et al., "Delving deep into rectifiers", ICCV 2015.
     *
     * @param a slope of the leaky ReLU behind the layer for negative values; 0 for ReLU
     * @throws ShapeException if the tensor has less than two dimensions
     */
    public static Tensor kaimingUniform_(Tensor t, double a) {
        return kaimingUniform_(t, a, Generator.global());
    }

    /** As {@link #kaimingUniform_(Tensor, double)} with numbers of a generator. */
    public static Tensor kaimingUniform_(Tensor t, double a, Generator generator) {
        long fan = fan("kaimingUniform_", t, 1);
        double bound = Math.sqrt(6 / ((1 + a * a) * fan));
        return fan == 0 ? t : uniform_(t, -bound, bound, generator);
    }

    /**
     * Fills with uniform numbers in {@code [-b, b)}, {@code b = gain * sqrt(6 / (fanIn + fanOut))}.
     *
     * <p>Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
     *
     * @param gain factor for the function behind the layer, above 0; 1 for linear ones and sigmoid, 5/3 for tanh, sqrt(2) for ReLU
     * @throws ShapeException if the tensor has less than two dimensions
     */
    public static Tensor xavierUniform_(Tensor t, double gain) {
        return xavierUniform_(t, gain, Generator.global());
    }

    /** As {@link #xavierUniform_(Tensor, double)} with numbers of a generator. */
    public static Tensor xavierUniform_(Tensor t, double gain, Generator generator) {
        if (!(gain > 0)) {
            throw new ArgumentException("[xavierUniform_] expected a gain > 0, got " + gain);
        }
        long fans = fan("xavierUniform_", t, 1) + fan("xavierUniform_", t, 0);
        double bound = gain * Math.sqrt(6.0 / fans);
        return fans == 0 ? t : uniform_(t, -bound, bound, generator);
    }

    /** The product of all sizes but the first two, times the size of dimension {@code dim}, which is 0 or 1. */
    private static long fan(String op, Tensor t, int dim) {
        if (t.dim() < 2) {
            throw new ShapeException("[" + op + "] expected a weight of at least 2 dimensions [out, in, ..], got "
                    + t.shape() + "; use uniform_");
        }
        long fan = t.size(dim);
        for (int i = 2; i < t.dim(); i++) {
            fan *= t.size(i);
        }
        return fan;
    }
}
