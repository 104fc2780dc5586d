package dev.jangada.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** The folder of recorded cases: one compressed file of JSON lines per area, beside the files that the cases of area 11 read. */
final class Corpus {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ENDING = ".jsonl.gz";

    private final Path folder;

    /** Opens a folder; it is read by {@link #cases}. */
    Corpus(Path folder) {
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    /** Tells whether the folder holds at least one area. */
    boolean exists() throws IOException {
        return Files.isDirectory(folder) && !areas().isEmpty();
    }

    /** Returns the names of the areas, such as {@code 02_elementwise}, in order. */
    List<String> areas() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(n -> n.endsWith(ENDING))
                    .map(n -> n.substring(0, n.length() - ENDING.length()))
                    .sorted()
                    .toList();
        }
    }

    /** Returns the cases of one area in the order of the file. */
    List<Case> cases(String area) throws IOException {
        List<Case> out = new ArrayList<>();
        Path file = folder.resolve(area + ENDING);
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                out.add(parse(area, line));
            }
        } catch (JsonProcessingException e) {
            throw new IOException(file + ", line " + (out.size() + 1) + ": " + e.getOriginalMessage(), e);
        }
        return out;
    }

    /** Reads one line. Integers keep 64 bits, and {@code 2}, {@code 2.0} and {@code true} stay apart. */
    static Case parse(String area, String line) throws JsonProcessingException {
        return new Case(area, JSON.readTree(line));
    }
}
