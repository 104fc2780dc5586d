package dev.jangada.data;

import dev.jangada.FormatException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A file in IDX format: unsigned bytes in one or more dimensions, the last one fastest.
 *
 * <p>The file starts with two zero bytes, the element type (8 for unsigned bytes, the only one read here) and the
 * number of dimensions; the sizes follow as big-endian 32-bit integers, then the elements. A file that is compressed
 * with gzip is recognised by its first bytes, whatever its name. All of it is checked: an object of this class is a
 * whole and valid file.
 *
 * <p>Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
 */
public final class IdxFile {
    private static final int UNSIGNED_BYTE = 0x08;
    private static final int GZIP_MAGIC = 0x1f8b;
    /** What a Java array can hold on every JVM. */
    private static final long MOST_BYTES = Integer.MAX_VALUE - 8;

    private final int[] dims;
    private final byte[] data;

    private IdxFile(int[] dims, byte[] data) {
        this.dims = dims;
        this.data = data;
    }

    /**
     * Reads a file, plain or compressed with gzip.
     *
     * @param path the file
     * @throws FormatException if it is no IDX file of unsigned bytes, or truncated, or longer than its header says
     * @throws IOException if it can't be read
     */
    public static IdxFile read(Path path) throws IOException {
        try (InputStream stream = Files.newInputStream(path)) {
            return read(stream, path.toString());
        }
    }

    /**
     * Reads a file from a stream, plain or compressed with gzip, up to the end of the stream, and leaves it open.
     *
     * @param stream the bytes of the file
     * @param name what error messages call the file
     * @throws FormatException if it is no IDX file of unsigned bytes, or truncated, or longer than its header says
     * @throws IOException if it can't be read
     */
    public static IdxFile read(InputStream stream, String name) throws IOException {
        Objects.requireNonNull(stream, "stream is null");
        Objects.requireNonNull(name, "name is null");
        try {
            InputStream unpacked = unpack(stream);
            DataInputStream plain = new DataInputStream(new BufferedInputStream(unpacked, 1 << 16));
            int[] dims = readHeader(plain, name);
            byte[] data = readData(plain, dims, name);
            boolean ends = plain.read() < 0 && (!(unpacked instanceof Unpacker gzip) || gzip.ends());
            if (!ends) {
                throw invalid(name, "the file to end after " + data.length + " elements", "more bytes");
            }
            return new IdxFile(dims, data);
        } catch (EOFException e) {
            throw new FormatException(message(name, "a whole IDX file", "one that is cut off"), e);
        } catch (ZipException e) {
            throw new FormatException(message(name, "valid gzip data", e.getMessage()), e);
        }
    }

    /** Returns the size of each dimension; a copy. */
    public int[] dims() {
        return dims.clone();
    }

    /** Returns the elements in the file's order, the last dimension fastest; the array is not copied. */
    public byte[] data() {
        return data;
    }

    /** Returns the format and the dimensions, such as {@code IdxFile[60000, 28, 28]}. */
    @Override
    public String toString() {
        return "IdxFile" + Arrays.toString(dims);
    }

    private static InputStream unpack(InputStream stream) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(stream, 1 << 16);
        buffered.mark(2);
        int first = buffered.read();
        int second = buffered.read();
        buffered.reset();
        boolean gzip = second >= 0 && (first << 8 | second) == GZIP_MAGIC;
        return gzip ? new Unpacker(buffered) : buffered;
    }

    /** Tells what the JDK's class passes over in silence: bytes behind the last compressed part. */
    private static final class Unpacker extends GZIPInputStream {
        private static final int TRAILER_BYTES = 8;

        Unpacker(InputStream stream) throws IOException {
            super(stream, 1 << 16);
        }

        /** Returns whether the packed stream ends here; only to be asked when the unpacked one has ended. */
        boolean ends() throws IOException {
            return inf.getRemaining() <= TRAILER_BYTES && in.read() < 0;
        }
    }

    private static int[] readHeader(DataInputStream stream, String name) throws IOException {
        int magic = stream.readInt();
        int type = magic >>> 8;
        int rank = magic & 0xff;
        if (type != UNSIGNED_BYTE || rank == 0) {
            throw invalid(
                    name, "magic number 0x000008NN with NN dimensions, at least one", String.format("0x%08x", magic));
        }
        int[] dims = new int[rank];
        long elements = 1;
        for (int i = 0; i < rank; i++) {
            dims[i] = stream.readInt();
            if (dims[i] < 0) {
                throw invalid(name, "sizes that are not negative", dims[i] + " in dimension " + i);
            }
            // At most 2^31 * 2^31 before the check, which fits into a long.
            elements *= dims[i];
            if (elements > MOST_BYTES) {
                throw invalid(name, "at most " + MOST_BYTES + " elements", "sizes " + Arrays.toString(dims));
            }
        }
        return dims;
    }

    /** Reads in steps, so that a short file with huge sizes in its header costs no memory. */
    private static byte[] readData(DataInputStream stream, int[] dims, String name) throws IOException {
        int elements = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
        byte[] data = stream.readNBytes(elements);
        if (data.length < elements) {
            throw invalid(
                    name,
                    elements + " elements for sizes " + Arrays.toString(dims),
                    data.length + " before the file ends");
        }
        return data;
    }

    private static FormatException invalid(String name, String expected, String given) {
        return new FormatException(message(name, expected, given));
    }

    private static String message(String name, String expected, String given) {
        return "[IdxFile] expected " + expected + ", got " + given + " in " + name
                + "; get the file again or pass the right one";
    }
}
