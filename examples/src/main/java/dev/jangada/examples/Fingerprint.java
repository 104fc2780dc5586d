package dev.jangada.examples;

import dev.jangada.FormatException;
import dev.jangada.data.IdxFile;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;

/**
 * What a published file must hold when unpacked. The compressed bytes may differ from one mirror to the next.
 *
 * @param size the size in bytes
 * @param sha256 the SHA-256 in hexadecimal digits
 */
record Fingerprint(long size, String sha256) {
    /**
     * Reads a compressed IDX file whose content must have this fingerprint.
     *
     * @param packed the file, compressed with gzip
     * @param name what error messages call the file
     * @throws IOException if the content is another one, or the stream fails
     * @throws FormatException if it is no IDX file
     */
    IdxFile read(InputStream packed, String name) throws IOException {
        MessageDigest digest = sha256Digest();
        InputStream plain = new Limited(new GZIPInputStream(packed, 1 << 16), size);
        IdxFile file = IdxFile.read(new DigestInputStream(plain, digest), name);
        String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(sha256)) {
            throw new IOException(name + " has the wrong checksum (SHA-256 " + found + ", expected " + sha256 + ")");
        }
        return file;
    }

    static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /** Fails when more than the expected bytes come, so that a file can't unpack without end. */
    private static final class Limited extends FilterInputStream {
        private final long limit;
        private long seen;

        Limited(InputStream stream, long limit) {
            super(stream);
            this.limit = limit;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = super.read(buffer, offset, length);
            count(Math.max(n, 0));
            return n;
        }

        private void count(int bytes) throws IOException {
            seen += bytes;
            if (seen > limit) {
                throw new IOException("the content is longer than the " + limit + " bytes expected");
            }
        }
    }
}
