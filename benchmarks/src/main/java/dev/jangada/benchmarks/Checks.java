package dev.jangada.benchmarks;

import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Three promises about speed that no single benchmark shows. Prints a line per program: what was checked, the program, the mode, milliseconds
 * per step before and after, their ratio.
 *
 * <pre>java -cp benchmarks/target/benchmarks.jar dev.jangada.benchmarks.Checks [THREADS [modes] [subnormals] [contention]]</pre>
 *
 * <ul>
 *   <li>{@code modes}: each program eager (before) and captured (after) in turn, a few milliseconds each, so that whatever else the machine
 *       does hits both. Captured is never slower: a ratio of at most 1.
 *   <li>{@code subnormals}: the dense network learns random labels by heart, 3,000 steps at a learning rate of 0.01, until gradients vanish. It
 *       is as fast at the end (after) as a new one at its start (before): a ratio near 1.
 *   <li>{@code contention}: another process keeps one processor busy. A step takes less than 3 times as long as without it.
 * </ul>
 */
public final class Checks {
    private static final int STEPS = 3_000;
    private static final int PART = 300;
    private static final int ROUNDS = 5;
    private static final long ROUND_NANOS = 500_000_000;
    private static final long TURN_NANOS = 20_000_000;
    private static final int FEWEST_STEPS = 20;
    private static final String MODES = "modes";
    private static final String SUBNORMALS = "subnormals";
    private static final String CONTENTION = "contention";
    private static final String SPIN = "spin";

    private Checks() {}

    /** Runs the checks, or is the other process. */
    public static void main(String[] args) throws IOException {
        if (Arrays.equals(args, new String[] {SPIN})) {
            spin();
            return;
        }
        int threads = args.length > 0
                ? Integer.parseInt(args[0])
                : Runtime.getRuntime().availableProcessors();
        Jangada.setNumThreads(threads);
        List<String> wanted =
                args.length > 1 ? Arrays.asList(args).subList(1, args.length) : List.of(MODES, SUBNORMALS, CONTENTION);
        for (Workload program : wanted.contains(MODES) ? Workload.values() : new Workload[0]) {
            modes(program);
        }
        for (Execution mode : Execution.values()) {
            if (wanted.contains(SUBNORMALS)) {
                subnormals(mode);
            }
            if (wanted.contains(CONTENTION)) {
                contention(Workload.MLP, mode);
                contention(Workload.RBM, mode);
            }
        }
    }

    private static void print(String check, Workload program, String mode, double before, double after) {
        System.out.printf(
                Locale.ROOT,
                "%s %s %s %.4f %.4f %.3f%n",
                check,
                program.name().toLowerCase(Locale.ROOT),
                mode.toLowerCase(Locale.ROOT),
                before,
                after,
                after / before);
    }

    private static double milliseconds(Supplier<Tensor> step) {
        long start = System.nanoTime();
        try (TensorScope scope = new TensorScope();
                Tensor result = step.get()) {
            result.device().synchronize();
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static double median(List<Double> times) {
        return times.stream().sorted().skip(times.size() / 2).findFirst().orElseThrow();
    }

    /** Some steps behind each other, as in a training loop; at least one. */
    private static void turn(Supplier<Tensor> step, List<Double> times) {
        long end = System.nanoTime() + TURN_NANOS;
        do {
            times.add(milliseconds(step));
        } while (System.nanoTime() < end);
    }

    private static void modes(Workload program) {
        Supplier<Tensor> eager = program.forms().in(Execution.EAGER);
        Supplier<Tensor> captured = program.forms().in(Execution.CAPTURED);
        mean(eager); // until they are compiled
        mean(captured);
        mean(eager);
        mean(captured);
        List<Double> before = new ArrayList<>();
        List<Double> after = new ArrayList<>();
        for (long end = System.nanoTime() + 2 * ROUNDS * ROUND_NANOS;
                System.nanoTime() < end || after.size() < FEWEST_STEPS; ) {
            turn(eager, before);
            turn(captured, after);
        }
        print(MODES, program, "both", median(before), median(after));
    }

    /** Old and new training in turn, so that a slow phase of the machine hits both. */
    private static void subnormals(Execution mode) {
        Jangada.manualSeed(0);
        Supplier<Tensor> old = Workload.dense(0.01).in(mode);
        for (int i = 0; i < STEPS - PART; i++) {
            milliseconds(old);
        }
        Supplier<Tensor> young = Workload.dense(0.01).in(mode);
        List<Double> first = new ArrayList<>();
        List<Double> last = new ArrayList<>();
        for (int i = 0; i < PART; i++) {
            first.add(milliseconds(young));
            last.add(milliseconds(old));
        }
        print(SUBNORMALS, Workload.MLP, mode.name(), median(first), median(last));
    }

    /** The mean of some steps, for a step that waits for its processor now and then counts too. */
    private static double mean(Supplier<Tensor> step) {
        double sum = 0;
        int count = 0;
        for (long end = System.nanoTime() + ROUND_NANOS; System.nanoTime() < end; count++) {
            sum += milliseconds(step);
        }
        return sum / count;
    }

    private static void contention(Workload program, Execution mode) throws IOException {
        Supplier<Tensor> step = program.forms().in(mode);
        mean(step);
        mean(step);
        List<Double> alone = new ArrayList<>();
        List<Double> beside = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            alone.add(mean(step));
            Process other = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Checks.class.getName(),
                            SPIN)
                    .start();
            try {
                if (other.getInputStream().read() < 0) { // it says when it spins
                    throw new IOException("[contention] expected a second process that is busy, got one that ended");
                }
                beside.add(mean(step));
            } finally {
                other.destroyForcibly().onExit().join(); // the next round is to run alone
            }
        }
        print(CONTENTION, program, mode.name(), median(alone), median(beside));
    }

    /** Keeps a processor busy until whoever started this ends it, or ends itself. */
    private static void spin() {
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    Thread.onSpinWait();
                }
            } catch (IOException e) {
                System.err.println(e);
            }
            System.exit(0);
        });
        watch.setDaemon(true);
        watch.start();
        System.out.write('\n');
        System.out.flush();
        while (watch.isAlive()) {
            Thread.onSpinWait();
        }
    }
}
