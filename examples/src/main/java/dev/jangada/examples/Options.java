package dev.jangada.examples;

import dev.jangada.Tensor;
import dev.jangada.capture.Captured;
import dev.jangada.nn.rbm.RBM;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the command line gave to one run of an example.
 *
 * <p>The programs own the defaults, so each accessor takes the value to use where the option was not given. Values are
 * checked before the program starts: counts are at least 1, the learning rate is positive and finite.
 */
public final class Options {
    private final Map<Option, Object> given;
    private final long seed;
    private final PrintStream console;

    private Options(Map<Option, Object> given, long seed, PrintStream console) {
        this.given = new EnumMap<>(Option.class);
        this.given.putAll(given);
        this.seed = seed;
        this.console = console;
    }

    /** Returns options with nothing given but the seed; progress is printed to {@code console}. */
    public static Options of(long seed, PrintStream console) {
        return new Options(Map.of(), seed, console);
    }

    /**
     * Returns a copy with one more option given.
     *
     * @param option the option
     * @param value an {@link Integer}, for the learning rate a {@link Double}, for folders and files a {@link Path},
     *     for the mode a {@link Boolean}: whether steps run captured, for the start of a chain an {@link RBM.Start}
     * @throws ClassCastException if the value is of another type
     */
    public Options with(Option option, Object value) {
        Class<?> type = switch (option) {
            case EPOCHS, ITERATIONS, BATCH, K, STEPS -> Integer.class;
            case LR -> Double.class;
            case MODE -> Boolean.class;
            case START -> RBM.Start.class;
            case DATA, LOAD, OUT -> Path.class;
        };
        Options copy = new Options(given, seed, console);
        copy.given.put(option, type.cast(value));
        return copy;
    }

    /** Returns whether the command line gave the option. */
    public boolean isGiven(Option option) {
        return given.containsKey(option);
    }

    /** Returns the seed of every random number of the run; 0 unless given. */
    public long seed() {
        return seed;
    }

    /** Returns how often the training data are gone through. */
    public int epochs(int ifAbsent) {
        return (int) given.getOrDefault(Option.EPOCHS, ifAbsent);
    }

    /** Returns how many training steps are made. */
    public int iterations(int ifAbsent) {
        return (int) given.getOrDefault(Option.ITERATIONS, ifAbsent);
    }

    /** Returns how many examples a training step sees. */
    public int batch(int ifAbsent) {
        return (int) given.getOrDefault(Option.BATCH, ifAbsent);
    }

    /** Returns the learning rate. */
    public double lr(double ifAbsent) {
        return (double) given.getOrDefault(Option.LR, ifAbsent);
    }

    /** Returns whether training steps run captured, as one plan each, instead of kernel by kernel from Java. */
    public boolean isCaptured() {
        return (boolean) given.getOrDefault(Option.MODE, false);
    }

    /** Runs a training step in the mode that was asked for, and returns its result. */
    public Tensor runStep(Captured step, Object... arguments) {
        return isCaptured() ? step.run(arguments) : step.runEagerly(arguments);
    }

    /** Returns the number of Gibbs steps. */
    public int k(int ifAbsent) {
        return (int) given.getOrDefault(Option.K, ifAbsent);
    }

    /** Returns the number of Gibbs steps of a chain that makes samples. */
    public int steps(int ifAbsent) {
        return (int) given.getOrDefault(Option.STEPS, ifAbsent);
    }

    /** Returns where such a chain starts. */
    public RBM.Start start(RBM.Start ifAbsent) {
        return (RBM.Start) given.getOrDefault(Option.START, ifAbsent);
    }

    /** Returns the file of weights, empty if the program is to train. */
    public Optional<Path> load() {
        return Optional.ofNullable((Path) given.get(Option.LOAD));
    }

    /** Returns the folder of the data set, empty if the program is to find one. */
    public Optional<Path> data() {
        return Optional.ofNullable((Path) given.get(Option.DATA));
    }

    /**
     * Returns the folder for pictures and weights; without the option, one of the program's name below the working folder. Programs ask
     * before they train, for a run of minutes must not fail at its end.
     *
     * @throws IOException if it can't be made or written to
     */
    public Path out(Example program) throws IOException {
        Path folder = (Path) given.getOrDefault(Option.OUT, Path.of(program.name()));
        RunCommand.requireWritable(Option.OUT.flag(), folder);
        return folder;
    }

    /** Returns the stream for progress and results. */
    public PrintStream console() {
        return console;
    }
}
