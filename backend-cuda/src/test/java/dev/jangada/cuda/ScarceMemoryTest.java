package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.BackendException;
import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.OutOfMemoryException;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backends;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Storage;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.cuda.driver.Graph;
import dev.jangada.cuda.sim.CudaSim;
import dev.jangada.cuda.sim.NeedsSimulator;
import dev.jangada.cuda.sim.SimSetting;
import java.util.function.Supplier;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The driver and its libraries need memory themselves: where they find none, garbage and cache are given back and the call is made again. */
@NeedsSimulator
class ScarceMemoryTest {
    private static final long LARGE = 8L << 20;

    private static int unique;

    private Device cuda;
    private CudaBackend backend;
    private Tensor x;

    /** What may lack memory, in the order of the simulator's numbers. */
    enum Call {
        MODULE,
        LAUNCH,
        INSTANTIATION,
        GRAPH,
        CUBLAS,
        PRODUCT
    }

    @BeforeEach
    void open() {
        Availability a = new CudaProvider().availability();
        assumeTrue(a.available(), a::reason);
        cuda = Device.of("cuda");
        backend = (CudaBackend) Backends.of(cuda);
        x = Tensor.ones(2, 2).to(cuda);
        x.exp().toFloatArray(); // loads what the calls are not about
    }

    @AfterEach
    void thereIsMemoryAgain() {
        if (CudaSim.install()) {
            CudaSim.set(SimSetting.REFUSALS, 0);
        }
    }

    private void refuse(Call call, int times) {
        CudaSim.set(SimSetting.REFUSE, call.ordinal() + 1);
        CudaSim.set(SimSetting.REFUSALS, times);
    }

    /** Does what needs such a call. */
    private void make(Call call) {
        switch (call) {
            case MODULE -> loadSomethingNew();
            case LAUNCH -> assertThat(x.exp().sum().item()).isCloseTo(4 * Math.E, within());
            case INSTANTIATION, GRAPH -> {
                try (Captured f = Capture.of(args -> args.tensor(0).exp())) {
                    assertThat(f.run(x).sum().item()).isCloseTo(4 * Math.E, within());
                }
            }
            case CUBLAS -> backend.openCublas(backend.context().stream()).close();
            case PRODUCT -> assertThat(x.matmul(x).toFloatArray()).containsOnly(2);
        }
    }

    private static Offset<Double> within() {
        return Offset.offset(1e-5);
    }

    private void loadSomethingNew() {
        String name = "fresh" + unique++;
        LaunchShape oneThread = new LaunchShape(1, 1, 1, 1, 1, 0);
        Variant fresh = () -> new KernelSource(
                name,
                "struct Arguments { long* p; };\nextern \"C\" __global__ void " + name
                        + "(const __grid_constant__ Arguments a) {}\n");
        backend.launch(name, Job.of(new Launch(fresh, oneThread, new Words().add(0))));
        backend.synchronize();
    }

    private void leaveGarbage() {
        Tensor.zeros(LARGE / Float.BYTES).to(cuda);
    }

    @ParameterizedTest
    @EnumSource
    void memoryIsGivenBackOnce(Call call) {
        leaveGarbage();
        Tensor.zeros(LARGE / Float.BYTES).to(cuda).close();
        long before = backend.memory().inUse();
        refuse(call, 1);
        make(call);
        assertThat(CudaSim.get(SimSetting.REFUSALS)).isZero();
        assertThat(backend.memory().cached()).isLessThan(LARGE);
        assertThat(backend.memory().inUse()).isLessThanOrEqualTo(before - LARGE + (1 << 20));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"CUBLAS", "INSTANTIATION"})
    void thenTheExceptionTellsHowThingsStand(Call call) {
        refuse(call, 1000);
        assertThatThrownBy(() -> make(call))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageContaining("expected free memory on cuda:0 for code, graphs and libraries, got CU")
                .hasMessageContaining("are in use by")
                .hasMessageContaining("close tensors (TensorScope), or use smaller batches");
        assertThat(CudaSim.get(SimSetting.REFUSALS)).isEqualTo(998);
        CudaSim.set(SimSetting.REFUSALS, 0);
        make(call);
    }

    /** A graph is made before anything of the plan runs: without memory for it, or with a driver that refuses it, the plan runs step by step. */
    @ParameterizedTest
    @CsvSource({
        "3, 2, there was no memory for a graph",
        "7, 1, it could not be recorded: [capture] the CUDA driver refused"
    })
    void aPlanGoesOnWithoutItsGraph(int call, int times, String why) {
        try (Captured f = Capture.of(args -> args.tensor(0).exp())) {
            CudaSim.set(SimSetting.REFUSE, call);
            CudaSim.set(SimSetting.REFUSALS, times);
            assertThat(f.run(x).sum().item()).isCloseTo(4 * Math.E, within());
            assertThat(CudaSim.get(SimSetting.REFUSALS)).isZero();
            assertThat(f.explain()).contains("step by step, for " + why);
            assertThat(f.run(x).sum().item()).isCloseTo(4 * Math.E, within());
            assertThat(f.explain()).contains("as 1 CUDA graph of");
        }
    }

    /** A loop does with the graph of one turn where larger ones cannot be had. */
    @ParameterizedTest
    @CsvSource({"3, 4", "7, 2"})
    void aLoopDoesWithTheGraphOfOneTurn(int call, int times) {
        try (Captured f = Capture.of(args -> Capture.loop(args.count(1), args.tensor(0), (y, i) -> y.add(1)))) {
            assertThat(f.run(x, 2).toFloatArray()).containsOnly(3);
            CudaSim.set(SimSetting.REFUSE, call);
            CudaSim.set(SimSetting.REFUSALS, times);
            assertThat(f.run(x, 100).toFloatArray()).containsOnly(101);
            assertThat(CudaSim.get(SimSetting.REFUSALS)).isZero();
            assertThat(f.explain()).contains("CUDA graph");
        }
    }

    /** What is recorded later gets the library that what came first did not get. */
    @Test
    void aLibraryThatStartsLater() {
        Recording recording = new Recording(backend, backend.context());
        Storage memory = Storage.allocate(backend, 3 * 4 * Float.BYTES);
        Layout square = Layout.contiguous(Shape.of(1, 2, 2));
        Operand[] o = new Operand[3];
        for (int i = 0; i < o.length; i++) {
            o[i] = new Operand(memory, DType.FLOAT32, square.shifted(4L * i));
        }
        Supplier<Graph> record = () -> recording.record(
                backend.temporary(), r -> 1, b -> false, kernels -> kernels.matmul(o[0], o[1], o[2], 1, 0));
        refuse(Call.CUBLAS, 2);
        assertThatThrownBy(record::get).isInstanceOf(BackendException.class).hasMessageContaining("cublasCreate");
        try (Graph graph = record.get()) {
            assertThat(graph.kernels()).isEqualTo(1);
        }
        recording.close();
        memory.release();
    }

    /** A library that says no more than that it is not there may lack something else. */
    @Test
    void aLibraryThatDoesNotStart() {
        refuse(Call.CUBLAS, 2);
        assertThatThrownBy(() -> make(Call.CUBLAS))
                .isInstanceOf(BackendException.class)
                .hasMessage("[matmul] cublasCreate failed: CUBLAS_STATUS_NOT_INITIALIZED");
        make(Call.CUBLAS);
    }
}
