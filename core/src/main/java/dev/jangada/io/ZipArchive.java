package dev.jangada.io;

import dev.jangada.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The members of a zip file, stored or deflated, with their checksums verified and their sizes bounded by that of the file.
 *
 * <p>Not {@link java.util.zip.ZipFile}: that verifies no checksum, believes sizes and needs a {@link java.io.File}.
 *
 * <p>Source: PKWARE, APPNOTE.TXT, sections 4.3 and 4.4, zip64 included.
 */
final class ZipArchive implements AutoCloseable {
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END64 = 0x06064b50;
    private static final int LOCATOR64 = 0x07064b50;
    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final int END64_BYTES = 56;
    private static final int LOCATOR64_BYTES = 20;
    private static final int MOST_COMMENT = 0xffff;
    private static final long MOST_DIRECTORY = 64L << 20;
    private static final int MOST_DEFLATED = 1032; // what a deflated byte can become
    /** Deflated members may grow to this together, or to 64 times the file if that is more: bombs grow a thousandfold. */
    private static final long MOST_INFLATED = 1L << 30;

    private final FileChannel channel;
    private final Format format;
    private final long size;
    private final Map<String, Member> members = new LinkedHashMap<>();

    /** One member; {@code header} is the position of its local header. */
    record Member(String name, int method, long crc, long packed, long size, long header) {
        boolean isStored() {
            return method == 0;
        }
    }

    private ZipArchive(FileChannel channel, Format format) throws IOException {
        this.channel = channel;
        this.format = format;
        this.size = channel.size();
    }

