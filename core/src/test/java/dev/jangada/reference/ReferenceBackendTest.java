package dev.jangada.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.OutOfMemoryException;
import dev.jangada.Shape;
import dev.jangada.backend.Backends;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Memory;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ReduceOp;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import dev.jangada.testkit.Image;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The reference backend against values computed by hand: nothing else checks the judge. */
class ReferenceBackendTest {
    private static final long[] NONE = {};
    private final ReferenceBackend backend = new ReferenceBackend();

    /** Runs an action over uploaded images and returns the first of them afterwards. */
    private Image run(Consumer<Operand[]> action, Image... images) {
        Operand[] operands = new Operand[images.length];
        for (int i = 0; i < images.length; i++) {
            operands[i] = images[i].upload(backend);
        }
        action.accept(operands);
        return images[0].download(operands[0]);
    }

    private static Image zeros(DType type, long... sizes) {
        return Image.of(type, Layout.contiguous(Shape.of(sizes)), 0);
    }

    private static Image floats(double... values) {
        return Image.of(DType.FLOAT32, Shape.of(values.length), values);
    }

    private static Image matrix(DType type, int rows, int columns, double... values) {
        return Image.of(type, Shape.of(1, rows, columns), values);
    }

    private Image map(DType out, Expr y, Image... ins) {
        List<DType> types = Stream.of(ins).map(Image::type).toList();
        MapKernel kernel = new MapKernel("test", Program.of(types, List.of(), y));
        Image[] images = new Image[ins.length + 1];
        images[0] = Image.of(out, Layout.contiguous(ins[0].layout().shape()), 0);
        System.arraycopy(ins, 0, images, 1, ins.length);
        return run(o -> backend.map(kernel, new Operand[] {o[0]}, Arrays.copyOfRange(o, 1, o.length), NONE), images);
    }

    @Test
    void isFoundAndAlwaysAvailable() {
        assertThat(Backends.providers()).anyMatch(p -> p.name().equals("reference") && p.priority() == 0);
        ReferenceProvider provider = new ReferenceProvider();
        assertThat(provider.availability().available()).isTrue();
        assertThat(provider.deviceCount()).isEqualTo(1);
        assertThat(provider.open(0).device().toString()).isEqualTo("reference");
    }

    @Test
    void eachInstructionIsRounded() {
        Expr x = Expr.input(0, DType.FLOAT32);
        Image ins = floats(16777216, 0.1);
        assertThat(map(DType.FLOAT32, x.add(1).sub(x), ins).toDoubles()).containsExactly(0, (1.1f - 0.1f));
        Expr half = x.cast(DType.FLOAT16).add(1).cast(DType.FLOAT16).cast(DType.FLOAT32);
        assertThat(map(DType.FLOAT32, half, floats(2048, 0.1)).toDoubles()).containsExactly(2048, 1.099609375);
    }

    @Test
    void fmaIsRoundedOnce() {
        Expr x = Expr.input(0, DType.FLOAT32);
        Expr y = Expr.fma(x, x, Expr.constant(-1, DType.FLOAT32));
        // (1 + 2^-12)^2 - 1 = 2^-11 + 2^-24, exact only without rounding the square
        assertThat(map(DType.FLOAT32, y, floats(1 + 0x1p-12)).toDoubles()).containsExactly(0x1p-11 + 0x1p-24);
        // the sum lies above a middle of two floats by less than a double can tell
        Expr z = Expr.fma(x, Expr.constant(1 + 0x1p-23, DType.FLOAT32), Expr.constant(0x1p-80, DType.FLOAT32));
        assertThat(map(DType.FLOAT32, z, floats(1 + 0x1p-1)).toDoubles()).containsExactly(1.5 + 0x1p-22);
    }

    @Test
    void castsWrapAndTruncate() {
        Image x = floats(-1.9, 255.5, 300, 0.5);
        Expr in = Expr.input(0, DType.FLOAT32);
        assertThat(map(DType.UINT8, in.cast(DType.UINT8), x).toLongs()).containsExactly(255, 255, 44, 0);
        assertThat(map(DType.INT8, in.cast(DType.INT8), x).toLongs()).containsExactly(-1, -1, 44, 0);
        assertThat(map(DType.BOOL, in.cast(DType.BOOL), x).toLongs()).containsExactly(1, 1, 1, 1);
        Image n = Image.ofLongs(DType.INT64, Shape.of(3), (1L << 60) + (1L << 52) + 1, Long.MIN_VALUE, 16777217);
        Expr whole = Expr.input(0, DType.INT64);
        assertThat(map(DType.BFLOAT16, whole.cast(DType.BFLOAT16), n).toDoubles())
                .containsExactly(0x1p60 + 0x1p53, -0x1p63, 16777216);
        assertThat(map(DType.FLOAT32, whole.cast(DType.FLOAT32), n).toDoubles())
                .containsExactly(0x1p60 + 0x1p52 + 0, -0x1p63, 16777216);
        assertThat(map(DType.INT16, whole.cast(DType.INT16), n).toLongs()).containsExactly(1, 0, 1);
    }

