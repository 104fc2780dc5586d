package dev.jangada.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jangada.Device;
import dev.jangada.DeviceException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The command {@code bin/conformance}: runs the corpus on the backend of {@code jangada.backend} or {@code JANGADA_BACKEND}.
 *
 * <p>Exit status: 0 when the run came to its end, whatever passed; 2 for a wrong option, a missing corpus or an unavailable backend.
 */
public final class Main {
    private static final String USAGE = """
            usage: bin/conformance [DIR] [--area AREA] [--op OP] [--case ID] [--verbose] [--report FILE]
              DIR          folder of the corpus (default ../shared/conformance beside the repository)
              --area AREA  only areas whose name begins so, such as 02
              --op OP      only cases of this operation
              --case ID    one case, with its inputs and the reason
              --verbose    print each case that fails, with its reason
              --report FILE  where to write the counts as JSON (default target/conformance.json)""";

    private final Path root = Path.of(System.getProperty("jangada.conformance.root", ""));
    private Path corpus;
    private Path report = root.resolve(Path.of("target", "conformance.json"));
    private String area = "";
    private String op = "";
    private String id = "";
    private boolean verbose;

    private Main() {}

    /**
     * Runs the corpus.
     *
     * @param args see the usage text
     */
    public static void main(String[] args) throws IOException {
        Main main = new Main();
        String problem;
        try {
            problem = main.parse(args);
            if (problem.isEmpty()) {
                main.run();
                return;
            }
        } catch (DeviceException e) {
            problem = e.getMessage();
        }
        System.err.println("conformance: " + problem);
        System.exit(2);
    }

    private String parse(String[] args) throws IOException {
        for (int i = 0; i < args.length; i++) {
            String a = args[i];
            if (a.equals("--verbose")) {
                verbose = true;
            } else if (a.startsWith("--")) {
                if (i + 1 == args.length || !option(a, args[++i])) {
                    return "expected a known option with a value, got " + a + "\n" + USAGE;
                }
            } else if (corpus == null) {
                corpus = Path.of(a);
            } else {
                return "expected one folder, got " + corpus + " and " + a + "\n" + USAGE;
            }
        }
        if (corpus == null) {
            corpus = root.resolve(Path.of("..", "shared", "conformance")).normalize();
        }
        return new Corpus(corpus).exists()
                ? ""
                : "expected a folder with *.jsonl.gz, got "
                        + corpus.toAbsolutePath().normalize() + "\n" + USAGE;
    }

    private boolean option(String name, String value) {
        switch (name) {
            case "--area" -> area = value;
            case "--op" -> op = value;
            case "--case" -> id = value;
            case "--report" -> report = Path.of(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean selected(Case c) {
        return c.area().startsWith(area) && (op.isEmpty() || c.op().equals(op)) && (id.isEmpty() || c.id().equals(id));
    }

    private void run() throws IOException {
        String backend = Device.best().toString();
        System.out.println("backend " + backend + ", corpus " + corpus);
        long start = System.nanoTime();
        String areas = id.contains("/") ? id.substring(0, id.indexOf('/')) : area;
        Report found = CorpusRun.run(new Corpus(corpus), areas, this::selected);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (!id.isEmpty()) {
            print(found);
        }
        if (verbose) {
            found.with(Outcome.Status.FAILED)
                    .forEach(e -> System.out.println(e.test().id() + " "
                            + e.test().op() + ": " + e.outcome().reason()));
        }
        found.with(Outcome.Status.DIFFERENT)
                .forEach(e -> System.out.println("different (" + e.test().tag() + ") "
                        + e.test().id() + ": " + e.outcome().reason()));
        found.write(report, backend, corpus, seconds);
        System.out.println(String.format(Locale.ROOT, "%.1f s, details in %s", seconds, report));
        System.out.println(found.summary());
    }

    /** Prints a case with all it holds. */
    private static void print(Report found) throws IOException {
        for (Outcome.Status s : Outcome.Status.values()) {
            for (Report.Entry e : found.with(s)) {
                System.out.println(new ObjectMapper()
                        .writerWithDefaultPrettyPrinter()
                        .writeValueAsString(e.test().json())
                        .replaceAll("\\s*\n\\s+(?=[-\\d\"tf][^:]*(,?\n|$))", " "));
                System.out.println(s + " " + e.outcome().reason());
            }
        }
    }
}
