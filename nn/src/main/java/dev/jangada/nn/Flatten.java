package dev.jangada.nn;

import dev.jangada.IndexException;
import dev.jangada.Tensor;

/**
 * Makes one dimension of several neighbouring ones, by default of all but the first.
 *
 * <p>Shapes: {@code [N, C, H, W]} becomes {@code [N, C * H * W]}. A view where the memory allows it. Source: {@code torch.nn.Flatten}.
 */
public final class Flatten extends Layer {
    private final int startDim;
    private final int endDim;

    /** Creates a layer that keeps the first dimension. */
    public Flatten() {
        this(1, -1);
    }

    /** Creates a layer that joins the dimensions from {@code startDim} to {@code endDim}, both included; negative ones count from the end. */
    public Flatten(int startDim, int endDim) {
        this.startDim = startDim;
        this.endDim = endDim;
    }

    @Override
    public Tensor forward(Tensor input) {
        int rank = input.dim();
        if (rank == 0 && startDim >= -1 && startDim <= 0 && endDim >= -1 && endDim <= 0) {
            return input.reshape(1); // a scalar has the dimensions 0 and -1, as elsewhere
        }
        int first = startDim < 0 ? startDim + rank : startDim;
        int last = endDim < 0 ? endDim + rank : endDim;
        if (first < 0 || last >= rank || first > last) {
            throw new IndexException("[Flatten] expected dimensions from " + startDim + " to " + endDim
                    + ", got an input of shape " + input.shape());
        }
        long[] sizes = new long[rank - (last - first)];
        long joined = 1;
        for (int i = 0; i < rank; i++) {
            if (i >= first && i <= last) {
                joined *= input.size(i);
                sizes[first] = joined;
            } else {
                sizes[i < first ? i : i - (last - first)] = input.size(i);
            }
        }
        return input.reshape(sizes);
    }

    @Override
    protected String extraRepr() {
        return "start_dim=" + startDim + ", end_dim=" + endDim;
    }
}
