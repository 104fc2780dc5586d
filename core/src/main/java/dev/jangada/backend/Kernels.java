package dev.jangada.backend;

import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;

/**
 * The six kernel families: all that is ever asked of a device besides memory.
 *
 * <p>Whoever calls has checked shapes, types and devices and has allocated the outputs; a kernel only fills them. Outputs come first. All
 * operands of one call live on one device. Any operand may be strided; broadcasting has become a stride of 0; outputs have no two indices
 * for one element. An empty operand is allowed everywhere. Scalars are passed as their program declares them: bool and int64 as integers,
 * float32 and float64 as the bits of a double.
 *
 * <p>A {@link Storage} that becomes unreachable is freed, even while a native kernel works on its memory: an implementation keeps the
 * operands reachable until the work is done ({@link java.lang.ref.Reference#reachabilityFence}).
 */
public interface Kernels {
    /**
     * Runs an element-wise kernel over operands that all have the shape of the outputs.
     *
     * @throws dev.jangada.ArgumentException if an integer is divided by zero; outputs are then undefined
     */
    void map(MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars);

    /**
     * Runs a reduction. There is at least one input; inputs all have one shape; outputs have the same rank and size 1 in the reduced
     * dimensions. INDEX is the row-major number in the inputs' shape, in the epilogue that in the outputs' shape.
     *
     * @throws dev.jangada.ArgumentException if an integer is divided by zero; outputs are then undefined
     */
    void reduce(ReduceKernel kernel, Operand[] outs, Operand[] ins, long[] scalars);

    /**
     * Matrix products {@code out = alpha * a @ b + beta * out} of a batch; with {@code beta == 0} the old {@code out} is not read.
     *
     * <p>Shapes: out {@code [batch, m, n]}, a {@code [batch, m, k]}, b {@code [batch, k, n]}, all of one type. {@code out} is contiguous in
     * its last two dimensions. Floating point products are accumulated in float32 or wider; integer products are exact modulo the width.
     * For bool the result is {@code or} of {@code and}. For integers and bool alpha and beta are integers. Neither a nor b overlaps out.
     */
    void matmul(Operand out, Operand a, Operand b, double alpha, double beta);

    /**
     * A matrix product followed by an element-wise kernel while the result is at hand: {@code outs = epilogue(alpha * a @ b, extra…)}.
     *
     * <p>Input 0 of the epilogue is the product, of the type of a and b, and rounded to it; the product is stored only where an output of
     * the epilogue says so. INDEX is the row-major number in the outputs. Outputs all have the shape {@code [batch, m, n]}, are contiguous in
     * their last two dimensions and may have different types; the further inputs have that shape too. A further input may be an output
     * itself, the same elements in the same order (a parameter and its moments, say): each element is then read before it is written.
     */
    void matmul(
            Operand[] outs, Operand a, Operand b, double alpha, MapKernel epilogue, Operand[] extra, long[] scalars);

    /** Accumulates along a dimension; both operands have one type and shape. Half types accumulate in float32, rounded per element. */
    void scan(ScanOp op, Operand out, Operand in, int dim);

    /**
     * Picks along a dimension: {@code out[i][j][k] = in[i][index[i][j][k]][k]} for dim 1.
     *
     * <p>{@code index} is int64 and has the shape of {@code out}; {@code in} has the same rank and sizes at least as large in the other
     * dimensions.
     *
     * @throws dev.jangada.IndexException if an index is outside {@code [0, size of dim)}; on an asynchronous device at the next
     *     synchronisation
     */
    void gather(Operand out, Operand in, Operand index, int dim);

    /**
     * Writes along a dimension: {@code out[i][index[i][j][k]][k] (=, +=) src[i][j][k]} for dim 1.
     *
     * <p>{@code index} is int64 and has the shape of {@code src}; {@code out} has the same rank and sizes at least as large in the other
     * dimensions. Every addition is rounded to the type of {@code out}, half types once.
     *
     * @throws dev.jangada.IndexException if an index is outside {@code [0, size of dim)}; nothing has been written then
     */
    void scatter(ScatterOp op, Operand out, Operand index, Operand src, int dim);

    /**
     * Sorts along a dimension, stably; NaN counts as the largest value.
     *
     * <p>{@code values} and {@code indices} (int64) have the shape of {@code in} except in {@code dim}, where they may be shorter: only the
     * first elements of the order are then stored. Equal elements (both zeros are equal, and all NaN) keep their order, descending too.
     */
    void sort(Operand values, Operand indices, Operand in, int dim, boolean descending);
}
