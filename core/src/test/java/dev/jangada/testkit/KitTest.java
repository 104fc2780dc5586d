package dev.jangada.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.BackendProvider;
import dev.jangada.backend.Layout;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.ReduceOp;
import dev.jangada.kernel.ScanOp;
import dev.jangada.testkit.FaultyBackend.Fault;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** The kit finds faults: each is put into the reference backend, and the test that must fail does. */
class KitTest {
    private static MapConformance map(Fault fault) {
        BackendProvider provider = FaultyBackend.provider(fault);
        MapConformance tests = new MapConformance() {
            @Override
            protected BackendProvider provider() {
                return provider;
            }
        };
        tests.open();
        return tests;
    }

    private static ReduceConformance reduce(Fault fault) {
        BackendProvider provider = FaultyBackend.provider(fault);
        ReduceConformance tests = new ReduceConformance() {
            @Override
            protected BackendProvider provider() {
                return provider;
            }
        };
        tests.open();
        return tests;
    }

    private static MatmulConformance matmul(Fault fault) {
        BackendProvider provider = FaultyBackend.provider(fault);
        MatmulConformance tests = new MatmulConformance() {
            @Override
            protected BackendProvider provider() {
                return provider;
            }
        };
        tests.open();
        return tests;
    }

    private static IndexConformance index(Fault fault) {
        BackendProvider provider = FaultyBackend.provider(fault);
        IndexConformance tests = new IndexConformance() {
            @Override
            protected BackendProvider provider() {
                return provider;
            }
        };
        tests.open();
        return tests;
    }

    private static MemoryConformance memory(Fault fault) {
        BackendProvider provider = FaultyBackend.provider(fault);
        MemoryConformance tests = new MemoryConformance() {
            @Override
            protected BackendProvider provider() {
                return provider;
            }
        };
        tests.open();
        return tests;
    }

    private static SortConformance sort(Fault fault) {
        BackendProvider provider = FaultyBackend.provider(fault);
        SortConformance tests = new SortConformance() {
            @Override
            protected BackendProvider provider() {
                return provider;
            }
        };
        tests.open();
        return tests;
    }

    private static ScanConformance scan(Fault fault) {
        BackendProvider provider = FaultyBackend.provider(fault);
        ScanConformance tests = new ScanConformance() {
            @Override
            protected BackendProvider provider() {
                return provider;
            }
        };
        tests.open();
        return tests;
    }

    private interface Run {
        void run() throws Exception;
    }

    private static void finds(Run test) {
        assertThatThrownBy(test::run).isInstanceOf(AssertionError.class);
    }

    @Test
    void acceptsWhatIsRight() {
        assertThatCode(() -> map(Fault.NONE).everyPrimitive(Op.EXP)).doesNotThrowAnyException();
        assertThatCode(() -> map(Fault.TWO_ULPS_OFF).threadsChangeNothing()).doesNotThrowAnyException();
        assertThatCode(() -> reduce(Fault.NONE).everyCombination(ReduceOp.ALL)).doesNotThrowAnyException();
    }

    @Test
    void findsFaultsOfMap() {
        finds(() -> map(Fault.EIGHT_ULPS_OFF).everyPrimitive(Op.EXP));
        finds(() -> map(Fault.EIGHT_ULPS_OFF).everyPrimitive(Op.ERF));
        finds(() -> map(Fault.LAST_ELEMENT_WRONG).everyPrimitive(Op.ADD));
        finds(() -> map(Fault.LAST_ELEMENT_WRONG).everyPrimitive(Op.FMA));
        finds(() -> map(Fault.LAST_ELEMENT_WRONG).castsToEveryType(DType.INT8));
        finds(() -> map(Fault.LAST_ELEMENT_WRONG).randomWords());
        finds(() -> map(Fault.LAST_ELEMENT_WRONG).randomPrograms(3));
        finds(() -> map(Fault.LAST_ELEMENT_WRONG).scalarsAreReadAtEveryLaunch());
        finds(() -> map(Fault.WRITES_BEYOND).sizesAndLayouts(DType.FLOAT16));
        finds(() -> map(Fault.ZERO_DIVISION_IGNORED).integerDivisionByZero(Op.FMOD));
        finds(() -> map(Fault.THREADS_CHANGE_BITS).threadsChangeNothing());
    }

