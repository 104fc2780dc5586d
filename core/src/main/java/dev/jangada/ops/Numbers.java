package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.PrintOptions;
import dev.jangada.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * The elements of a tensor as texts of one width.
 *
 * <p>Numbers are rounded from their exact value, halves to even, as C and Python do; {@link String#format} rounds differently.
 */
final class Numbers {
    private static final double LARGE = 1e8;
    private static final double SMALL = 1e-4;
    private static final double WIDE_RANGE = 1000;

    private final String[] texts;
    private final int width;

    private Numbers(String[] texts, int width) {
        this.width = width;
        for (int i = 0; i < texts.length; i++) {
            texts[i] = " ".repeat(Math.max(0, width - texts[i].length())) + texts[i];
        }
        this.texts = texts;
    }

    /** The texts, filled up with blanks on the left. */
    String[] texts() {
        return texts;
    }

    /** The width that the longest number needs. */
    int width() {
        return width;
    }

    static Numbers of(Tensor t, PrintOptions options) {
        return t.dtype().isFloatingPoint() ? floats(t.toDoubleArray(), options) : integers(t);
    }

    private static Numbers integers(Tensor t) {
        long[] values = t.toLongArray();
        String[] texts = new String[values.length];
        int width = 1;
        for (int i = 0; i < texts.length; i++) {
            texts[i] = t.dtype() == DType.BOOL ? (values[i] != 0 ? "True" : "False") : Long.toString(values[i]);
            width = Math.max(width, texts[i].length());
        }
        return new Numbers(texts, width);
    }

    private static Numbers floats(double[] values, PrintOptions options) {
        boolean whole = true;
        double min = Double.POSITIVE_INFINITY;
        double max = 0;
        for (double v : values) {
            if (v != 0 && Double.isFinite(v)) {
                whole &= v == Math.ceil(v);
                min = Math.min(min, Math.abs(v));
                max = Math.max(max, Math.abs(v));
            }
        }
        boolean exponent = max > 0 && (max / min > WIDE_RANGE || max > LARGE || !whole && min < SMALL);
        int width = 1;
        for (double v : values) {
            if (v != 0 && Double.isFinite(v)) {
                width = Math.max(
                        width, text(v, exponent, whole, options.precision()).length());
            }
        }
        boolean shown = switch (options.notation()) {
            case AUTO -> exponent;
            case FIXED -> false;
            case SCIENTIFIC -> true;
        };
        String[] texts = new String[values.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = text(values[i], shown, whole, options.precision());
        }
        return new Numbers(texts, width);
    }

    private static String text(double v, boolean exponent, boolean whole, int precision) {
        if (Double.isNaN(v)) {
            return "nan";
        }
        String sign = v < 0 || 1 / v < 0 ? "-" : "";
        if (Double.isInfinite(v)) {
            return sign + "inf";
        }
        BigDecimal x = new BigDecimal(Math.abs(v));
        if (exponent) {
            return sign + scientific(x, precision);
        }
        return whole
                ? sign + x.setScale(0, RoundingMode.HALF_EVEN).toPlainString() + "."
                : sign + x.setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
    }

    private static String scientific(BigDecimal x, int precision) {
        StringBuilder digits = new StringBuilder();
        int e = 0;
        if (x.signum() != 0) {
            BigDecimal r = x.round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
            e = r.precision() - r.scale() - 1;
            digits.append(r.unscaledValue());
        }
        while (digits.length() <= precision) {
            digits.append('0');
        }
        digits.setLength(precision + 1);
        if (precision > 0) {
            digits.insert(1, '.');
        }
        String magnitude = Integer.toString(Math.abs(e));
        return digits + (e < 0 ? "e-" : "e+") + (magnitude.length() < 2 ? "0" : "") + magnitude;
    }
}
