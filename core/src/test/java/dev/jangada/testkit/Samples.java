package dev.jangada.testkit;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Layout;
import java.util.Random;

/** Seeded random shapes, layouts and contents, awkward ones on purpose. */
public final class Samples {
    /** Sizes at which loops over vectors, tiles and chunks break. */
    static final int[] SIZES = {0, 1, 7, 31, 33, 257, 1023, 4098};

    private static final double[] SPECIAL = {
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        0.0,
        -0.0,
        1e-45,
        -1e-45,
        1e-39,
        0x1p-126,
        -0x1p-126,
        0x1p-24,
        6e-5,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        65504,
        -65504,
        1,
        -1,
        0.5,
        -0.5,
        1.5,
        2.5,
        -1.5,
        -2.5,
        3,
        -3,
        100,
        -100,
        1e-8,
        8388609,
        16777216,
        88.5,
        -103,
        0.9999999,
        1.0000001,
        1e10,
        Double.MIN_VALUE,
        Double.MIN_NORMAL,
        Double.MAX_VALUE,
        709.5,
        -745,
        4503599627370497.5
    };

    private static final long[] EXTREME = {
        0,
        1,
        -1,
        2,
        -2,
        3,
        7,
        -7,
        8,
        31,
        32,
        63,
        64,
        127,
        -128,
        128,
        255,
        256,
        32767,
        -32768,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 53,
        (1L << 53) + 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private Samples() {}

    /** What values an image is filled with. */
    public enum Content {
        /** Anything, special values among them. */
        ANY,
        /** Floats in (-3, 3), integers in [-9, 9]. */
        MODERATE,
        /** Floats in (0.1, 3), integers in [1, 9]: no zero, no sign. */
        POSITIVE,
        /** Anything but zero. */
        NONZERO,
        /** Integers from -3 to 70, for exponents and shift distances. */
        SMALL,
        /** Floats in (0.91, 1.09), integers in [-1, 3]: long products stay finite. */
        NEAR_ONE,
        /** Few different values with many ties, NaN among them. */
        TIES
    }

    /** Returns how many special values there are: {@link #special} accepts smaller numbers. */
    static int specialCount(DType type) {
        return type.isFloatingPoint() ? SPECIAL.length : EXTREME.length;
    }

    /** Stores special value number {@code i} at a position. */
    static void special(Image image, int position, int i) {
        if (image.type().isFloatingPoint()) {
            image.put(position, SPECIAL[i]);
        } else {
            image.put(position, EXTREME[i]);
        }
    }

    /** Returns a shape of at most some thousand elements: rank 0 to 5, sizes of 0 and 1 among them. */
    public static Shape shape(Random random) {
        int rank = random.nextInt(6);
        long[] sizes = new long[rank];
        long room = 4098;
        for (int i = 0; i < rank; i++) {
            int[] choices = rank == 1 ? SIZES : new int[] {1, 2, 3, 5, 7, 8, 16, 31, 33, 257};
            long s = choices[random.nextInt(choices.length)];
            sizes[i] = rank > 1 && random.nextInt(40) == 0 ? 0 : Math.min(s, Math.max(1, room));
            room /= Math.max(1, sizes[i]);
        }
        for (int i = rank - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            long t = sizes[i];
            sizes[i] = sizes[j];
            sizes[j] = t;
        }
        return Shape.of(sizes);
    }

    /** Returns a shape of a rank whose sizes are small, so that kernels can be tried on all subsets of its dimensions. */
    static Shape shape(Random random, int rank) {
        int[][] choices = {
            {}, {1, 31, 1023, 4098}, {1, 7, 33, 64, 257}, {1, 3, 7, 16, 31}, {1, 2, 5, 8, 9}, {1, 2, 3, 5}
        };
        long[] sizes = new long[rank];
        for (int i = 0; i < rank; i++) {
            sizes[i] = choices[rank][random.nextInt(choices[rank].length)];
        }
        return Shape.of(sizes);
    }

    /** Returns a layout of a shape whose elements are all distinct: contiguous, permuted, with gaps, with an offset. */
    public static Layout distinct(Random random, Shape shape) {
        if (random.nextInt(3) == 0) {
            Layout plain = Layout.contiguous(shape);
            return Layout.of(shape, plain.strides(), random.nextInt(4) == 0 ? random.nextInt(20) : 0);
        }
        int rank = shape.rank();
        int[] order = new int[rank];
        for (int i = 0; i < rank; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = rank - 1 - i;
        }
        boolean gaps = random.nextBoolean();
        long[] strides = new long[rank];
        long step = gaps ? 1 + random.nextInt(3) : 1;
        for (int i = rank - 1; i >= 0; i--) {
            int d = order[i];
            strides[d] = shape.size(d) == 1 && random.nextBoolean() ? random.nextInt(100_000) : step;
            step *= Math.max(1, shape.size(d));
            step += gaps && random.nextInt(3) == 0 ? random.nextInt(5) : 0;
        }
        return Layout.of(shape, strides, random.nextInt(20));
    }

    /** Returns a layout to read from: one of {@link #distinct}, or with broadcast dimensions. */
    public static Layout readable(Random random, Shape shape) {
        if (random.nextInt(3) != 0) {
            return distinct(random, shape);
        }
        long[] base = shape.toArray();
        boolean[] broadcast = new boolean[base.length];
        for (int d = 0; d < base.length; d++) {
            broadcast[d] = random.nextBoolean();
            base[d] = broadcast[d] ? 1 : base[d];
        }
        Layout layout = distinct(random, Shape.of(base));
        long[] strides = layout.strides();
        for (int d = 0; d < strides.length; d++) {
            strides[d] = broadcast[d] ? 0 : strides[d];
        }
        return Layout.of(shape, strides, layout.offset());
    }

    /** Returns an image of a layout with random content everywhere. */
    public static Image image(Random random, DType type, Layout layout, Content content) {
        Image image = Image.of(type, layout, random.nextInt(6));
        for (int i = 0; i < image.length(); i++) {
            fill(random, image, i, content);
        }
        return image;
    }

    private static void fill(Random random, Image image, int i, Content content) {
        boolean floating = image.type().isFloatingPoint();
        switch (content) {
            case ANY, NONZERO -> {
                if (random.nextInt(4) == 0) {
                    special(image, i, random.nextInt(specialCount(image.type())));
                } else if (floating) {
                    image.put(i, random.nextGaussian() * Math.pow(10, random.nextInt(7) - 3));
                } else {
                    image.put(i, random.nextLong() >> random.nextInt(64));
                }
                if (content == Content.NONZERO && !floating && image.getLong(i) == 0) {
                    image.put(i, 1L);
                }
            }
            case MODERATE -> put(image, i, random.nextDouble() * 6 - 3, random.nextInt(19) - 9);
            case POSITIVE -> put(image, i, 0.1 + random.nextDouble() * 2.9, random.nextInt(9) + 1);
            case SMALL -> put(image, i, random.nextInt(74) - 3.0, random.nextInt(74) - 3);
            case NEAR_ONE -> put(image, i, 0.91 + random.nextDouble() * 0.18, random.nextInt(5) - 1);
            case TIES -> put(image, i, TIES[random.nextInt(TIES.length)], random.nextInt(5) - 2);
        }
    }

    private static final double[] TIES = {0.0, -0.0, 1, -1, 2, Double.NaN, Double.POSITIVE_INFINITY, -5};

    private static void put(Image image, int i, double floating, long integer) {
        if (image.type().isFloatingPoint()) {
            image.put(i, floating);
        } else {
            image.put(i, integer);
        }
    }
}