    @Test
    void integersWrap() {
        Image x = Image.ofLongs(DType.INT8, Shape.of(2), -128, 100);
        Expr in = Expr.input(0, DType.INT8);
        assertThat(map(DType.INT8, in.neg(), x).toLongs()).containsExactly(-128, -100);
        assertThat(map(DType.INT8, in.add(in), x).toLongs()).containsExactly(0, -56);
        Image big = Image.ofLongs(DType.INT64, Shape.of(1), Long.MIN_VALUE);
        Expr quotient = Expr.input(0, DType.INT64).div(Expr.constant(-1, DType.INT64));
        assertThat(map(DType.INT64, quotient, big).toLongs()).containsExactly(Long.MIN_VALUE);
    }

    @Test
    void mapFollowsStridesAndIndex() {
        Image x = floats(0, 10, 20, 30, 40, 50)
                .with(Layout.of(Shape.of(3, 2), new long[] {1, 3}, 0)); // the transpose of [[0, 10, 20], [30, 40, 50]]
        Expr y = Expr.input(0, DType.FLOAT32).add(Expr.index().cast(DType.FLOAT32));
        assertThat(map(DType.FLOAT32, y, x).toDoubles()).containsExactly(0, 31, 12, 43, 24, 55);
    }

    private Image reduce(ReduceOp op, Image in, int dim) {
        DType type = in.type();
        Expr x = Expr.input(0, type);
        ReduceKernel kernel = ReduceKernel.of("test", op, Program.of(List.of(type), List.of(), x), outType(op, type));
        Image out = Image.of(
                outType(op, type), Layout.contiguous(in.layout().shape().with(dim, 1)), 0);
        Image mean = Image.of(type, out.layout(), 0);
        boolean two = op == ReduceOp.VARIANCE;
        return run(
                o -> backend.reduce(
                        kernel, two ? new Operand[] {o[0], o[2]} : new Operand[] {o[0]}, new Operand[] {o[1]}, NONE),
                out,
                in,
                mean);
    }

    private static DType outType(ReduceOp op, DType type) {
        return op == ReduceOp.ARGMAX || op == ReduceOp.ARGMIN ? DType.INT64 : type;
    }

    @Test
    void reductions() {
        double nan = Double.NaN;
        Image x = Image.of(DType.FLOAT32, Shape.of(2, 3), 1, 2, 3, 4, 5, 9);
        assertThat(reduce(ReduceOp.SUM, x, 1).toDoubles()).containsExactly(6, 18);
        assertThat(reduce(ReduceOp.SUM, x, 0).toDoubles()).containsExactly(5, 7, 12);
        assertThat(reduce(ReduceOp.PROD, x, 1).toDoubles()).containsExactly(6, 180);
        assertThat(reduce(ReduceOp.VARIANCE, x, 1).toDoubles()).containsExactly(2, 14);
        Image y = Image.of(DType.FLOAT32, Shape.of(2, 3), 3, nan, nan, -2, 7, 7);
        assertThat(reduce(ReduceOp.MAX, y, 1).toDoubles()).containsExactly(nan, 7);
        assertThat(reduce(ReduceOp.MIN, y, 1).toDoubles()).containsExactly(nan, -2);
        assertThat(reduce(ReduceOp.ARGMAX, y, 1).toLongs()).containsExactly(1, 1);
        assertThat(reduce(ReduceOp.ARGMIN, y, 1).toLongs()).containsExactly(1, 0);
        Image n = Image.ofLongs(DType.INT32, Shape.of(2, 2), Integer.MAX_VALUE, 1, -5, -5);
        assertThat(reduce(ReduceOp.SUM, n, 1).toLongs()).containsExactly(Integer.MIN_VALUE, -10);
        assertThat(reduce(ReduceOp.ARGMAX, n, 1).toLongs()).containsExactly(0, 0);
        assertThat(reduce(ReduceOp.MIN, n, 1).toLongs()).containsExactly(1, -5);
        Image b = Image.ofLongs(DType.BOOL, Shape.of(2, 2), 0, 1, 1, 1);
        assertThat(reduce(ReduceOp.ANY, b, 1).toLongs()).containsExactly(1, 1);
        assertThat(reduce(ReduceOp.ALL, b, 1).toLongs()).containsExactly(0, 1);
        assertThat(reduce(ReduceOp.SUM, zeros(DType.FLOAT32, 2, 0), 1).toDoubles())
                .containsExactly(0, 0);
        assertThat(reduce(ReduceOp.PROD, zeros(DType.INT8, 2, 0), 1).toLongs()).containsExactly(1, 1);
        assertThatThrownBy(() -> reduce(ReduceOp.MAX, zeros(DType.FLOAT32, 2, 0), 1))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("at least one element");
    }

    private Image matmul(Image out, Image a, Image b, double alpha, double beta) {
        return run(o -> backend.matmul(o[0], o[1], o[2], alpha, beta), out, a, b);
    }

