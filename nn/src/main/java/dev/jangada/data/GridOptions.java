package dev.jangada.data;

import dev.jangada.ArgumentException;

/**
 * How images stand in one picture.
 *
 * <p>Source: {@code torchvision.utils.make_grid}.
 *
 * @param nrow images in a row, at least 1, default 8
 * @param padding pixels around each image, at least 0, default 2
 * @param normalize whether values are brought to [0, 1], default false
 * @param low what becomes 0 when normalizing, default NaN: the least value of the images
 * @param high what becomes 1 when normalizing, default NaN: the largest value of the images
 * @param scaleEach whether least and largest value are those of each image, not of all, default false
 * @param padValue value of the pixels between images, default 0
 */
public record GridOptions(
        int nrow, int padding, boolean normalize, double low, double high, boolean scaleEach, double padValue) {
    /** Checks the values. */
    public GridOptions {
        if (nrow < 1 || padding < 0) {
            throw new ArgumentException("[makeGrid] expected nrow >= 1 and padding >= 0, got " + nrow + " and "
                    + padding + "; pass for example 8 and 2");
        }
        if (low >= high || Double.isNaN(low) != Double.isNaN(high)) {
            throw new ArgumentException("[makeGrid] expected a range from low to a higher value, got " + low + " to "
                    + high + "; exchange them, or pass NaN twice for that of the images");
        }
    }

    /** Returns the defaults. */
    public static GridOptions of() {
        return new GridOptions(8, 2, false, Double.NaN, Double.NaN, false, 0);
    }

    /** Returns a copy with another number of images in a row. */
    public GridOptions withNrow(int value) {
        return new GridOptions(value, padding, normalize, low, high, scaleEach, padValue);
    }

    /** Returns a copy with another number of pixels around each image. */
    public GridOptions withPadding(int value) {
        return new GridOptions(nrow, value, normalize, low, high, scaleEach, padValue);
    }

    /** Returns a copy that brings values to [0, 1], or leaves them. */
    public GridOptions withNormalize(boolean value) {
        return new GridOptions(nrow, padding, value, low, high, scaleEach, padValue);
    }

    /** Returns a copy that brings values from this range to [0, 1]; others are cut. */
    public GridOptions withValueRange(double newLow, double newHigh) {
        return new GridOptions(nrow, padding, true, newLow, newHigh, scaleEach, padValue);
    }

    /** Returns a copy that brings the values of each image by itself to [0, 1], or those of all together. */
    public GridOptions withScaleEach(boolean value) {
        return new GridOptions(nrow, padding, normalize || value, low, high, value, padValue);
    }

    /** Returns a copy with another value of the pixels between images. */
    public GridOptions withPadValue(double value) {
        return new GridOptions(nrow, padding, normalize, low, high, scaleEach, value);
    }
}
