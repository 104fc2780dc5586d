package dev.jangada.cuda.driver;

import dev.jangada.BackendException;
import dev.jangada.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntSupplier;
import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;

/** Matrix products by cuBLAS, in its column-major order. */
public final class Cublas {
    private static final boolean TF32 = Boolean.getBoolean("jangada.cuda.tf32");

    private final Context context;
    private final boolean runs;
    private final cublasContext handle = new cublasContext();
    private final ByteBuffer factors =
            ByteBuffer.allocateDirect(2 * Double.BYTES).order(ByteOrder.nativeOrder());
    private final Raw alphaAt = Raw.of(Raw.address(factors));
    private final Raw betaAt = Raw.of(Raw.address(factors) + Double.BYTES);

    /**
     * Opens cuBLAS on a device. Handles with workspaces of one size choose the same algorithms; those whose work runs in one order may share
     * a workspace.
     *
     * @param stream where products are launched
     * @param workspace address of device memory for partial results, aligned to 256 bytes
     * @param bytes its size
     */
    public Cublas(Context context, Stream stream, long workspace, long bytes) {
        this.context = context;
        this.runs = stream == context.stream();
        context.bind("matmul");
        run("cublasCreate", () -> cublas.cublasCreate_v2(handle));
        run("cublasSetStream", () -> cublas.cublasSetStream_v2(handle, stream.handle));
        run("cublasSetWorkspace", () -> cublas.cublasSetWorkspace_v2(handle, Raw.of(workspace), bytes));
        // parts of a long sum of half numbers are not to be rounded to half
        run(
                "cublasSetMathMode",
                () -> cublas.cublasSetMathMode(handle, cublas.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION));
    }

    /** Tells whether products of float32 use 19-bit numbers (TF32): property {@code jangada.cuda.tf32}. */
    public static boolean usesTf32() {
        return TF32;
    }

    /**
     * A factor of a product.
     *
     * @param address first element
     * @param transposed whether the product takes it transposed
     * @param lead distance of columns
     * @param batch distance of the matrices of a batch; 0 for one that all share
     */
    public record Factor(long address, boolean transposed, int lead, long batch) {}

    /**
     * {@code c = alpha * op(a) op(b) + beta * c} for each matrix of a batch, column-major; returns at once.
     *
     * @param type of all three; half types accumulate in float32
     * @param m rows of c
     * @param n columns of c
     * @param k columns of op(a)
     */
    public void multiply(
            DType type, int m, int n, int k, int batch, double alpha, Factor a, Factor b, double beta, Factor c) {
        synchronized (this) { // the buffer of the factors, and the handle's workspace
            context.bind("matmul");
            if (type == DType.FLOAT64) {
                factors.putDouble(0, alpha).putDouble(Double.BYTES, beta);
            } else {
                factors.putFloat(0, (float) alpha).putFloat(Double.BYTES, (float) beta);
            }
            IntSupplier call = () -> product(type, m, n, k, batch, a, b, c);
            run("cublasGemmEx", runs ? () -> context.measured(1, call) : call);
        }
    }

    private int product(DType type, int m, int n, int k, int batch, Factor a, Factor b, Factor c) {
        int data = data(type);
        int compute = compute(type);
        return batch == 1
                ? cublas.cublasGemmEx(
                        handle,
                        op(a),
                        op(b),
                        m,
                        n,
                        k,
                        alphaAt,
                        Raw.of(a.address),
                        data,
                        a.lead,
                        Raw.of(b.address),
                        data,
                        b.lead,
                        betaAt,
                        Raw.of(c.address),
                        data,
                        c.lead,
                        compute,
                        cublas.CUBLAS_GEMM_DEFAULT)
                : cublas.cublasGemmStridedBatchedEx(
                        handle,
                        op(a),
                        op(b),
                        m,
                        n,
                        k,
                        alphaAt,
                        Raw.of(a.address),
                        data,
                        a.lead,
                        a.batch,
                        Raw.of(b.address),
                        data,
                        b.lead,
                        b.batch,
                        betaAt,
                        Raw.of(c.address),
                        data,
                        c.lead,
                        c.batch,
                        batch,
                        compute,
                        cublas.CUBLAS_GEMM_DEFAULT);
    }

    private static int op(Factor f) {
        return f.transposed ? 1 : 0;
    }

    private static int data(DType type) {
        return switch (type) {
            case FLOAT16 -> cudart.CUDA_R_16F;
            case BFLOAT16 -> cudart.CUDA_R_16BF;
            case FLOAT32 -> cudart.CUDA_R_32F;
            case FLOAT64 -> cudart.CUDA_R_64F;
            case BOOL, UINT8, INT8, INT16, INT32, INT64 -> throw new AssertionError(type);
        };
    }

    private static int compute(DType type) {
        return switch (type) {
            case FLOAT64 -> cublas.CUBLAS_COMPUTE_64F;
            case FLOAT32 -> TF32 ? cublas.CUBLAS_COMPUTE_32F_FAST_TF32 : cublas.CUBLAS_COMPUTE_32F;
            default -> cublas.CUBLAS_COMPUTE_32F;
        };
    }

    /** A new handle that finds no memory says that CUDA is not initialised. */
    private static boolean mayLackMemory(int status) {
        return status == cublas.CUBLAS_STATUS_ALLOC_FAILED || status == cublas.CUBLAS_STATUS_NOT_INITIALIZED;
    }

    private void run(String name, IntSupplier call) {
        int status = call.getAsInt();
        if (mayLackMemory(status)) {
            status = context.again("matmul", call);
        }
        if (status != 0) {
            String what = cublas.cublasGetStatusString(status).getString();
            if (status == cublas.CUBLAS_STATUS_ALLOC_FAILED) {
                throw context.exhausted("matmul", what + " from " + name);
            }
            throw new BackendException("[matmul] " + name + " failed: " + what);
        }
    }

    /** Gives the handle back; only on a device that works. */
    public void close() {
        context.bind("close");
        cublas.cublasDestroy_v2(handle);
    }
}
