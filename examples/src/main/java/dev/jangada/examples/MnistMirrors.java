package dev.jangada.examples;

import dev.jangada.FormatException;
import dev.jangada.data.IdxFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLConnection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Downloads the files of MNIST from the first mirror that has the right content.
 *
 * <p>A mirror that fails, whatever the reason, is not asked again by the same object. Files are held in memory until
 * their checksum is known.
 */
final class MnistMirrors {
    private static final int CONNECT_MILLIS = 3_000;
    private static final int SILENCE_MILLIS = 10_000;
    /** The largest file has 9.9 MB. */
    private static final int MOST_BYTES = 16 << 20;
    /** For a mirror that never falls silent, but is too slow to be of use. */
    private static final long MOST_SECONDS = 120;

    private final List<URI> addresses;
    private final Map<MnistPart, Fingerprint> fingerprints;
    private final PrintStream console;
    private final int silenceMillis;
    private final Set<URI> failed = new HashSet<>();

    /**
     * Creates the list of mirrors.
     *
     * @param addresses the folders, each ending in a slash, in the order of preference
     * @param fingerprints what the files must hold
     * @param console shows the progress
     * @param silenceMillis how long a mirror may send nothing before it counts as failed
     */
    MnistMirrors(
            List<URI> addresses, Map<MnistPart, Fingerprint> fingerprints, PrintStream console, int silenceMillis) {
        this.addresses = addresses;
        this.fingerprints = fingerprints;
        this.console = console;
        this.silenceMillis = silenceMillis;
    }

    /** Returns the public copies; the original site no longer serves the files. */
    static MnistMirrors published(PrintStream console) {
        List<URI> addresses = List.of(
                URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
                URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"));
        Map<MnistPart, Fingerprint> fingerprints = Map.of(
                MnistPart.TRAIN_IMAGES,
                new Fingerprint(47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
                MnistPart.TRAIN_LABELS,
                new Fingerprint(60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
                MnistPart.TEST_IMAGES,
                new Fingerprint(7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
                MnistPart.TEST_LABELS,
                new Fingerprint(10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));
        return new MnistMirrors(addresses, fingerprints, console, SILENCE_MILLIS);
    }

    /** Returns what the unpacked file must hold. */
    Fingerprint fingerprint(MnistPart part) {
        return fingerprints.get(part);
    }

    /** A file as it came, and what it holds. */
    static final class Download {
        private final byte[] packed;
        private final IdxFile content;

        private Download(byte[] packed, IdxFile content) {
            this.packed = packed;
            this.content = content;
        }

        byte[] packed() {
            return packed;
        }

        IdxFile content() {
            return content;
        }
    }

    /**
     * Downloads one file.
     *
     * @throws IOException if no mirror has it; the message says what each answered
     */
    Download get(MnistPart part) throws IOException {
        StringBuilder reasons = new StringBuilder();
        for (URI address : addresses) {
            if (failed.contains(address)) {
                continue;
            }
            try {
                byte[] packed = fetch(address.resolve(part.packedName()), part.packedName());
                IdxFile content = fingerprint(part).read(new ByteArrayInputStream(packed), part.packedName());
                return new Download(packed, content);
            } catch (IOException | FormatException e) {
                failed.add(address);
                reasons.append(reasons.isEmpty() ? "" : "; ").append(address.getHost());
                reasons.append(": ").append(reason(e));
            }
        }
        throw new IOException(reasons.isEmpty() ? "none is left" : reasons.toString());
    }

    private static String reason(Exception e) {
        String message = e.getMessage();
        boolean ours = e.getClass() == IOException.class || e instanceof FormatException;
        return ours ? message : e.getClass().getSimpleName() + (message == null ? "" : " (" + message + ")");
    }

    private byte[] fetch(URI address, String name) throws IOException {
        URLConnection connection = address.toURL().openConnection();
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(silenceMillis);
        if (connection instanceof HttpURLConnection http && http.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw new IOException("HTTP status " + http.getResponseCode() + " for " + name);
        }
        long length = connection.getContentLengthLong();
        byte[] bytes;
        try (InputStream stream = connection.getInputStream();
                ProgressBar bar = progress(name, length)) {
            bytes = drain(stream, bar, name);
        }
        if (length >= 0 && bytes.length != length) {
            throw new IOException(name + " was cut off after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    private static byte[] drain(InputStream stream, ProgressBar bar, String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 20);
        byte[] buffer = new byte[1 << 16];
        long start = System.nanoTime();
        for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
            bytes.write(buffer, 0, n);
            bar.stepBy(n);
            if (bytes.size() > MOST_BYTES) {
                throw new IOException(name + " is larger than " + MOST_BYTES + " bytes");
            }
            if (System.nanoTime() - start > MOST_SECONDS * 1_000_000_000L) {
                throw new IOException(name + " was not complete after " + MOST_SECONDS + " s");
            }
        }
        return bytes.toByteArray();
    }

    private ProgressBar progress(String name, long length) {
        return new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(length)
                .setUnit(" kB", 1_000)
                .setUpdateIntervalMillis(200)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(console, 80))
                .build();
    }
}
