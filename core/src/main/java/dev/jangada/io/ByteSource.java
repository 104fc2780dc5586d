package dev.jangada.io;

import dev.jangada.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Bytes of a file in order; whoever reads has compared with {@link #remaining()} before. */
abstract class ByteSource {
    /** Returns how many bytes are left. */
    abstract long remaining();

    /** Fills a buffer from its position to its limit, which the position then has; at most {@link #remaining()} bytes. */
    abstract void read(ByteBuffer target) throws IOException;

    /** Returns the bytes of a file from a position to another one, which must lie within the file. */
    static ByteSource of(FileChannel channel, long from, long to, String name) {
        return new Range(channel, from, to, name);
    }

    /** Returns the next bytes, for headers: {@code count} has been checked against a limit. */
    final byte[] bytes(int count) throws IOException {
        byte[] out = new byte[count];
        read(ByteBuffer.wrap(out));
        return out;
    }

    private static final class Range extends ByteSource {
        private final FileChannel channel;
        private final long end;
        private final String name;
        private long at;

        Range(FileChannel channel, long from, long to, String name) {
            this.channel = channel;
            this.at = from;
            this.end = to;
            this.name = name;
        }

        @Override
        long remaining() {
            return end - at;
        }

        @Override
        void read(ByteBuffer target) throws IOException {
            assert target.remaining() <= remaining();
            while (target.hasRemaining()) {
                int n = channel.read(target, at);
                if (n < 0) {
                    throw new FormatException("[file] expected " + end + " bytes, got the end after " + at + " in "
                            + name + "; another program cut it while it was read");
                }
                at += n;
            }
        }
    }
}
