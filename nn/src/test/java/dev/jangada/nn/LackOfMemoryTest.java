package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.OutOfMemoryException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.backend.Backends;
import dev.jangada.backend.FailingBackend;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.cpu.DeniedMemory;
import dev.jangada.optim.Adam;
import dev.jangada.testkit.KeepsDefaultDevice;
import java.util.Arrays;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Lack of memory at every point of a captured training step at which memory is asked for: parameters, gradients, running statistics, the
 * optimiser's state and the random numbers are what they were before, and the next run does what it would have done.
 */
@KeepsDefaultDevice
class LackOfMemoryTest {
    /** Training steps that change something lasting before kernels that need memory. */
    private enum Program {
        /** The second step needs memory after the first one. */
        TWO_STEPS {
            @Override
            Tensor step(Model m, Tensor x, Tensor y) {
                return m.step(m.loss(x, y)).add(m.step(m.loss(x.mul(0.5), y)));
            }
        },
        /** Gradients of two micro-batches add up, also from run to run. */
        ACCUMULATION {
            @Override
            Tensor step(Model m, Tensor x, Tensor y) {
                m.loss(x, y).mul(0.5).backward();
                Tensor loss = m.loss(x.neg(), y).mul(0.5);
                loss.backward();
                m.optimizer.step();
                return loss;
            }
        },
        /** Sorted after the step, and no label that may be out of range. */
        SORT {
            @Override
            Tensor step(Model m, Tensor x, Tensor y) {
                m.step(m.net.forward(x).topk(2).values().mean());
                return m.net.forward(x).topk(3, 0, true).values();
            }
        },
        /** Panels of half numbers, of matrices with gaps, and sums in pieces after a change. */
        PANELS {
            @Override
            Tensor step(Model m, Tensor x, Tensor y) {
                Tensor total = m.step(m.loss(x, y));
                Tensor half = m.first.weight().detach().to(DType.FLOAT16);
                Tensor wide = x.tile(6, 9).slice(1, 0, -1, 2); // every second column
                Tensor product = wide.transpose(0, 1).matmul(wide);
                try (Autograd.Mode off = Autograd.noGrad()) {
                    m.seen.add_(product.mean(0).slice(0, 0, 3, 1));
                }
                Tensor many = x.reshape(33, 40, 1).mul(x.reshape(33, 1, 40)).mul(m.seen.sum());
                Tensor narrow = half.matmul(half.transpose(0, 1)).to(DType.FLOAT32);
                return total.add(many.exp().sum()).add(narrow.sum()).add(product.sum());
            }
        };

        abstract Tensor step(Model m, Tensor x, Tensor y);
    }

    /** A classifier with running statistics and dropout. */
    private static final class Model {
        private final Linear first = new Linear(40, 50);
        private final Sequential net =
                new Sequential(first, new BatchNorm1d(50), new ReLU(), new Dropout(0.3), new Linear(50, 7));
        private final Adam optimizer = new Adam(net.parameters(), 0.01);
        private final Tensor seen = Tensor.zeros(3);

        Tensor loss(Tensor x, Tensor y) {
            return Functional.mseLoss(net.forward(x), y);
        }

        Tensor step(Tensor loss) {
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return loss;
        }

        Map<String, byte[]> state() {
            Map<String, byte[]> out = TrainingState.of(net, optimizer);
            out.put("seen", TrainingState.bytes(seen));
            out.put("random numbers", TrainingState.randomNumbers());
            return out;
        }
    }

    /** A program that has made one step eagerly, so that nothing is missing that the first step makes. */
    private static final class Trial implements AutoCloseable {
        private final TensorScope scope = new TensorScope();
        private final Model model;
        private final Tensor x;
        private final Tensor y;
        private final Captured f;

        Trial(Program program, int runs) {
            Jangada.manualSeed(1);
            model = new Model();
            x = Tensor.randn(33, 40);
            y = Tensor.randn(33, 7);
            f = Capture.of(args -> program.step(model, args.tensor(0), args.tensor(1)));
            f.runEagerly(x, y);
            for (int i = 0; i < runs; i++) {
                f.run(x, y);
            }
            Backends.of(x.device()).emptyCache();
        }

