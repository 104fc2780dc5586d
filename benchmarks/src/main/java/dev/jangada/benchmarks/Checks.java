package dev.jangada.benchmarks;

import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Two promises about speed that no single benchmark shows. Prints a line per program: what was checked, the program, the mode, milliseconds per
 * step before and after, their ratio.
 *
 * <pre>java -cp benchmarks/target/benchmarks.jar dev.jangada.benchmarks.Checks [THREADS]</pre>
 *
 * <ul>
 *   <li>{@code subnormals}: the dense network learns random labels by heart, 3,000 steps at a learning rate of 0.01, until gradients vanish. It
 *       is as fast at the end as at the start: a ratio near 1.
 *   <li>{@code contention}: another process keeps one processor busy. A step takes less than 3 times as long as without it.
 * </ul>
 */
public final class Checks {
    private static final int STEPS = 3_000;
    private static final int PART = 300;
    private static final int ROUNDS = 5;
    private static final long ROUND_NANOS = 500_000_000;
    private static final String SPIN = "spin";

    private Checks() {}

    /** Runs both checks, or is the other process. */
    public static void main(String[] args) throws IOException {
        if (Arrays.equals(args, new String[] {SPIN})) {
            spin();
            return;
        }
        int threads = args.length > 0
                ? Integer.parseInt(args[0])
                : Runtime.getRuntime().availableProcessors();
        Jangada.setNumThreads(threads);
        for (Execution mode : Execution.values()) {
            subnormals(mode);
        }
        for (Workload program : List.of(Workload.MLP, Workload.RBM)) {
            for (Execution mode : Execution.values()) {
                contention(program, mode);
            }
        }
    }

    private static void print(String check, Workload program, Execution mode, double before, double after) {
        System.out.printf(
                Locale.ROOT,
                "%s %s %s %.4f %.4f %.3f%n",
                check,
                program.name().toLowerCase(Locale.ROOT),
                mode.name().toLowerCase(Locale.ROOT),
                before,
                after,
                after / before);
    }

    private static double milliseconds(Supplier<Tensor> step) {
        long start = System.nanoTime();
        try (TensorScope scope = new TensorScope()) {
            step.get();
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static double median(double[] times, int from, int to) {
        double[] part = Arrays.copyOfRange(times, from, to);
        Arrays.sort(part);
        return part[part.length / 2];
    }

    private static void subnormals(Execution mode) {
        Jangada.manualSeed(0);
        Supplier<Tensor> warm = Workload.dense(0.01).in(mode);
        for (int i = 0; i < PART; i++) {
            milliseconds(warm);
        }
        Supplier<Tensor> step = Workload.dense(0.01).in(mode);
        double[] times = new double[STEPS];
        for (int i = 0; i < STEPS; i++) {
            times[i] = milliseconds(step);
        }
        print("subnormals", Workload.MLP, mode, median(times, 0, PART), median(times, STEPS - PART, STEPS));
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
        double[] alone = new double[ROUNDS];
        double[] beside = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            alone[i] = mean(step);
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
                beside[i] = mean(step);
            } finally {
                other.destroyForcibly();
            }
        }
        print("contention", program, mode, median(alone, 0, ROUNDS), median(beside, 0, ROUNDS));
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
