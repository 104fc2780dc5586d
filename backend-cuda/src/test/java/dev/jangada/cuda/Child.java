package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Tensor;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backends;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Probe;
import dev.jangada.cuda.sim.CudaSim;
import dev.jangada.cuda.sim.SimSetting;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/** What must happen in a process of its own: looking for a driver, losing a device. */
final class Child {
    private Child() {}

    /** Does what the arguments say: {@code real} or {@code simulated}, then tasks. */
    public static void main(String[] args) throws IOException {
        if (args[0].equals("simulated") && !CudaSim.install()) {
            System.out.println("simulation " + CudaSim.reason());
            return;
        }
        for (String task : Arrays.copyOfRange(args, 1, args.length)) {
            switch (task) {
                case "probe" -> probe();
                case "choose" -> {
                    System.out.println("chosen " + Device.best());
                    System.out.println(Backends.report());
                }
                case "time" -> time();
                case "far" -> far();
                case "product" -> product();
                case "injected" -> injected();
                case "demand" -> attempt(() -> Backends.of(Device.of("cuda")));
                case "demandDefault" -> attempt(Backends::defaultDevice);
                case "both" -> bothDevices();
                case "fault" -> fault();
                case "compile" -> compile();
                case "garbage" -> garbage();
                case "hoard" -> hoard();
                default -> throw new AssertionError(task);
            }
        }
    }

    /** Asks twice, as a program would that prints a report after a failed choice. */
    private static void probe() {
        CudaProvider provider = new CudaProvider();
        for (int i = 0; i < 2; i++) {
            Availability a = provider.availability();
            System.out.println(a.available() + " " + provider.deviceCount() + " " + a.reason());
        }
    }

    /**
     * Says how many milliseconds the answer took: of the processor's time, of the wall clock's, and how many of the latter other work of the
     * machine had the processor.
     */
    private static void time() throws IOException {
        ThreadMXBean clock = ManagementFactory.getThreadMXBean();
        long waited = nanosInLine();
        long wall = System.nanoTime();
        long processor = clock.getCurrentThreadCpuTime();
        String reason = new CudaProvider().availability().reason();
        processor = clock.getCurrentThreadCpuTime() - processor;
        wall = System.nanoTime() - wall;
        waited = nanosInLine() - waited;
        System.out.println(processor / 1_000_000 + " " + wall / 1_000_000 + " " + waited / 1_000_000 + " " + reason);
    }

    /** Returns how long this thread could have run, but stood in line for a processor; 0 where the system does not count that. */
    private static long nanosInLine() throws IOException {
        Path counts = Path.of("/proc/thread-self/schedstat");
        return Files.exists(counts) ? Long.parseLong(Files.readString(counts).split(" ")[1]) : 0;
    }

    /**
     * Elements that lie more than 2^32 elements apart. Where a position of 32 bits would lead to there is a 9.
     */
    private static void far() {
        long apart = (1L << 32) + 16;
        Tensor all = Tensor.empty(DType.INT8, Device.of("cuda"), apart + 16);
        all.narrow(0, 16, 3).fill_(9);
        Tensor x = all.asStrided(new long[] {2, 3}, new long[] {apart, 1});
        x.copy_(Tensor.of(new long[] {1, 5, 3, 4, 2, 6}).to(Device.of("cuda")).reshape(2, 3));
        show("map", x.add(1));
        show("sum of columns", x.sum(0));
        show("sum of rows", x.sum(1));
        show("argmax", x.argmax(0));
        show("scan", x.cumsum(0));
        show("scan of rows", x.cumsum(1));
        show("sort", x.sort(0, true).values());
        Tensor index = Tensor.of(new long[] {1, 0, 1}).to(Device.of("cuda")).reshape(1, 3);
        show("gather", x.gather(0, index));
        show("product", x.matmul(x.transpose(0, 1)));
        x.scatterAdd_(0, index, Tensor.ones(DType.INT8, 1, 3).to(Device.of("cuda")));
        x.mul_(2);
        show("in place", x);
        show("between", all.narrow(0, 16, 3));
    }

    private static void show(String what, Tensor t) {
        System.out.println(
                what + " " + Arrays.toString(t.to(DType.INT64).flatten().toLongArray()));
    }

    /** 1 + 2^-12 is no number of 10 bits of mantissa. */
    private static void product() {
        Device cuda = Device.of("cuda");
        Tensor x = Tensor.full(new long[] {1, 1}, 1 + 0x1p-12f).to(cuda);
        System.out.println(Backends.of(cuda).description());
        System.out.println("excess " + (x.matmul(Tensor.ones(1, 1).to(cuda)).item() - 1));
    }

