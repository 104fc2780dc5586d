package dev.jangada.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark method runs, once and in this process; how fast is not looked at. */
class SmokeTest {
    private static Collection<RunResult> runOnce(ChainedOptionsBuilder options) throws RunnerException {
        return new Runner(options.forks(0)
                        .mode(Mode.SingleShotTime)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .param("threads", "2")
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
    }

    private static OptionsBuilder only(Class<?> benchmark) {
        OptionsBuilder options = new OptionsBuilder();
        options.include(benchmark.getSimpleName() + "\\.");
        return options;
    }

    private static Set<String> methods(Class<?> benchmark) {
        Set<String> out = new TreeSet<>();
        for (var m : benchmark.getMethods()) {
            if (m.isAnnotationPresent(Benchmark.class)) {
                out.add(benchmark.getName() + "." + m.getName());
            }
        }
        return out;
    }

    private static void requireAll(Class<?> benchmark, Collection<RunResult> results, int each) {
        Set<String> ran = new TreeSet<>();
        results.forEach(r -> ran.add(r.getParams().getBenchmark()));
        assertThat(ran).isEqualTo(methods(benchmark));
        assertThat(results).hasSize(each * ran.size());
    }

    @ParameterizedTest
    @EnumSource
    void programsRunBothWaysAndAreProfiled(Workload program) throws RunnerException {
        Collection<RunResult> results = runOnce(
                only(ProgramBenchmark.class).param("program", program.name()).addProfiler(ActivityProfiler.class));
        requireAll(ProgramBenchmark.class, results, Execution.values().length);
        for (RunResult r : results) {
            assertThat(value(r, "utilisation")).isGreaterThan(0).isLessThanOrEqualTo(100);
            assertThat(value(r, "peak")).isGreaterThan(0).isLessThanOrEqualTo(110);
            assertThat(value(r, "launches")).isGreaterThanOrEqualTo(1);
            assertThat(value(r, "hostCalls")).isGreaterThanOrEqualTo(1);
            assertThat(value(r, "bytes")).isGreaterThan(0);
            assertThat(value(r, "flops")).isGreaterThan(0);
        }
    }

    private static double value(RunResult r, String name) {
        return r.getSecondaryResults().get("device." + name).getScore();
    }

    @Test
    void forgetting() throws RunnerException {
        requireAll(ForgettingBenchmark.class, runOnce(only(ForgettingBenchmark.class)), 4);
    }

    @Test
    void overhead() throws RunnerException {
        requireAll(OverheadBenchmark.class, runOnce(only(OverheadBenchmark.class)), 1);
    }

    @Test
    void kernels() throws RunnerException {
        requireAll(KernelBenchmark.class, runOnce(only(KernelBenchmark.class).param("elements", "1024")), 1);
    }

    @Test
    void products() throws RunnerException {
        requireAll(MatmulBenchmark.class, runOnce(only(MatmulBenchmark.class).param("shape", "8x16x32", "1x7x5")), 2);
    }

    @Test
    void traces() throws RunnerException {
        requireAll(TraceBenchmark.class, runOnce(only(TraceBenchmark.class).param("program", "TINY_TANH")), 1);
    }

    @Test
    void changes() throws RunnerException {
        requireAll(ChangeBenchmark.class, runOnce(only(ChangeBenchmark.class)), 1);
    }

    @Test
    void noBenchmarkIsForgottenHere() {
        Set<String> here = new TreeSet<>();
        for (Class<?> c : List.of(
                ProgramBenchmark.class,
                ForgettingBenchmark.class,
                OverheadBenchmark.class,
                KernelBenchmark.class,
                MatmulBenchmark.class,
                TraceBenchmark.class,
                ChangeBenchmark.class)) {
            here.addAll(methods(c));
        }
        Set<String> all = new TreeSet<>();
        BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
                .forEach(b -> all.add(b.getUsername()));
        assertThat(here).isEqualTo(all);
    }
}
