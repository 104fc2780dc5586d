package dev.jangada.io;

import dev.jangada.ArgumentException;
import dev.jangada.FormatException;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.ops.Access;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/**
 * The voice of one file being read: every message names the format and the file.
 *
 * @param name the format, in brackets in messages
 * @param file the file
 */
record Format(String name, String file) {
    private static final int MOST_NAME = 65_000;

    static Format of(String name, Path path) {
        return new Format(name, Objects.requireNonNull(path, "path is null").toString());
    }

    /** Returns the exception for a file that is not as expected. */
    FormatException invalid(String expected, String given) {
        return new FormatException("[" + name + "] expected " + expected + ", got " + given + " in " + file
                + "; get the file again or pass the right one");
    }

    /** Returns the exception for a pickle that asks for a class or a function, which could run any code. */
    FormatException foreign(String function) {
        return new FormatException("[" + name + "] expected a pickle of tensors and plain containers, got " + function
                + ", which is not called, in " + file
                + "; save state dicts in Python (model.state_dict() instead of the"
                + " model), without entries that are functions or objects");
    }

    /** Requires that a condition on the file holds. */
    void require(boolean ok, String expected, String given) {
        if (!ok) {
            throw invalid(expected, given);
        }
    }

    /** Returns a shape, whose sizes come from the file. */
    Shape shape(String what, long[] sizes) {
        require(sizes.length <= 64, "at most 64 dimensions", sizes.length + " for " + what);
        long numel = 1;
        for (long s : sizes) {
            if (s < 0 || (numel != 0 && s != 0 && Math.multiplyHigh(numel, s) != 0) || numel * s < 0) {
                throw invalid("sizes of fewer than 2^63 elements", Arrays.toString(sizes) + " for " + what);
            }
            numel *= s;
        }
        for (long s : sizes) { // strides count the sizes beside a 0, too
            require(numel != 0 || s < 1L << 40, "sizes below 2^40", Arrays.toString(sizes) + " for " + what);
        }
        return Shape.of(sizes);
    }

    /** Returns the number of bytes of so many elements. */
    long bytes(String what, Shape shape, int size) {
        require(shape.numel() <= Long.MAX_VALUE / size, "fewer than 2^63 bytes", "shape " + shape + " for " + what);
        return shape.numel() * size;
    }

    /** Requires that tensors can be written: none is null or closed. */
    static void checkOpen(String format, Map<String, Tensor> tensors) {
        Objects.requireNonNull(tensors, "tensors is null");
        tensors.forEach((key, tensor) -> {
            if (key == null || tensor == null) {
                throw new ArgumentException("[" + format + "] expected names and tensors, got " + key + " = " + tensor
                        + "; leave the entry out");
            }
            Access.operand(tensor); // a closed one is an exception here, before anything is written
        });
    }

    /** Requires that a name fits into a zip file. */
    static void checkName(String format, String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MOST_NAME) {
            throw new ArgumentException("[" + format + "] expected names of at most " + MOST_NAME
                    + " bytes, got one of " + bytes + "; shorten it, or write safetensors");
        }
    }
}
