package dev.jangada.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle; lengths are compared with what is left before memory is allocated. */
final class PickleInput {
    private static final int MOST_LINE = 200;

    private final InputStream in;
    private final long end;
    private final Format format;
    private long at;

    /** Reads a stream, of which {@code end} bytes may be read. */
    PickleInput(InputStream in, long end, Format format) {
        this.in = in;
        this.end = end;
        this.format = format;
    }

    /** Returns how many bytes have been read. */
    long position() {
        return at;
    }

    int u8() throws IOException {
        int b = at < end ? in.read() : -1;
        if (b < 0) {
            throw format.invalid("a whole pickle", "its end after " + at + " bytes");
        }
        at++;
        return b;
    }

    byte[] bytes(long count) throws IOException {
        format.require(
                count >= 0 && count <= end - at,
                "a text or number within the pickle",
                Long.toUnsignedString(count) + " bytes at " + at + " of " + end);
        byte[] out = in.readNBytes((int) count);
        at += out.length;
        format.require(out.length == count, "a whole pickle", "its end after " + at + " bytes");
        return out;
    }

    private ByteBuffer little(int count) throws IOException {
        return ByteBuffer.wrap(bytes(count)).order(ByteOrder.LITTLE_ENDIAN);
    }

    int u16() throws IOException {
        return Short.toUnsignedInt(little(2).getShort());
    }

    int i32() throws IOException {
        return little(4).getInt();
    }

    long u32() throws IOException {
        return Integer.toUnsignedLong(i32());
    }

    long i64() throws IOException {
        return little(8).getLong();
    }

    double bigEndianDouble() throws IOException {
        return ByteBuffer.wrap(bytes(8)).getDouble();
    }

    String text(long bytes) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes(bytes)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw format.invalid("texts in UTF-8", "other bytes before " + at);
        }
    }

    /** Reads up to a line feed, which is not part of the result. */
    String line() throws IOException {
        StringBuilder out = new StringBuilder();
        for (int c = u8(); c != '\n'; c = u8()) {
            format.require(out.length() < MOST_LINE, "names of at most " + MOST_LINE + " characters", "a longer one");
            out.append((char) c);
        }
        return out.toString();
    }
}