        Tensor run() {
            return f.run(x, y);
        }

        double[] result() {
            return run().toDoubleArray();
        }

        @Override
        public void close() {
            f.close();
            scope.close();
        }
    }

    /** What an undisturbed program says and leaves, in two runs. */
    private record Expected(double[] first, Map<String, byte[]> between, double[] second, Map<String, byte[]> end) {
        static Expected of(Program program, int runs) {
            try (Trial t = new Trial(program, runs)) {
                return new Expected(t.result(), t.model.state(), t.result(), t.model.state());
            }
        }
    }

    /**
     * Lets memory be denied after 0, 1, 2 … requests, until a run asks for no more.
     *
     * @param runs captured runs before: none, so that the plan is made as well, or one
     * @return how many runs failed
     */
    private static int check(Program program, int runs, LongConsumer deny, LongSupplier denied) {
        Expected expected = Expected.of(program, runs);
        int failures = 0;
        for (long granted = 0; ; granted++) {
            try (Trial t = new Trial(program, runs)) {
                Map<String, byte[]> state = t.model.state();
                String when = "after " + granted + " requests for memory";
                boolean failed = false;
                Tensor result = t.x;
                deny.accept(granted);
                try {
                    result = t.run();
                } catch (OutOfMemoryException e) {
                    failed = true;
                    assertThat(Arrays.stream(e.getSuppressed()).map(Throwable::getMessage))
                            .as(when)
                            .allMatch(text -> text.contains("as they were before the run"));
                } finally {
                    deny.accept(-1);
                }
                boolean some = denied.getAsLong() > 0;
                if (failed) {
                    failures++;
                    TrainingState.assertSame(t.model.state(), state, "left " + when);
                    result = t.run();
                }
                assertThat(result.toDoubleArray()).as(when).isEqualTo(expected.first);
                TrainingState.assertSame(t.model.state(), expected.between, "in the next run " + when);
                assertThat(t.result()).as(when).isEqualTo(expected.second);
                TrainingState.assertSame(t.model.state(), expected.end, "in the run after the next " + when);
                if (!some) {
                    return failures;
                }
            }
        }
    }

    private static int natively(Program program, int runs) {
        Backends.setDefaultDevice(Device.of("cpu"));
        long[] denied = new long[1];
        return check(program, runs, n -> denied[0] = DeniedMemory.denyAllBut(n), () -> denied[0]);
    }

    @Test
    void whileThePlanIsMadeForTheProcessor() {
        assertThat(natively(Program.TWO_STEPS, 0)).isGreaterThan(3); // the arena, the plan, its scratch, results
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void whileAnyPlanIsMadeForTheProcessor(Program program) {
        assertThat(natively(program, 0)).isGreaterThan(3);
    }

    @ParameterizedTest
    @EnumSource
    void inALaterRunOnTheProcessor(Program program) {
        assertThat(natively(program, 1)).isLessThan(12); // results and rooms of threads; what kernels need is there
    }

    @Test
    void inAKernelOfTheReferenceBackend() {
        try (FailingBackend failing = new FailingBackend()) {
            Backends.setDefaultDevice(Device.of("reference"));
            LongConsumer every = n -> failing.failKernel(n < 0 ? n : 13 * n);
            assertThat(check(Program.TWO_STEPS, 1, every, failing::denied)).isGreaterThan(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void inAnyKernelOfTheReferenceBackend(Program program) {
        try (FailingBackend failing = new FailingBackend()) {
            Backends.setDefaultDevice(Device.of("reference"));
            assertThat(check(program, 1, failing::failKernel, failing::denied)).isGreaterThan(10);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void whereTheReferenceBackendAllocates(Program program) {
        try (FailingBackend failing = new FailingBackend()) {
            Backends.setDefaultDevice(Device.of("reference"));
            assertThat(check(program, 1, failing::denyAllocations, failing::denied))
                    .isGreaterThan(10); // copies too
        }
    }
}