    /** Opens a file and reads its directory. */
    static ZipArchive open(Path path, Format format) throws IOException {
        FileChannel channel = FileChannel.open(path);
        try {
            ZipArchive out = new ZipArchive(channel, format);
            out.readDirectory();
            return out;
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /** Returns the members by name, in the order of the directory. */
    Map<String, Member> members() {
        return Collections.unmodifiableMap(members);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private ByteBuffer at(long position, int bytes) throws IOException {
        format.require(
                position >= 0 && position <= size - bytes,
                "a whole zip file",
                "a reference to byte " + position + " of " + size);
        ByteSource source = ByteSource.of(channel, position, size, format.file());
        return ByteBuffer.wrap(source.bytes(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }

    // ---- the directory

    /** The record at the end is found by its signature and by its comment, which must reach to the end of the file. */
    private void readDirectory() throws IOException {
        int tail = (int) Math.min(size, END_BYTES + MOST_COMMENT);
        ByteBuffer b = at(size - tail, tail);
        int i = tail - END_BYTES;
        while (i >= 0 && !(b.getInt(i) == END && i + END_BYTES + u16(b, i + 20) == tail)) {
            i--;
        }
        format.require(i >= 0, "a zip file", "no directory at the end of " + size + " bytes");
        long end = size - tail + i;
        long count = u16(b, i + 10);
        long bytes = u32(b, i + 12);
        long start = u32(b, i + 16);
        if (end >= LOCATOR64_BYTES && (count == 0xffff || bytes == 0xffffffffL || start == 0xffffffffL)) {
            ByteBuffer locator = at(end - LOCATOR64_BYTES, LOCATOR64_BYTES);
            if (locator.getInt(0) == LOCATOR64) {
                end = locator.getLong(8);
                ByteBuffer e = at(end, END64_BYTES);
                format.require(e.getInt(0) == END64, "a zip64 record", "another signature");
                count = e.getLong(32);
                bytes = e.getLong(40);
                start = e.getLong(48);
            }
        }
        format.require(
                start >= 0 && bytes >= 0 && bytes <= MOST_DIRECTORY && start <= end && bytes <= end - start,
                "a zip directory of fewer than " + MOST_DIRECTORY + " bytes before its end record",
                bytes + " bytes at " + start);
        readMembers(at(start, (int) bytes), count, start);
    }

    private void readMembers(ByteBuffer b, long count, long start) {
        long packed = 0;
        long inflated = 0;
        while (b.remaining() > 0) {
            Member m = member(b, start);
            format.require(members.put(m.name, m) == null, "each member once", m.name + " twice");
            packed += m.packed; // at most as many members as bytes, each at most as large as the file
            inflated += m.isStored() ? 0 : m.size;
            format.require(packed <= size, "members that fit into the file", packed + " bytes up to " + m.name);
            format.require(
                    inflated <= Math.max(MOST_INFLATED, 64 * size),
                    "at most " + Math.max(MOST_INFLATED, 64 * size) + " bytes in deflated members",
                    inflated + " bytes up to " + m.name);
        }
        format.require(members.size() == count, count + " members", String.valueOf(members.size()));
    }

    private Member member(ByteBuffer b, long directory) {
        int p = b.position();
        format.require(
                b.remaining() >= CENTRAL_BYTES && b.getInt(p) == CENTRAL,
                "an entry of the zip directory",
                "other bytes at " + (directory + p));
        int nameBytes = u16(b, p + 28);
        int extraBytes = u16(b, p + 30);
        int length = CENTRAL_BYTES + nameBytes + extraBytes + u16(b, p + 32);
        format.require(
                length <= b.remaining(), "whole entries of the zip directory", "one cut off at " + (directory + p));
        String name = new String(b.array(), p + CENTRAL_BYTES, nameBytes, StandardCharsets.UTF_8);
        long[] sizes = {u32(b, p + 24), u32(b, p + 20), u32(b, p + 42)
        }; // unpacked, packed, position: the order in zip64
        widen(b, p + CENTRAL_BYTES + nameBytes, extraBytes, sizes);
        Member m = new Member(name, u16(b, p + 10), u32(b, p + 16), sizes[1], sizes[0], sizes[2]);
        format.require((u16(b, p + 8) & 1) == 0, "members without encryption", "an encrypted " + name);
        format.require(
                m.isStored() || m.method == 8, "stored or deflated members", "method " + m.method + " for " + name);
        boolean fits = m.header >= 0
                && m.packed >= 0
                && m.header <= directory - LOCAL_BYTES
                && m.packed <= directory - LOCAL_BYTES - m.header;
        format.require(
                fits, "members that lie before the directory", name + " with " + m.packed + " bytes at " + m.header);
        boolean plausible = m.isStored() ? m.size == m.packed : m.size >= 0 && m.size <= (m.packed + 1) * MOST_DEFLATED;
        format.require(plausible, "a possible size for " + name, m.size + " bytes from " + m.packed);
        b.position(p + length);
        return m;
    }

    /** Sizes that are too large for 32 bits stand in an extra field, those alone, in this order. */
    private void widen(ByteBuffer b, int from, int bytes, long[] sizes) {
        int end = from + bytes;
        for (int i = from; i + 4 <= end; i += 4 + u16(b, i + 2)) {
            if (u16(b, i) == 1) {
                int at = i + 4;
                int stop = Math.min(end, at + u16(b, i + 2));
                for (int k = 0; k < sizes.length; k++) {
                    if (sizes[k] == 0xffffffffL) {
                        format.require(at + 8 <= stop, "a zip64 field with all sizes", "a short one");
                        sizes[k] = b.getLong(at);
                        at += 8;
                    }
                }
            }
        }
    }

    private static int u16(ByteBuffer b, int at) {
        return Short.toUnsignedInt(b.getShort(at));
    }

    private static long u32(ByteBuffer b, int at) {
        return Integer.toUnsignedLong(b.getInt(at));
    }

    // ---- the content

    /** Returns the bytes of a member; the last read verifies the checksum. */
    ByteSource read(Member m) throws IOException {
        ByteBuffer local = at(m.header, LOCAL_BYTES);
        format.require(local.getInt(0) == LOCAL, "a local header of " + m.name, "other bytes at " + m.header);
        long data = m.header + LOCAL_BYTES + u16(local, 26) + u16(local, 28);
        format.require(data <= size - m.packed, "all of " + m.name, "the end of the file");
        ByteSource packed = ByteSource.of(channel, data, data + m.packed, format.file());
        return new Content(m, m.isStored() ? packed : new Inflated(packed, m));
    }

    /** Counts and verifies. */
    private final class Content extends ByteSource {
        private final Member member;
        private final ByteSource source;
        private final CRC32 crc = new CRC32();
        private long left;

        Content(Member member, ByteSource source) throws IOException {
            this.member = member;
            this.source = source;
            this.left = member.size;
            verify();
        }

        @Override
        long remaining() {
            return left;
        }

        @Override
        void read(ByteBuffer target) throws IOException {
            int from = target.position();
            source.read(target);
            crc.update(target.slice(from, target.position() - from));
            left -= target.position() - from;
            verify();
        }

        private void verify() {
            if (left == 0) {
                format.require(
                        crc.getValue() == member.crc,
                        "checksum " + Long.toHexString(member.crc) + " of " + member.name,
                        Long.toHexString(crc.getValue()));
            }
        }
    }

    /** Unpacks a deflated member; it ends where its size says, or it is damaged. */
    private final class Inflated extends ByteSource {
        private final ByteSource packed;
        private final Member member;
        private final Inflater inflater = new Inflater(true);
        private long left;

        Inflated(ByteSource packed, Member member) {
            this.packed = packed;
            this.member = member;
            this.left = member.size;
        }

        @Override
        long remaining() {
            return left;
        }

        @Override
        void read(ByteBuffer target) throws IOException {
            left -= target.remaining();
            try {
                while (target.hasRemaining()) {
                    if (inflater.inflate(target) == 0) {
                        feed();
                    }
                }
            } catch (DataFormatException e) {
                inflater.end();
                throw new FormatException(
                        format.invalid("deflated data in " + member.name, e.getMessage())
                                .getMessage(),
                        e);
            }
            if (left == 0) {
                inflater.end();
            }
        }

        private void feed() throws IOException {
            boolean ended = inflater.finished() || inflater.needsDictionary();
            if (ended || (inflater.needsInput() && packed.remaining() == 0)) {
                inflater.end();
                throw format.invalid(member.size + " bytes in " + member.name, left + " or more too few");
            }
            if (inflater.needsInput()) {
                inflater.setInput(packed.bytes((int) Math.min(packed.remaining(), 1 << 16)));
            }
        }
    }
}
