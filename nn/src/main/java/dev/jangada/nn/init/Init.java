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

    /** Fills a matrix with 1 on the diagonal and 0 elsewhere. */
    public static Tensor eye_(Tensor t) {
        requireMatrix("eye_", t);
        return fill(t, x -> {
            try (Tensor identity = Tensor.eye(t.size(0), t.size(1))) {
                x.copy_(identity);
            }
        });
    }

    // ---- by the number of connections

    /** Returns how many inputs each output of a weight {@code [out, in, k1, ..]} has: {@code in * k1 ..}. */
    public static long fanIn(Tensor weight) {
        return fan("fanIn", weight, 1);
    }

    /** Returns how many outputs each input of a weight {@code [out, in, k1, ..]} has: {@code out * k1 ..}. */
    public static long fanOut(Tensor weight) {
        return fan("fanOut", weight, 0);
    }

    /**
     * Returns the recommended factor for a function behind a layer; {@link #calculateGain(String, double)} with PyTorch's default parameter.
     */
    public static double calculateGain(String nonlinearity) {
        return calculateGain(nonlinearity, 0.01);
    }

    /**
     * Returns the recommended factor for a function behind a layer.
     *
     * @param nonlinearity {@code linear}, {@code conv1d}, {@code conv2d}, {@code sigmoid} (1), {@code tanh} (5/3), {@code relu}
     *     ({@code sqrt(2)}), {@code leaky_relu} ({@code sqrt(2 / (1 + slope^2))}) or {@code selu} (3/4)
     * @param slope of the leaky ReLU for negative values; else not used
     * @throws ArgumentException if it is another name
     */
    public static double calculateGain(String nonlinearity, double slope) {
        return switch (nonlinearity) {
            case "linear", "conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d", "sigmoid" -> 1;
            case "tanh" -> 5 / 3.0;
            case "relu" -> Math.sqrt(2);
            case "leaky_relu" -> Math.sqrt(2 / (1 + slope * slope));
            case "selu" -> 0.75;
            default ->
                throw new ArgumentException("[calculateGain] expected linear, conv1d, conv2d, conv_transpose1d,"
                        + " conv_transpose2d, sigmoid, tanh, relu, leaky_relu or selu, got '" + nonlinearity + "'");
        };
    }

    private static long fan(String op, Tensor t, String mode) {
        if (!mode.equals("fan_in") && !mode.equals("fan_out")) {
            throw new ArgumentException("[" + op + "] expected the mode fan_in or fan_out, got '" + mode + "'");
        }
        return fan(op, t, mode.equals("fan_in") ? 1 : 0);
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
        return kaimingUniform_(t, a, "fan_in", "leaky_relu", generator);
    }

    /**
     * Fills with uniform numbers in {@code [-b, b)}, {@code b = gain * sqrt(3 / fan)}.
     *
     * @param a slope of a leaky ReLU for negative values
     * @param mode {@code fan_in} keeps the variance forwards, {@code fan_out} backwards
     * @param nonlinearity as in {@link #calculateGain(String, double)}
     */
    public static Tensor kaimingUniform_(Tensor t, double a, String mode, String nonlinearity, Generator generator) {
        long fan = fan("kaimingUniform_", t, mode);
        double bound = calculateGain(nonlinearity, a) * Math.sqrt(3.0 / fan);
        return fan == 0 ? t : uniform_(t, -bound, bound, generator);
    }

    /** As {@link #kaimingNormal_(Tensor, double, String, String, Generator)} with fan_in, leaky_relu and the global generator. */
    public static Tensor kaimingNormal_(Tensor t, double a) {
        return kaimingNormal_(t, a, "fan_in", "leaky_relu", Generator.global());
    }

    /**
     * Fills with normally distributed numbers of mean 0 and standard deviation {@code gain / sqrt(fan)}.
     *
     * @param a slope of a leaky ReLU for negative values
     * @param mode {@code fan_in} keeps the variance forwards, {@code fan_out} backwards
     * @param nonlinearity as in {@link #calculateGain(String, double)}
     * @throws ShapeException if the tensor has less than two dimensions
     */
    public static Tensor kaimingNormal_(Tensor t, double a, String mode, String nonlinearity, Generator generator) {
        long fan = fan("kaimingNormal_", t, mode);
        return fan == 0 ? t : normal_(t, 0, calculateGain(nonlinearity, a) / Math.sqrt(fan), generator);
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

    /** As {@link #xavierNormal_(Tensor, double, Generator)} with numbers of the global generator. */
    public static Tensor xavierNormal_(Tensor t, double gain) {
        return xavierNormal_(t, gain, Generator.global());
    }

    /**
     * Fills with normally distributed numbers of mean 0 and standard deviation {@code gain * sqrt(2 / (fanIn + fanOut))}.
     *
     * @param gain as in {@link #xavierUniform_(Tensor, double)}
     * @throws ShapeException if the tensor has less than two dimensions
     */
    public static Tensor xavierNormal_(Tensor t, double gain, Generator generator) {
        if (!(gain > 0)) {
            throw new ArgumentException("[xavierNormal_] expected a gain > 0, got " + gain);
        }
        long fans = fan("xavierNormal_", t, 1) + fan("xavierNormal_", t, 0);
        return fans == 0 ? t : normal_(t, 0, gain * Math.sqrt(2.0 / fans), generator);
    }

    /** As {@link #orthogonal_(Tensor, double, Generator)} with numbers of the global generator. */
    public static Tensor orthogonal_(Tensor t, double gain) {
        return orthogonal_(t, gain, Generator.global());
    }

    /**
     * Fills with a random orthogonal matrix times {@code gain}: the rows, or the columns if they are fewer, have length {@code gain} and are
     * orthogonal to each other. All dimensions but the first count as columns. Computed on the host in float64.
     *
     * <p>Source: Saxe, McClelland, Ganguli, arXiv 1312.6120.
     *
     * @throws ShapeException if the tensor has less than two dimensions
     */
    public static Tensor orthogonal_(Tensor t, double gain, Generator generator) {
        if (t.dim() < 2) {
            throw new ShapeException("[orthogonal_] expected at least 2 dimensions, got " + t.shape());
        }
        if (t.numel() == 0) {
            return t;
        }
        int rows = Math.toIntExact(t.size(0));
        int columns = Math.toIntExact(t.numel() / rows);
        return fill(t, x -> {
            try (Tensor q = Orthogonal.matrix(rows, columns, gain, generator);
                    Tensor shaped = q.reshape(t.shape().toArray())) {
                x.copy_(shaped);
            }
        });
    }

    private static void requireMatrix(String op, Tensor t) {
        if (t.dim() != 2) {
            throw new ShapeException("[" + op + "] expected a matrix, got shape " + t.shape());
        }
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
