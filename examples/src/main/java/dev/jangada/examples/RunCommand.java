package dev.jangada.examples;

import dev.jangada.nn.rbm.RBM;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one example program: checks the options, sets backend, threads and seed, and writes the metrics. */
@Command(name = "run", description = "Runs an example program.", mixinStandardHelpOptions = true, sortOptions = false)
final class RunCommand implements Callable<Integer> {
    private static final int MOST_THREADS = 256; // that of the CPU backend

    private final List<Example> examples;
    private final PrintStream console;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "The program; `list` shows them.")
    private String name;

    @picocli.CommandLine.Option(
            names = "--backend",
            paramLabel = "NAME",
            description = "Where tensors live: cpu, cuda, reference, ...; the best one by default.")
    private String backend;

    @picocli.CommandLine.Option(
            names = "--seed",
            description = "Seed of all random numbers; ${DEFAULT-VALUE} by default.")
    private long seed;

    @picocli.CommandLine.Option(names = "--threads", description = "Threads of the CPU backend; every core by default.")
    private Integer threads;

    @picocli.CommandLine.Option(names = "--epochs", description = "How often to go through the training data.")
    private Integer epochs;

    @picocli.CommandLine.Option(
            names = "--iterations",
            description = "How many training steps to make; with --epochs, the smaller of the two.")
    private Integer iterations;

    @picocli.CommandLine.Option(names = "--batch", description = "Examples in a training step.")
    private Integer batch;

    @picocli.CommandLine.Option(names = "--lr", description = "Learning rate.")
    private Double lr;

    @picocli.CommandLine.Option(names = "--k", description = "Gibbs steps of contrastive divergence.")
    private Integer k;

    @picocli.CommandLine.Option(
            names = "--mode",
            paramLabel = "MODE",
            description = "How training steps run: eager (the default) or captured. The numbers are the same.")
    private String mode;

    @picocli.CommandLine.Option(names = "--steps", description = "Gibbs steps of a chain that makes samples.")
    private Integer steps;

    @picocli.CommandLine.Option(names = "--start", description = "Where such a chain starts: ${COMPLETION-CANDIDATES}.")
    private RBM.Start start;

    @picocli.CommandLine.Option(
            names = "--load",
            paramLabel = "FILE",
            description = "File of weights, instead of training.")
    private Path load;

    @picocli.CommandLine.Option(names = "--data", paramLabel = "DIR", description = "Folder of the data set.")
    private Path data;

    @picocli.CommandLine.Option(names = "--out", paramLabel = "DIR", description = "Folder for pictures and weights.")
    private Path out;

    @picocli.CommandLine.Option(
            names = "--metrics",
            paramLabel = "FILE",
            description = "Writes the final numbers as a JSON object.")
    private Path metricsFile;

    RunCommand(List<Example> examples, PrintStream console) {
        this.examples = examples;
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        Example example = example();
        Options options = options(example);
        prepareFolders();
        console.println("backend: " + Runtimes.configure(backend, threads, seed));
        Metrics metrics = new Metrics();
        example.run(options, metrics);
        console.flush();
        if (metricsFile != null) {
            metrics.write(metricsFile);
        }
        return 0;
    }

    private Example example() {
        return examples.stream()
                .filter(e -> e.name().equals(name))
                .findFirst()
                .orElseThrow(() -> usage("[run] expected the name of a program, got \"" + name + "\"; choose one of "
                        + String.join(", ", examples.stream().map(Example::name).toList())));
    }

    private Options options(Example example) {
        Options options = Options.of(seed, console);
        options = count(options, Option.EPOCHS, epochs);
        options = count(options, Option.ITERATIONS, iterations);
        options = count(options, Option.BATCH, batch);
        options = count(options, Option.K, k);
        options = count(options, Option.STEPS, steps);
        if (threads != null) {
            requirePositive("--threads", threads);
            if (threads > MOST_THREADS) {
                throw usage("[run] expected --threads to be at most " + MOST_THREADS + ", got " + threads
                        + "; pass the number of cores, or leave it out");
            }
        }
        if (lr != null) {
            if (!(lr > 0) || lr.isInfinite()) {
                throw usage("[run] expected --lr to be a positive number, got " + lr + "; pass for example --lr 0.001");
            }
            options = options.with(Option.LR, lr);
        }
        if (mode != null) {
            if (!mode.equals("eager") && !mode.equals("captured")) {
                throw usage("[run] expected --mode eager or --mode captured, got " + mode + "; pass one of them");
            }
            options = options.with(Option.MODE, mode.equals("captured"));
        }
        options = start == null ? options : options.with(Option.START, start);
        options = load == null ? options : options.with(Option.LOAD, load);
        options = data == null ? options : options.with(Option.DATA, data);
        options = out == null ? options : options.with(Option.OUT, out);
        refuseUnknown(example, options);
        return options;
    }

    private Options count(Options options, Option option, Integer value) {
        if (value == null) {
            return options;
        }
        requirePositive(option.flag(), value);
        return options.with(option, value);
    }

    private void requirePositive(String flag, int value) {
        if (value < 1) {
            throw usage("[run] expected " + flag + " to be at least 1, got " + value + "; pass 1 or more");
        }
    }

    private void refuseUnknown(Example example, Options options) {
        Set<Option> unused = EnumSet.allOf(Option.class);
        unused.removeAll(example.options());
        for (Option option : unused) {
            if (options.isGiven(option)) {
                throw usage("[run] expected an option of " + example.name() + ", got " + option.flag()
                        + ", which changes nothing there; leave it out");
            }
        }
    }

    /** A run of minutes must not fail at its end because the results can't be written. */
    private void prepareFolders() throws IOException {
        if (out != null) {
            requireWritable("--out", out);
        }
        if (metricsFile != null) {
            if (Files.isDirectory(metricsFile)) {
                throw usage("[run] expected --metrics to name a file, got the folder " + metricsFile
                        + "; append a file name");
            }
            if (!Files.exists(metricsFile) || Files.isRegularFile(metricsFile)) { // not /dev/null and the like
                requireWritable("--metrics", metricsFile.toAbsolutePath().getParent());
            }
        }
    }

    static void requireWritable(String flag, Path folder) throws IOException {
        try {
            if (!Files.isDirectory(folder)) { // createDirectories refuses a link to a folder
                Files.createDirectories(folder);
            }
            Files.delete(Files.createTempFile(folder, ".jangada", ".probe"));
        } catch (IOException e) {
            throw new IOException(
                    "[run] expected a folder that can be written to for " + flag + ", got " + folder + " (" + e
                            + "); choose another one",
                    e);
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
