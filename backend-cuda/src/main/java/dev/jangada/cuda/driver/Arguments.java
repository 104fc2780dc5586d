package dev.jangada.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * The argument block of a thread: 64-bit words that Java writes and the driver copies when a kernel is launched.
 *
 * <p>A kernel takes either one structure of words by value or up to {@link #MOST_PARAMETERS} parameters of one word each. Nothing is
 * allocated after the first launch of a thread.
 */
public final class Arguments {
    /** What a kernel may have at most: 32,764 bytes, as CUDA 12.1 and later allow on every architecture that CUDA 13 knows. */
    public static final int MOST_WORDS = 4095;

    /** Number of parameters of one word each that a kernel may have. */
    public static final int MOST_PARAMETERS = 64;

    private static final ThreadLocal<Arguments> OF_THREAD = ThreadLocal.withInitial(Arguments::new);

    private final ByteBuffer bytes = direct(MOST_WORDS);
    private final ByteBuffer table = direct(MOST_PARAMETERS);
    private final LongBuffer words = bytes.asLongBuffer();
    final PointerPointer<Pointer> parameters = new PointerPointer<>(Raw.of(Raw.address(table)));
    private int size;

    private Arguments() {
        long first = Raw.address(bytes);
        for (int i = 0; i < MOST_PARAMETERS; i++) {
            table.putLong(i * Long.BYTES, first + (long) i * Long.BYTES);
        }
    }

    private static ByteBuffer direct(int words) {
        return ByteBuffer.allocateDirect(words * Long.BYTES).order(ByteOrder.nativeOrder());
    }

    /** Returns the block of the calling thread, empty. */
    public static Arguments start() {
        Arguments a = OF_THREAD.get();
        a.size = 0;
        return a;
    }

    /** Appends a word. */
    public Arguments put(long word) {
        words.put(size++, word);
        return this;
    }

    /** Appends words. */
    public Arguments put(long[] more) {
        for (long word : more) {
            words.put(size++, word);
        }
        return this;
    }

    /** Returns the number of words so far. */
    public int size() {
        return size;
    }

    /** Returns a word. */
    public long get(int index) {
        return words.get(index);
    }

    /** Changes a word. */
    public void set(int index, long word) {
        words.put(index, word);
    }
}