    @Test
    void findsFaultsOfTheOtherFamilies() {
        finds(() -> reduce(Fault.SUM_INACCURATE).everyCombination(ReduceOp.SUM));
        finds(() -> reduce(Fault.SUM_INACCURATE).largeReductions(DType.FLOAT32));
        finds(() -> reduce(Fault.SUM_INACCURATE).varianceFarFromZero(DType.FLOAT32));
        finds(() -> matmul(Fault.READS_OLD_OUTPUT).everyType(DType.FLOAT32));
        finds(() -> matmul(Fault.EPILOGUE_FORGOTTEN).epilogues(DType.INT32));
        finds(() -> matmul(Fault.EPILOGUE_FORGOTTEN).severalOutputs(DType.INT32));
        finds(() -> index(Fault.WRONG_INDEX_IGNORED).indicesOutOfRange());
        finds(() -> index(Fault.SCATTER_WRITES_FIRST).indicesOutOfRange());
        finds(() -> sort(Fault.TIES_SWAPPED).everyType(DType.FLOAT32));
        finds(() -> scan(Fault.SCAN_STARTS_OVER).everyScan(ScanOp.SUM));
    }

    @Test
    void findsFaultsOfMemory() {
        finds(() -> memory(Fault.COPY_MOVES_POSITION).copies());
        finds(() -> memory(Fault.FREE_NOT_COUNTED).statistics());
    }

    @Test
    void skipsWhatIsUnavailableWithTheReason() {
        MapConformance tests = new MapConformance() {
            @Override
            protected BackendProvider provider() {
                return FaultyBackend.unavailable("no such device here");
            }
        };
        assertThatThrownBy(tests::open)
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("no such device here");
    }

    @Test
    void tolerances() {
        DType f = DType.FLOAT32;
        assertThat(Tolerance.EXACT.accepts(Double.NaN, Double.NaN, f)).isTrue();
        assertThat(Tolerance.EXACT.accepts(1, Double.NaN, f)).isFalse();
        assertThat(Tolerance.EXACT.accepts(0.0, -0.0, f)).isFalse();
        assertThat(Tolerance.EQUAL.accepts(0.0, -0.0, f)).isTrue();
        assertThat(Tolerance.ulps(4, f).accepts(1, 1 + 4 * 0x1p-23, f)).isTrue();
        assertThat(Tolerance.ulps(4, f).accepts(1, 1 + 5 * 0x1p-23, f)).isFalse();
        assertThat(Tolerance.ulps(4, f).accepts(1e-40, 0, f)).isTrue();
        assertThat(Tolerance.ulps(4, f).accepts(Double.POSITIVE_INFINITY, Float.MAX_VALUE, f))
                .isTrue();
        assertThat(Tolerance.ulps(4, f).accepts(Double.POSITIVE_INFINITY, 1e38, f))
                .isFalse();
        assertThat(Tolerance.EXACT.accepts(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, f))
                .isFalse();
        assertThat(Tolerance.ulp(1, DType.FLOAT16)).isEqualTo(0x1p-10);
        assertThat(Tolerance.ulp(1, DType.BFLOAT16)).isEqualTo(0x1p-7);
    }

    @Test
    void messagesNameTheWorstElement() {
        Image right = Image.of(DType.FLOAT32, Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
        Image wrong = Image.of(DType.FLOAT32, Shape.of(2, 3), 1, 2.5, 3, 4, 5, 9);
        assertThatThrownBy(() -> wrong.assertClose(right, Tolerance.of(0, 0.1), "add"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll(
                        "add: 2 of 6", "difference is 3.0", "element 5 [1, 2]", "expected 6.0, got 9.0");
        Layout rows = Layout.of(Shape.of(1, 3), new long[] {3, 1}, 0);
        assertThatThrownBy(() -> wrong.with(rows).assertClose(right.with(rows), Tolerance.of(0, 1), "add"))
                .hasMessageContainingAll("wrote beside its operand", "element 5 of 6");
    }
}
