package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Storage;
import dev.jangada.testkit.NeedsBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The own matrix kernel on the sizes that decide how it works: blocks of k, tiles, packed operands, edges. */
@NeedsBackend("cpu")
class SgemmTest {
    private final Backend backend = new CpuBackend();
    private final List<Storage> storages = new ArrayList<>();

    @AfterEach
    void restore() {
        Native.selectMatmul("auto");
        Native.selectIsa("");
        Native.setThreads(Runtime.getRuntime().availableProcessors());
        storages.forEach(Storage::release);
    }

    private static void force(String isa) {
        Native.selectIsa(isa);
        Native.selectMatmul("own");
        assumeTrue(Native.isa().equals(isa), "this processor has no " + isa);
    }

    /** A matrix in the memory of the backend, with a copy in row-major order. */
    private record Matrix(Operand operand, float[] values, int columns) {
        float at(int i, int j) {
            return values[i * columns + j];
        }
    }

    /** Rows (or columns) of {@code lead} elements; what lies between them is NaN. */
    private Matrix matrix(int rows, int columns, boolean transposed, int gap, Random random) {
        int lead = (transposed ? rows : columns) + gap;
        int lines = transposed ? columns : rows;
        float[] memory = new float[lead * lines];
        float[] values = new float[rows * columns];
        Arrays.fill(memory, Float.NaN);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                float x = random.nextInt(2001) / 1000f - 1;
                values[i * columns + j] = x;
                memory[transposed ? j * lead + i : i * lead + j] = x;
            }
        }
        long[] strides = transposed ? new long[] {0, 1, lead} : new long[] {0, lead, 1};
        Layout layout = Layout.of(Shape.of(1, rows, columns), strides, 0);
        return new Matrix(new Operand(upload(memory), DType.FLOAT32, layout), values, columns);
    }

    private Storage upload(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.nativeOrder());
        bytes.asFloatBuffer().put(values);
        Storage storage = Storage.allocate(backend, bytes.capacity());
        storages.add(storage);
        backend.copyFromHost(storage.memory(), 0, bytes);
        return storage;
    }

    private float[] download(Operand x) {
        float[] values = new float[(int) x.layout().numel()];
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.nativeOrder());
        backend.copyToHost(bytes, x.storage().memory(), 0);
        bytes.asFloatBuffer().get(values);
        return values;
    }

    private float[] product(Matrix a, Matrix b, int rows, double alpha, double beta, float old) {
        float[] out = new float[rows * b.columns];
        Arrays.fill(out, old);
        Layout layout = Layout.contiguous(Shape.of(1, rows, b.columns));
        Operand to = new Operand(upload(out), DType.FLOAT32, layout);
        backend.matmul(to, a.operand, b.operand, alpha, beta);
        return download(to);
    }

    @ParameterizedTest
    @CsvSource({
        "avx512, 64, 784, 512",
        "avx512, 784, 64, 512",
        "avx512, 32, 1024, 256",
        "avx512, 67, 401, 49",
        "avx512, 9, 900, 1030",
        "avx512, 1030, 33, 17",
        "avx512, 2, 5, 300",
        "avx512, 300, 257, 2",
        "avx512, 64, 128, 784",
        "avx512, 64, 784, 128",
        "avx512, 1, 784, 523",
        "avx512, 523, 400, 1",
        "avx2, 1, 784, 523",
        "avx2, 523, 400, 1",
        "avx2, 64, 784, 512",
        "avx2, 784, 64, 512",
        "avx2, 67, 401, 49",
        "avx2, 9, 900, 1030",
        "avx2, 1030, 33, 17",
        "avx2, 2, 5, 300",
        "avx2, 300, 257, 2"
    })
    void productsOfEveryLayoutAreRightWithAnyNumberOfThreads(String isa, int m, int k, int n) {
        force(isa);
        Random random = new Random(m);
        for (int form = 0; form < 4; form++) {
            Matrix a = matrix(m, k, (form & 1) != 0, random.nextInt(9), random);
            // Rows that are a multiple of 4 KB apart share cache sets: they are packed.
            Matrix b = matrix(k, n, (form & 2) != 0, form == 0 && n < 2048 ? 2048 - n : 0, random);
            Native.setThreads(1);
            float[] plain = product(a, b, m, 1, 0, Float.NaN);
            float[] scaled = product(a, b, m, -0.5, 2, 3);
            for (int sample = 0; sample < 300; sample++) {
                int i = sample == 0 ? m - 1 : random.nextInt(m);
                int j = sample < 2 ? n - 1 : random.nextInt(n);
                double sum = 0;
                for (int p = 0; p < k; p++) {
                    sum += (double) a.at(i, p) * b.at(p, j);
                }
                double tolerance = 1e-6 * (k + 8);
                assertThat((double) plain[i * n + j])
                        .as("form %d, element %d, %d", form, i, j)
                        .isCloseTo(sum, within(tolerance));
                assertThat((double) scaled[i * n + j])
                        .as("form %d, element %d, %d", form, i, j)
                        .isCloseTo(6 - 0.5 * sum, within(tolerance));
            }
            for (int threads : new int[] {2, 3, 5}) {
                Native.setThreads(threads);
                assertThat(product(a, b, m, 1, 0, Float.NaN)).isEqualTo(plain);
            }
        }
    }

    /** Some hundred multiplications: the bits of a sum in float64 in the order of k, rounded once. */
    @ParameterizedTest
    @ValueSource(strings = {"avx512", "avx2", "generic"})
    void tinyProductsAreRoundedOnce(String isa) {
        Native.selectIsa(isa);
        assumeTrue(Native.isa().equals(isa), "this processor has no " + isa);
        int[][] shapes = {
            {25, 13, 1},
            {1, 25, 13},
            {13, 25, 1},
            {1, 1, 10},
            {1, 10, 1},
            {10, 1, 1},
            {3, 9, 17},
            {17, 9, 3},
            {4, 128, 1}
        };
        Random random = new Random(3);
        for (int[] shape : shapes) {
            for (int form = 0; form < 4; form++) {
                int m = shape[0];
                int k = shape[1];
                int n = shape[2];
                Matrix a = matrix(m, k, (form & 1) != 0, random.nextInt(3), random);
                Matrix b = matrix(k, n, (form & 2) != 0, random.nextInt(3), random);
                float[] plain = new float[m * n];
                float[] scaled = new float[m * n];
                for (int i = 0; i < m * n; i++) {
                    double sum = 0;
                    for (int p = 0; p < k; p++) {
                        sum += (double) a.at(i / n, p) * b.at(p, i % n);
                    }
                    plain[i] = (float) sum;
                    scaled[i] = (float) (-0.5 * sum + 2 * 3.0);
                }
                assertThat(product(a, b, m, 1, 0, Float.NaN))
                        .as("form %d", form)
                        .isEqualTo(plain);
                assertThat(product(a, b, m, -0.5, 2, 3)).as("form %d", form).isEqualTo(scaled);
            }
        }
    }

    /** The order of a sum depends on k alone, so that neither the size of a batch nor a transposed operand changes a bit. */
    @ParameterizedTest
    @ValueSource(strings = {"avx512", "avx2"})
    void anElementHasTheSameBitsInEveryProduct(String isa) {
        force(isa);
        int m = 70;
        int k = 805;
        int n = 130;
        Random random = new Random(5);
        Matrix a = matrix(m, k, false, 0, random);
        Matrix b = matrix(k, n, false, 0, random);
        float[] whole = product(a, b, m, 1, 0, 0);
        for (int rows : new int[] {2, 7, 33}) {
            Layout part = Layout.of(Shape.of(1, rows, k), new long[] {0, k, 1}, 0);
            Matrix first = new Matrix(new Operand(a.operand.storage(), DType.FLOAT32, part), a.values, k);
            assertThat(product(first, b, rows, 1, 0, 0)).isEqualTo(Arrays.copyOf(whole, rows * n));
        }
        Matrix across = matrix(k, n, true, 3, new Random(5));
        Matrix same = new Matrix(across.operand, across.values, n);
        float[] fromColumns = product(a, same, m, 1, 0, 0);
        Matrix along = matrix(k, n, false, 3, new Random(5));
        assertThat(fromColumns).isEqualTo(product(a, along, m, 1, 0, 0));
    }

    /** What is not a number stays so, whatever it is multiplied by; other elements are as before. */
    @Test
    void specialValuesReachTheirRowAndColumn() {
        force(Native.isa());
        int m = 40;
        int n = 50;
        int k = 60;
        Random random = new Random(1);
        Matrix a = matrix(m, k, false, 0, random);
        Matrix b = matrix(k, n, false, 0, random);
        float[] before = product(a, b, m, 1, 0, 0);
        float[] left = a.values.clone();
        left[3 * k + 7] = Float.POSITIVE_INFINITY;
        float[] right = b.values.clone();
        right[7 * n + 5] = 0;
        Matrix infinite = new Matrix(new Operand(upload(left), DType.FLOAT32, a.operand.layout()), left, k);
        Matrix zero = new Matrix(new Operand(upload(right), DType.FLOAT32, b.operand.layout()), right, n);
        float[] after = product(infinite, zero, m, 1, 0, Float.NaN);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                if (i == 3) {
                    assertThat(Float.isFinite(after[i * n + j])).isFalse();
                    assertThat(Float.isNaN(after[i * n + j])).isEqualTo(j == 5);
                } else if (j != 5) {
                    assertThat(after[i * n + j]).isEqualTo(before[i * n + j]);
                }
            }
        }
    }
}