    @Test
    void products() {
        Image a = matrix(DType.FLOAT32, 2, 3, 1, 2, 3, 4, 5, 6);
        Image b = matrix(DType.FLOAT32, 3, 2, 7, 8, 9, 10, 11, 12);
        assertThat(matmul(zeros(DType.FLOAT32, 1, 2, 2), a, b, 1, 0).toDoubles())
                .containsExactly(58, 64, 139, 154);
        Image old = matrix(DType.FLOAT32, 2, 2, 1, 2, 3, 4);
        assertThat(matmul(old, a, b, 2, -1).toDoubles()).containsExactly(115, 126, 275, 304);
        Image nan = matrix(DType.FLOAT32, 2, 2, Double.NaN, Double.NaN, 0, 0);
        assertThat(matmul(nan, a, b, 1, 0).toDoubles()).containsExactly(58, 64, 139, 154);
        Image bools = matrix(DType.BOOL, 2, 2, 1, 0, 0, 0);
        assertThat(matmul(zeros(DType.BOOL, 1, 2, 2), bools, bools, 1, 0).toLongs())
                .containsExactly(1, 0, 0, 0);
        Image bytes = matrix(DType.UINT8, 1, 2, 200, 100);
        Image column = matrix(DType.UINT8, 2, 1, 2, 3);
        assertThat(matmul(zeros(DType.UINT8, 1, 1, 1), bytes, column, 1, 0).toLongs())
                .containsExactly(700 & 255);
        Image none = matmul(old, zeros(DType.FLOAT32, 1, 2, 0), zeros(DType.FLOAT32, 1, 0, 2), 1, 0);
        assertThat(none.toDoubles()).containsExactly(0, 0, 0, 0);
    }

    @Test
    void scans() {
        Image x = Image.of(DType.FLOAT32, Shape.of(2, 3), 1, 3, 2, 4, Double.NaN, 6);
        Image sums = run(o -> backend.scan(ScanOp.SUM, o[0], o[1], 0), zeros(DType.FLOAT32, 2, 3), x);
        assertThat(sums.toDoubles()).containsExactly(1, 3, 2, 5, Double.NaN, 8);
        Image highest = run(o -> backend.scan(ScanOp.MAX, o[0], o[1], 1), zeros(DType.FLOAT32, 2, 3), x);
        assertThat(highest.toDoubles()).containsExactly(1, 3, 3, 4, Double.NaN, Double.NaN);
        Image n = Image.ofLongs(DType.INT8, Shape.of(3), 100, 2, 2);
        Image products = run(o -> backend.scan(ScanOp.PROD, o[0], o[1], 0), zeros(DType.INT8, 3), n);
        assertThat(products.toLongs()).containsExactly(100, -56, -112);
    }

    @Test
    void gatherAndScatter() {
        Image x = Image.of(DType.FLOAT32, Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
        Image at = Image.ofLongs(DType.INT64, Shape.of(2, 2), 2, 0, 1, 1);
        Image picked = run(o -> backend.gather(o[0], o[1], o[2], 1), zeros(DType.FLOAT32, 2, 2), x, at);
        assertThat(picked.toDoubles()).containsExactly(3, 1, 5, 5);
        Image values = Image.of(DType.FLOAT32, Shape.of(2, 2), 10, 20, 30, 40);
        Image added = run(o -> backend.scatter(ScatterOp.ADD, o[0], o[1], o[2], 1), x, at, values);
        assertThat(added.toDoubles()).containsExactly(21, 2, 13, 4, 75, 6);
        Image replaced = run(o -> backend.scatter(ScatterOp.ASSIGN, o[0], o[1], o[2], 1), x, at, values);
        assertThat(replaced.toDoubles()).containsExactly(20, 2, 10, 4, 40, 6);
    }

    @Test
    void sorts() {
        double nan = Double.NaN;
        Image x = floats(2, nan, -0.0, 0.0, -3, nan);
        Image indices = zeros(DType.INT64, 6);
        Image up = run(o -> backend.sort(o[0], o[1], o[2], 0, false), zeros(DType.FLOAT32, 6), indices, x);
        assertThat(up.toDoubles()).containsExactly(-3, -0.0, 0.0, 2, nan, nan);
        Image down = run(o -> backend.sort(o[1], o[0], o[2], 0, true), indices, zeros(DType.FLOAT32, 6), x);
        assertThat(down.toLongs()).containsExactly(1, 5, 0, 2, 3, 4);
    }

    @Test
    void memoryIsCountedAndLimited() {
        Memory a = backend.allocate(1000);
        Memory b = backend.allocate(24);
        assertThat(backend.memory().inUse()).isEqualTo(1024);
        b.free();
        a.free();
        assertThat(backend.memory().inUse()).isZero();
        assertThat(backend.memory().peak()).isEqualTo(1024);
        assertThat(backend.memory().cached()).isZero();
        assertThatThrownBy(() -> backend.allocate(Runtime.getRuntime().maxMemory() - 1))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageContaining("-Xmx");
        assertThatThrownBy(() -> backend.allocate(-1)).isInstanceOf(ArgumentException.class);
        assertThat(backend.memory().inUse()).isZero();
    }
}
