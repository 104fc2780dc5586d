package dev.jangada;

/**
 * How tensors are printed: immutable; start from {@link #DEFAULT} and change what matters.
 *
 * <p>Source: PyTorch {@code torch.set_printoptions}.
 *
 * @param precision digits after the point of floating point numbers
 * @param threshold number of elements above which a tensor is summarised
 * @param edgeItems how many elements a summary shows at each end of a dimension
 * @param lineWidth characters per line
 * @param notation whether numbers have an exponent
 */
public record PrintOptions(int precision, long threshold, int edgeItems, int lineWidth, Notation notation) {
    /** PyTorch's settings: 4 digits, summaries above 1000 elements with 3 at each end, 80 characters, notation by magnitude. */
    public static final PrintOptions DEFAULT = new PrintOptions(4, 1000, 3, 80, Notation.AUTO);

    /** Whether floating point numbers are printed with an exponent. */
    public enum Notation {
        /** With an exponent if magnitudes differ by more than 1000 or are very large or small. */
        AUTO,
        /** Never with an exponent. */
        FIXED,
        /** Always with an exponent. */
        SCIENTIFIC
    }

    /** Checks that no number is negative. */
    public PrintOptions {
        if (precision < 0 || threshold < 0 || edgeItems < 0 || lineWidth < 0) {
            throw new ArgumentException("[printOptions] expected numbers >= 0, got precision " + precision
                    + ", threshold " + threshold + ", edgeItems " + edgeItems + ", lineWidth " + lineWidth);
        }
    }

    /** Returns these options with another number of digits. */
    public PrintOptions withPrecision(int digits) {
        return new PrintOptions(digits, threshold, edgeItems, lineWidth, notation);
    }

    /** Returns these options with another number of elements above which a tensor is summarised. */
    public PrintOptions withThreshold(long elements) {
        return new PrintOptions(precision, elements, edgeItems, lineWidth, notation);
    }

    /** Returns these options with another number of elements at each end of a summary. */
    public PrintOptions withEdgeItems(int elements) {
        return new PrintOptions(precision, threshold, elements, lineWidth, notation);
    }

    /** Returns these options with another line width. */
    public PrintOptions withLineWidth(int characters) {
        return new PrintOptions(precision, threshold, edgeItems, characters, notation);
    }

    /** Returns these options with another notation. */
    public PrintOptions withNotation(Notation other) {
        return new PrintOptions(precision, threshold, edgeItems, lineWidth, other);
    }
}