    /** The second kernel from now on faults, long after its call has returned. */
    private static void injected() {
        Tensor x = Tensor.of(new float[] {1, 2}).to(Device.of("cuda"));
        CudaSim.set(SimSetting.FAIL_LAUNCH, 2);
        attempt(() -> x.exp().cumsum(0).toFloatArray());
        attempt(() -> x.exp());
        Backends.setDefaultDevice(Device.cpu());
        System.out.println("sum on the CPU " + Tensor.ones(3).sum().item());
    }

    private static void attempt(Runnable action) {
        try {
            action.run();
            System.out.println("nothing was thrown");
        } catch (RuntimeException e) {
            System.out.println(e);
        }
    }

    private static void bothDevices() {
        Tensor on1 = Tensor.of(new float[] {1, 2}).to(Device.of("cuda:1"));
        Tensor sum = on1.add(1);
        Tensor on0 = sum.to(Device.of("cuda:0"));
        System.out.println("on " + sum.device() + ": " + Arrays.toString(sum.toFloatArray()) + ", copied to "
                + on0.device() + ": " + Arrays.toString(on0.toFloatArray()));
        attempt(() -> on0.add(sum));
    }

    /** A kernel writes to foreign memory: that operation fails, and every later one, and freeing still works. */
    private static void fault() {
        Device cuda = Device.of("cuda");
        Tensor before = Tensor.of(new float[] {1, 2}).to(cuda);
        CudaBackend backend = (CudaBackend) Backends.of(cuda);
        LaunchShape oneThread = new LaunchShape(1, 1, 1, 1, 1, 0);
        backend.launch("wild", Job.of(new Launch(new Wild(), oneThread, new Words().add(0))));
        attempt(backend::synchronize);
        attempt(() -> before.add(1).toFloatArray());
        before.close();
        attempt(backend::emptyCache);
    }

    private record Wild() implements Variant {
        @Override
        public KernelSource source() {
            return new KernelSource(
                    "wild",
                    "struct Arguments { int* p; };\n"
                            + "extern \"C\" __global__ void wild(const __grid_constant__ Arguments a) { *a.p = 1; }\n");
        }
    }

    private static Tensor eightMegabytes() {
        return Tensor.full(new long[] {2 << 20}, 1.0f).to(Device.of("cuda"));
    }

    /** Makes many times what the device has, and keeps nothing. */
    private static void garbage() {
        int made = 0;
        for (int i = 0; i < 50; i++) {
            made += eightMegabytes().isContiguous() ? 1 : 0;
        }
        System.out.println("made " + made + " tensors");
    }

    /** Keeps all until no more fits, then gives all up and goes on. */
    private static void hoard() {
        List<Tensor> kept = new ArrayList<>();
        attempt(() -> {
            while (kept.size() < 100) {
                kept.add(eightMegabytes());
            }
        });
        kept.forEach(Tensor::close);
        System.out.println("sum " + eightMegabytes().sum().item());
    }

    /** Compiles a kernel and tells how long that took, from cold or from the cache on disk. */
    private static void compile() {
        Context context = Context.open(Probe.result().devices().get(0));
        KernelCache cache = new KernelCache(context, new DiskCache(Optional.of(Path.of(System.getProperty("folder")))));
        System.out.println("compiled " + cache.get(new Wild(), new ConcurrentHashMap<>()));
    }

    /** Runs a process and returns its lines; the test is skipped where it has no simulated device. */
    static List<String> run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        return finish(start(environment, List.of(), arguments));
    }

    static Process start(Map<String, String> environment, List<String> options, String... arguments)
            throws IOException {
        return startMain(Child.class, environment, options, arguments);
    }

    /** Starts a main program on the class path of the tests; with what starts fastest, as it is short. */
    static Process startMain(Class<?> main, Map<String, String> environment, List<String> options, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(options);
        command.add("-D" + SourceFolder.PROPERTY + "=" + System.getProperty(SourceFolder.PROPERTY, ""));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().putAll(environment);
        return builder.start();
    }

    static List<String> finish(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        assertThat(ended).as(output).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        List<String> lines = output.lines()
                .filter(l -> !l.startsWith("SLF4J")
                        && !l.startsWith("cuda simulator: ")
                        && !l.startsWith("simulated CUDA libraries built"))
                .toList();
        if (lines.get(0).startsWith("simulation ")) {
            throw new TestAbortedException(lines.get(0));
        }
        return lines;
    }
}
