package dev.jangada.testkit;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Storage;
import dev.jangada.kernel.Element;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The whole content of a storage on the host, and the layout of an operand within it.
 *
 * <p>It covers the operand's elements and those around and between them, so that a kernel that writes beside its operand is found.
 */
public final class Image {
    private final DType type;
    private final Layout layout;
    private final ByteBuffer bytes;

    private Image(DType type, Layout layout, ByteBuffer bytes) {
        this.type = type;
        this.layout = layout;
        this.bytes = bytes;
    }

    /** Returns an image full of zeros with some elements behind the last one of the layout. */
    public static Image of(DType type, Layout layout, int behind) {
        int size = Math.toIntExact((layout.span() + behind) * type.size());
        return new Image(type, layout, ByteBuffer.allocate(size).order(ByteOrder.nativeOrder()));
    }

    /** Returns the image of a contiguous operand with these elements. */
    public static Image of(DType type, Shape shape, double... values) {
        Image image = of(type, Layout.contiguous(shape), 0);
        for (int i = 0; i < values.length; i++) {
            image.put(i, values[i]);
        }
        return image;
    }

    /** Returns the image of a contiguous operand with these elements. */
    public static Image ofLongs(DType type, Shape shape, long... values) {
        Image image = of(type, Layout.contiguous(shape), 0);
        for (int i = 0; i < values.length; i++) {
            image.put(i, values[i]);
        }
        return image;
    }

    /** Returns the element type. */
    public DType type() {
        return type;
    }

    /** Returns the layout of the operand. */
    public Layout layout() {
        return layout;
    }

    /** Returns the number of elements of the storage. */
    public int length() {
        return bytes.capacity() / type.size();
    }

    /** Returns the element at a position of the storage. */
    public double getDouble(int position) {
        return Element.getDouble(bytes, position * type.size(), type);
    }

    /** Returns the element at a position of the storage. */
    public long getLong(int position) {
        return Element.getLong(bytes, position * type.size(), type);
    }

    /** Sets the element at a position of the storage. */
    public void put(int position, double value) {
        Element.putDouble(bytes, position * type.size(), type, value);
    }

    /** Sets the element at a position of the storage. */
    public void put(int position, long value) {
        Element.putLong(bytes, position * type.size(), type, value);
    }

    /** Returns the same bytes seen through another layout. */
    public Image with(Layout other) {
        return new Image(type, other, bytes);
    }

    /** Returns the positions of the operand's elements in row-major order. */
    public int[] positions() {
        return positions(layout);
    }

    static int[] positions(Layout layout) {
        int n = Math.toIntExact(layout.numel());
        int[] all = new int[n];
        long[] index = new long[layout.rank()];
        for (int i = 0; i < n; i++) {
            long p = layout.offset();
            for (int d = 0; d < index.length; d++) {
                p += index[d] * layout.stride(d);
            }
            all[i] = Math.toIntExact(p);
            for (int d = index.length - 1; d >= 0 && ++index[d] == layout.size(d); d--) {
                index[d] = 0;
            }
        }
        return all;
    }

    /** Returns the elements in row-major order. */
    public double[] toDoubles() {
        return Arrays.stream(positions()).mapToDouble(this::getDouble).toArray();
    }

    /** Returns the elements in row-major order. */
    public long[] toLongs() {
        return Arrays.stream(positions()).mapToLong(this::getLong).toArray();
    }

    /** Copies the content to a new storage of a backend. The caller releases the storage. */
    public Operand upload(Backend backend) {
        Storage storage = Storage.allocate(backend, bytes.capacity());
        backend.copyFromHost(storage.memory(), 0, bytes.duplicate());
        return new Operand(storage, type, layout);
    }

    /** Copies the content of an operand's storage, of the same size and type as this one's, to a new image. */
    public Image download(Operand operand) {
        ByteBuffer copy = ByteBuffer.allocate(bytes.capacity()).order(ByteOrder.nativeOrder());
        operand.storage().backend().copyToHost(copy, operand.storage().memory(), 0);
        return new Image(type, layout, copy);
    }

    /**
     * Fails unless this image equals the expected one: elements of the operand within a tolerance, all others bit by bit. The message names
     * the worst element, its index and both values.
     */
    public void assertClose(Image expected, Tolerance tolerance, String what) {
        int[] inside = positions();
        BitSet own = new BitSet();
        int wrong = 0;
        int worst = -1;
        double largest = -1;
        for (int i = 0; i < inside.length; i++) {
            own.set(inside[i]);
            double error = error(expected, inside[i], tolerance);
            if (error >= 0) {
                wrong++;
                if (error > largest) {
                    largest = error;
                    worst = i;
                }
            }
        }
        if (wrong > 0) {
            int p = inside[worst];
            throw new AssertionError(String.format(
                    "%s: %d of %d elements differ by more than %s; the largest difference is %s at element %d %s: "
                            + "expected %s, got %s (%s, %s)",
                    what,
                    wrong,
                    inside.length,
                    tolerance,
                    largest,
                    worst,
                    Arrays.toString(index(worst)),
                    expected.text(p),
                    text(p),
                    type,
                    layout));
        }
        assertUntouched(expected, own, what);
    }

    /** Returns how far apart the elements at a position are when that is too far, else -1. */
    private double error(Image expected, int position, Tolerance tolerance) {
        if (!type.isFloatingPoint()) {
            long e = expected.getLong(position);
            long a = getLong(position);
            boolean canonical = type != DType.BOOL || (bytes.get(position) & ~1) == 0;
            return e == a && canonical ? -1 : Math.max(0, Math.abs((double) e - a));
        }
        double e = expected.getDouble(position);
        double a = getDouble(position);
        if (tolerance.accepts(e, a, type)) {
            return -1;
        }
        double difference = Math.abs(a - e);
        return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
    }

    private void assertUntouched(Image expected, BitSet own, String what) {
        for (int i = 0; i < length() * type.size(); i++) {
            if (bytes.get(i) != expected.bytes.get(i) && !own.get(i / type.size())) {
                throw new AssertionError(what + ": wrote beside its operand, at element " + i / type.size() + " of "
                        + length() + " of the storage (" + type + ", " + layout + ")");
            }
        }
    }

    private long[] index(long number) {
        long[] index = new long[layout.rank()];
        long left = number;
        for (int d = index.length - 1; d >= 0; d--) {
            index[d] = left % layout.size(d);
            left /= layout.size(d);
        }
        return index;
    }

    private String text(int position) {
        return type.isFloatingPoint() ? Double.toString(getDouble(position)) : Long.toString(getLong(position));
    }
}
