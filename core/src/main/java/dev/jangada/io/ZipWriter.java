package dev.jangada.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a zip file of stored members, each beginning at a multiple of 64 bytes, so that other programs can map it into memory.
 *
 * <p>Nothing in the file depends on the time: the same tensors give the same bytes.
 */
final class ZipWriter implements AutoCloseable {
    private static final int ALIGNMENT = 64;
    private static final int LOCAL_BYTES = 30;
    private static final int PADDING_ID = 0x4246; // as PyTorch names it
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private final Counter counter;
    private final ZipOutputStream zip;

    ZipWriter(WritableByteChannel channel) {
        this.counter = new Counter(Channels.newOutputStream(channel));
        this.zip = new ZipOutputStream(counter, StandardCharsets.UTF_8);
        zip.setMethod(ZipOutputStream.STORED);
    }

    private static final class Counter extends java.io.FilterOutputStream {
        private long count;

        Counter(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            count++;
        }

        @Override
        public void write(byte[] b, int from, int length) throws IOException {
            out.write(b, from, length);
            count += length;
        }
    }

    /** What hands over the bytes of a member; it is asked twice, first for the checksum. */
    @FunctionalInterface
    interface Content {
        /** Hands over all bytes. */
        void writeTo(TensorBytes.Sink sink) throws IOException;
    }

    /** Writes a member. */
    void add(String name, byte[] content) throws IOException {
        add(name, sink -> sink.take(ByteBuffer.wrap(content)));
    }

    /** Writes a member of any size. */
    void add(String name, Content content) throws IOException {
        CRC32 crc = new CRC32();
        long[] size = new long[1];
        content.writeTo(bytes -> {
            size[0] += bytes.remaining();
            crc.update(bytes);
        });
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(NO_TIME);
        entry.setSize(size[0]);
        entry.setCrc(crc.getValue());
        entry.setExtra(padding(counter.count + LOCAL_BYTES + name.getBytes(StandardCharsets.UTF_8).length));
        zip.putNextEntry(entry);
        content.writeTo(bytes -> zip.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining()));
        zip.closeEntry();
        zip.flush();
    }

    private static byte[] padding(long start) {
        int bytes = (int) Math.floorMod(-(start + 4), (long) ALIGNMENT);
        byte[] out = new byte[4 + bytes];
        ByteBuffer.wrap(out)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putShort((short) PADDING_ID)
                .putShort((short) bytes);
        return out;
    }

    /** Writes the directory; the channel stays open. */
    @Override
    public void close() throws IOException {
        zip.finish();
    }
}
