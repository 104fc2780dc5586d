package dev.jangada.examples;

import dev.jangada.ArgumentException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** Where programs get their text from: a file, or the one that is packed with them. */
final class TextSource {
    private TextSource() {}

    /**
     * Returns the text of a UTF-8 file, plain or .gz; without one, 1.1 million characters of Shakespeare (A. Karpathy, char-rnn).
     *
     * @throws ArgumentException if the file is no text
     * @throws IOException if it can't be read
     */
    static String text(Optional<Path> file) throws IOException {
        if (file.isEmpty()) {
            try (InputStream in = TextSource.class.getResourceAsStream("text/tinyshakespeare.txt.gz")) {
                return decode(new GZIPInputStream(Objects.requireNonNull(in)).readAllBytes(), "the packed text");
            }
        }
        Path path = file.get();
        if (!Files.isRegularFile(path)) {
            throw new ArgumentException("[text] expected a text file, got " + path + "; pass --data FILE");
        }
        try (InputStream in = Files.newInputStream(path)) {
            boolean packed = path.getFileName().toString().endsWith(".gz");
            return decode((packed ? new GZIPInputStream(in) : in).readAllBytes(), path.toString());
        }
    }

    private static String decode(byte[] bytes, String name) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ArgumentException("[text] expected a file in UTF-8, got other bytes in " + name
                    + "; convert it, for example with iconv");
        }
    }
}
