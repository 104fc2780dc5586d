package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Generator;
import dev.jangada.Tensor;
import dev.jangada.backend.Availability;
import dev.jangada.backend.CompiledPlan;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Storage;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.ops.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scalars of a loop's turns: counted by the device where they grow evenly, else asked of the host turn by turn. */
class LoopScalarsTest {
    private static final int TURNS = 1000;

    /** Where {@code x} becomes {@code 31 x + s}: the order of all s shows. */
    private static final MapKernel DIGIT = new MapKernel(
            "digit",
            Program.of(
                    List.of(DType.INT64),
                    List.of(DType.INT64),
                    Expr.input(0, DType.INT64).mul(31).add(Expr.scalar(0, DType.INT64))));

    private Device cuda;

    @BeforeEach
    void open() {
        Availability a = new CudaProvider().availability();
        assumeTrue(a.available(), a::reason);
        cuda = Device.of("cuda");
    }

    /** Counts by 3 from 7, and whatever a test lets happen in between. */
    private static class Counter implements Plan.Source {
        final List<Long> answers = new ArrayList<>();
        final List<Long> skipped = new ArrayList<>();
        long next = 7;

        @Override
        public void fill(long[] scalars) {
            scalars[0] = next;
            answers.add(next);
            next += 3;
        }

        @Override
        public Optional<Runnable> wayBack() {
            long was = next;
            return Optional.of(() -> next = was);
        }

        @Override
        public Optional<LongConsumer> skip() {
            return Optional.of(calls -> {
                skipped.add(calls);
                next += 3 * calls;
            });
        }
    }

    private long run(Plan.Source source) {
        long[] scalars = new long[1];
        Tensor x = Tensor.zeros(DType.INT64, cuda, 1);
        Operand o = Access.operand(x);
        Plan.Ref ref = new Plan.Ref(0, DType.INT64, o.layout());
        Plan.Launch launch = new Plan.Launch(new KernelCall.Map(DIGIT), List.of(ref), List.of(ref), scalars);
        Plan.Repeat loop =
                new Plan.Repeat(() -> TURNS, new long[1], List.of(new Plan.Refresh(scalars, source), launch));
        Plan plan = new Plan(
                List.of(new Plan.Slot(Plan.Place.STABLE, Long.BYTES, 0)), List.of(loop), Plan.ALIGNMENT, 1, false);
        Storage arena = Storage.allocate(o.storage().backend(), Plan.ALIGNMENT);
        CompiledPlan compiled = o.storage().backend().compile(plan);
        try {
            compiled.run(arena, new Storage[] {o.storage()}, new long[1]);
            assertThat(compiled.description()).contains("CUDA graph");
            return x.itemLong();
        } finally {
            compiled.close();
            arena.release();
        }
    }

    private static long digits(List<Long> scalars) {
        return scalars.stream().reduce(0L, (x, s) -> 31 * x + s);
    }

    @Test
    void theDeviceCountsOn() {
        Counter counter = new Counter();
        List<Long> expected = new ArrayList<>();
        for (long i = 0; i < TURNS; i++) {
            expected.add(7 + 3 * i);
        }
        assertThat(run(counter)).isEqualTo(digits(expected));
        assertThat(counter.answers).containsExactly(7L, 10L, 7L + 3 * (TURNS - 1));
        assertThat(counter.skipped).containsExactly(TURNS - 3L);
        assertThat(counter.next).isEqualTo(7 + 3 * TURNS);
    }

    /** Somebody else counts too, between two questions: each turn gets what the host says, and no number comes twice. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void somebodyElseCounts(int before) {
        Counter counter = new Counter() {
            @Override
            public void fill(long[] scalars) {
                if (answers.size() == before) {
                    next += 30;
                }
                super.fill(scalars);
            }
        };
        long result = run(counter);
        assertThat(counter.answers).hasSize(3 + TURNS).doesNotHaveDuplicates();
        assertThat(result).isEqualTo(digits(counter.answers.subList(3, 3 + TURNS)));
    }

    @Test
    void whatDoesNotCountIsAskedEachTurn() {
        Counter counter = new Counter() {
            @Override
            public Optional<LongConsumer> skip() {
                return Optional.empty();
            }
        };
        assertThat(run(counter)).isEqualTo(digits(counter.answers));
        assertThat(counter.answers).hasSize(TURNS);
    }

    @Test
    void aSourceThatFailsLeavesNothingCounted() {
        Counter counter = new Counter() {
            @Override
            public void fill(long[] scalars) {
                if (!skipped.isEmpty()) {
                    throw new IllegalStateException("no more");
                }
                super.fill(scalars);
            }
        };
        assertThatThrownBy(() -> run(counter)).hasMessage("no more");
        assertThat(counter.next).isEqualTo(7);
    }

    /** Two generators, several draws of a turn, numbers of words that no counter divides; afterwards both stand where they do eagerly. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 70, 3000})
    void generatorsCount(int turns) {
        Generator a = new Generator(3);
        Generator b = new Generator(4);
        Tensor start = Tensor.zeros(DType.FLOAT32, cuda, 7);
        try (Captured f = Capture.of(args -> Capture.loop(
                args.count(1),
                args.tensor(0),
                (x, i) -> x.mul(0.5)
                        .add(x.sigmoid().bernoulli(a))
                        .add(x.bernoulli(0.25, b))
                        .sub(x.bernoulli(0.5, a))))) {
            for (int run = 0; run < 2; run++) {
                Generator.State beginA = a.state();
                Generator.State beginB = b.state();
                float[] captured = f.run(start, turns).toFloatArray();
                Generator.State endA = a.state();
                Generator.State endB = b.state();
                a.setState(beginA);
                b.setState(beginB);
                assertThat(f.runEagerly(start, turns).toFloatArray()).containsExactly(captured);
                assertThat(a.state()).isEqualTo(endA);
                assertThat(b.state()).isEqualTo(endB);
            }
        }
    }

    @Test
    void aSeedWithinTheLoop() {
        Generator g = new Generator(3);
        Tensor start = Tensor.zeros(DType.FLOAT32, cuda, 7);
        try (Captured f = Capture.of(args -> Capture.loop(args.count(1), args.tensor(0), (x, i) -> {
            Tensor first = x.bernoulli(0.5, g);
            g.manualSeed(11);
            return x.mul(0.5).add(first).add(x.bernoulli(0.5, g));
        }))) {
            g.manualSeed(3);
            float[] captured = f.run(start, 20).toFloatArray();
            g.manualSeed(3);
            assertThat(f.runEagerly(start, 20).toFloatArray()).containsExactly(captured);
        }
    }
}
