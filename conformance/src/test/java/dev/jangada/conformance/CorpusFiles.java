package dev.jangada.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;

/** Finds the corpus for tests: the property {@code jangada.conformance.dir}, else {@code ../shared/conformance} beside the repository. */
final class CorpusFiles {
    private CorpusFiles() {}

    /** Returns the root of the repository: tests run in the folder of their module. */
    static Path root() {
        return Path.of("").toAbsolutePath().getParent();
    }

    /** Returns the corpus; without one the test is skipped with the reason. */
    static Corpus find() throws IOException {
        String given = System.getProperty("jangada.conformance.dir");
        Path folder = given == null
                ? root().resolve(Path.of("..", "shared", "conformance")).normalize()
                : Path.of(given);
        Corpus corpus = new Corpus(folder);
        assumeTrue(
                corpus.exists(),
                "there is no corpus at " + folder + "; name one with -Djangada.conformance.dir=FOLDER");
        return corpus;
    }
}
