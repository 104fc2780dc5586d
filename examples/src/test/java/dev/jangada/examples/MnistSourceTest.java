package dev.jangada.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.jangada.FormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The mirrors are a server on this machine that publishes the embedded subset, with its true fingerprints. */
class MnistSourceTest {
    private static final int SILENCE_MILLIS = 30_000;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream console = new PrintStream(printed, true, StandardCharsets.UTF_8);
    private final Map<String, byte[]> published = new HashMap<>();
    private final Map<MnistPart, Fingerprint> fingerprints = new EnumMap<>(MnistPart.class);
    private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
    private HttpServer server;
    private Path cache;

    @BeforeEach
    void publish() throws IOException {
        cache = folder.resolve("cache/mnist");
        for (MnistPart part : MnistPart.values()) {
            byte[] packed = subset(part);
            byte[] plain = new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes();
            String sha256 = HexFormat.of().formatHex(Fingerprint.sha256Digest().digest(plain));
            published.put(part.packedName(), packed);
            fingerprints.put(part, new Fingerprint(plain.length, sha256));
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/good/", exchange -> answer(exchange, published.get(name(exchange))));
        server.createContext("/absent/", exchange -> answer(exchange, null));
        server.createContext("/wrong/", exchange -> answer(exchange, otherDigits(name(exchange))));
        server.createContext(
                "/noise/",
                exchange -> answer(exchange, "<html>Log in, please</html>".getBytes(StandardCharsets.UTF_8)));
        server.createContext("/cut/", this::answerHalf);
        server.createContext(
                "/short/", exchange -> answer(exchange, Arrays.copyOf(published.get(name(exchange)), 1000)));
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "mirror");
            thread.setDaemon(true);
            return thread;
        }));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static byte[] subset(MnistPart part) throws IOException {
        try (InputStream stream = MnistSource.class.getResourceAsStream("mnist/" + part.packedName())) {
            return stream.readAllBytes();
        }
    }

    private static String name(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private void answer(HttpExchange exchange, byte[] body) throws IOException {
        requests.add(exchange.getRequestURI().getPath());
        try (exchange) {
            if (body == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Promises the whole file, sends half of it and ends the connection. */
    private void answerHalf(HttpExchange exchange) throws IOException {
        requests.add(exchange.getRequestURI().getPath());
        byte[] body = published.get(name(exchange));
        exchange.sendResponseHeaders(200, body.length);
        OutputStream stream = exchange.getResponseBody();
        stream.write(body, 0, body.length / 2);
        stream.flush();
        exchange.close();
    }

    /** The same file with one grey value or label changed. */
    private byte[] otherDigits(String name) throws IOException {
        byte[] plain = new GZIPInputStream(new ByteArrayInputStream(published.get(name))).readAllBytes();
        plain[plain.length - 1] ^= 1;
        return gzip(plain);
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream stream = new GZIPOutputStream(packed)) {
            stream.write(plain);
        }
        return packed.toByteArray();
    }

    private MnistSource source(String... mirrors) {
        List<URI> addresses = Arrays.stream(mirrors)
                .map(m -> URI.create("http://localhost:" + server.getAddress().getPort() + "/" + m + "/"))
                .toList();
        return new MnistSource(cache, new MnistMirrors(addresses, fingerprints, console, SILENCE_MILLIS), console);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private static void assertIsSubset(MnistFiles files) {
        assertThat(files.trainImages().dims()).containsExactly(10_000, 28, 28);
        assertThat(files.trainLabels().dims()).containsExactly(10_000);
        assertThat(files.testImages().dims()).containsExactly(2_000, 28, 28);
        assertThat(files.testLabels().dims()).containsExactly(2_000);
    }

    @Test
    void embeddedSubsetIsMnist() {
        MnistFiles files = MnistSource.embedded();
        assertIsSubset(files);
        assertThat(Arrays.copyOf(files.trainLabels().data(), 8)).containsExactly(5, 0, 4, 1, 9, 2, 1, 3);
        assertThat(Arrays.copyOf(files.testLabels().data(), 8)).containsExactly(7, 2, 1, 0, 4, 1, 4, 9);
        assertThat(mean(files.trainImages().data())).isBetween(32.0, 35.0);
        assertThat(mean(files.testImages().data())).isBetween(30.0, 35.0);
    }

    private static double mean(byte[] values) {
        long sum = 0;
        for (byte value : values) {
            sum += Byte.toUnsignedInt(value);
        }
        return (double) sum / values.length;
    }

    @Test
    void embeddedSubsetIsSmall() throws IOException {
        int bytes = 0;
        for (MnistPart part : MnistPart.values()) {
            bytes += subset(part).length;
        }
        assertThat(bytes).isLessThan(2_500_000);
    }

    @Test
    void downloadsOnceAndThenUsesTheCache() throws IOException {
        assertIsSubset(source("good").find(Optional.empty()));
        assertThat(requests).hasSize(4);
        assertThat(printed()).contains("train-images-idx3-ubyte.gz", "data: MNIST, downloaded", cache.toString());
        for (MnistPart part : MnistPart.values()) {
            assertThat(cache.resolve(part.packedName())).hasBinaryContent(published.get(part.packedName()));
        }

        printed.reset();
        assertIsSubset(source("good").find(Optional.empty()));
        assertThat(requests).hasSize(4);
        assertThat(printed()).isEqualTo("data: MNIST from the cache folder " + cache + System.lineSeparator());
    }

    @Test
    void cacheHoldsNothingButTheFiles() throws IOException {
        source("cut", "wrong", "good").find(Optional.empty());
        try (var files = Files.list(cache)) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(published.keySet());
        }
    }

    @Test
    void failedMirrorIsAskedOnce() throws IOException {
        assertIsSubset(source("absent", "good").find(Optional.empty()));
        assertThat(requests.stream().filter(r -> r.startsWith("/absent/"))).hasSize(1);
        assertThat(requests.stream().filter(r -> r.startsWith("/good/"))).hasSize(4);
    }

    @Test
    void damagedCacheIsRepaired() throws IOException {
        source("good").find(Optional.empty());
        Path images = cache.resolve(MnistPart.TRAIN_IMAGES.packedName());
        Files.write(images, otherDigits(MnistPart.TRAIN_IMAGES.packedName()));
        assertIsSubset(source("good").find(Optional.empty()));
        assertThat(printed()).contains("its train-images-idx3-ubyte.gz was damaged");
        assertThat(images).hasBinaryContent(published.get(MnistPart.TRAIN_IMAGES.packedName()));
    }

    private void assertFallsBack(String mirror, String reason) throws IOException {
        assertIsSubset(source(mirror).find(Optional.empty()));
        assertThat(printed()).contains("data: the embedded subset of MNIST", reason);
        assertThat(cache).doesNotExist();
    }

    @Test
    void absentFileFallsBack() throws IOException {
        assertFallsBack("absent", "localhost: HTTP status 404 for train-images-idx3-ubyte.gz");
    }

    @Test
    void wrongChecksumFallsBack() throws IOException {
        assertFallsBack("wrong", "train-images-idx3-ubyte.gz has the wrong checksum");
    }

    @Test
    void loginPageFallsBack() throws IOException {
        assertFallsBack("noise", "ZipException");
    }

    @Test
    void cutConnectionFallsBack() throws IOException {
        assertIsSubset(source("cut").find(Optional.empty()));
        assertThat(printed()).containsPattern("embedded subset of MNIST.*(cut off|EOF|SocketException|SocketTimeout)");
        assertThat(cache).doesNotExist();
    }

    @Test
    void shortFileFallsBack() throws IOException {
        assertFallsBack("short", "cut off");
    }

    @Test
    void deadServerFallsBack() throws IOException {
        MnistSource source = source("good");
        server.stop(0);
        assertIsSubset(source.find(Optional.empty()));
        assertThat(printed()).contains("embedded subset", "ConnectException");
    }

    @Test
    void silentServerFallsBack() throws IOException {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI address = URI.create("http://localhost:" + silent.getLocalPort() + "/");
            MnistMirrors mirrors = new MnistMirrors(List.of(address), fingerprints, console, 200);
            assertIsSubset(new MnistSource(cache, mirrors, console).find(Optional.empty()));
        }
        assertThat(printed()).contains("embedded subset", "SocketTimeoutException");
    }

    @Test
    void noMirrorFallsBack() throws IOException {
        assertIsSubset(source().find(Optional.empty()));
        assertThat(printed()).contains("embedded subset", "none is left");
    }

    @Test
    void unwritableCacheCostsOnlyTheCopy() throws IOException {
        Files.writeString(folder.resolve("cache"), "a file where the folder should be");
        assertIsSubset(source("good").find(Optional.empty()));
        assertThat(printed()).contains("data: MNIST, downloaded", "train-images-idx3-ubyte.gz can't be kept there");
    }

    private void writeAll(boolean packed) throws IOException {
        for (MnistPart part : MnistPart.values()) {
            byte[] bytes = published.get(part.packedName());
            if (packed) {
                Files.write(folder.resolve(part.packedName()), bytes);
            } else {
                byte[] plain = new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes();
                Files.write(folder.resolve(part.fileName()), plain);
            }
        }
    }

    private MnistFiles fromFolder(Path data) throws IOException {
        return source("good").find(Optional.of(data));
    }

    @Test
    void namedFolderIsUsedAlone() throws IOException {
        writeAll(true);
        assertIsSubset(fromFolder(folder));
        assertThat(requests).isEmpty();
        assertThat(printed()).isEqualTo("data: MNIST from " + folder + " (--data)" + System.lineSeparator());
    }

    @Test
    void namedFolderMayHoldPlainFiles() throws IOException {
        writeAll(false);
        assertIsSubset(fromFolder(folder));
    }

    @Test
    void missingFilesAreNamed() throws IOException {
        writeAll(true);
        Files.delete(folder.resolve(MnistPart.TEST_LABELS.packedName()));
        assertThatThrownBy(() -> fromFolder(folder))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("got no t10k-labels-idx1-ubyte;");
        assertThat(requests).isEmpty();
    }

    @Test
    void missingFolderIsAnError() {
        assertThatThrownBy(() -> fromFolder(folder.resolve("none")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("which does not exist");
    }

    @Test
    void fileInsteadOfFolderIsAnError() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertThatThrownBy(() -> fromFolder(file))
                .isInstanceOf(NotDirectoryException.class)
                .hasMessageContaining("which is a file");
    }

    @Test
    void truncatedFileIsAnError() throws IOException {
        writeAll(true);
        Path images = folder.resolve(MnistPart.TRAIN_IMAGES.packedName());
        Files.write(images, Arrays.copyOf(Files.readAllBytes(images), 100_000));
        assertThatThrownBy(() -> fromFolder(folder))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(images.toString());
    }

    @Test
    void exchangedFilesAreAnError() throws IOException {
        writeAll(true);
        Files.write(
                folder.resolve(MnistPart.TRAIN_LABELS.packedName()), published.get(MnistPart.TEST_LABELS.packedName()));
        assertThatThrownBy(() -> fromFolder(folder))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("expected 10000 training labels, got IdxFile[2000]");
    }

    @Test
    void imagesInPlaceOfLabelsAreAnError() throws IOException {
        writeAll(true);
        Files.write(
                folder.resolve(MnistPart.TEST_LABELS.packedName()), published.get(MnistPart.TEST_IMAGES.packedName()));
        assertThatThrownBy(() -> fromFolder(folder))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("2000 test labels");
    }

    @Test
    void labelAboveNineIsAnError() throws IOException {
        writeAll(false);
        Path labels = folder.resolve(MnistPart.TRAIN_LABELS.fileName());
        byte[] bytes = Files.readAllBytes(labels);
        bytes[100] = 10;
        Files.write(labels, bytes);
        assertThatThrownBy(() -> fromFolder(folder))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("labels from 0 to 9, got a 10");
    }

    @Test
    void cacheFolderFollowsTheXdgSpecification() {
        assertThat(MnistSource.cacheFolder("/c", "/home/me")).isEqualTo(Path.of("/c/jangada/mnist"));
        assertThat(MnistSource.cacheFolder("", "/home/me")).isEqualTo(Path.of("/home/me/.cache/jangada/mnist"));
        assertThat(MnistSource.cacheFolder("relative", "/home/me")).isEqualTo(Path.of("/home/me/.cache/jangada/mnist"));
        assertThat(MnistSource.cacheFolder(null, "/home/me")).isEqualTo(Path.of("/home/me/.cache/jangada/mnist"));
    }
}
