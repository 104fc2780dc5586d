package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.nn.init.Init;
import java.util.OptionalLong;

/**
 * A table of vectors: an index gives its row.
 *
 * <p>Shapes: indices int64 or int32 {@code [..]}, result {@code [.., embeddingDim]}, weight {@code [numEmbeddings, embeddingDim]}, which
 * starts normally distributed. Source: {@code torch.nn.Embedding}.
 */
public final class Embedding extends Layer {
    private final OptionalLong paddingIdx;
    private final Tensor weight;

    /**
     * Creates a table.
     *
     * @param numEmbeddings number of rows
     * @param embeddingDim size of a row
     * @throws ArgumentException if a size is not positive
     */
    public Embedding(long numEmbeddings, long embeddingDim) {
        this(numEmbeddings, embeddingDim, OptionalLong.empty());
    }

    /**
     * Creates a table with a row that stands for padding: it starts as 0 and gets no gradient.
     *
     * @param paddingIdx number of the row, which may count from the end
     * @throws ArgumentException if a size is not positive, or there is no such row
     */
    public Embedding(long numEmbeddings, long embeddingDim, long paddingIdx) {
        this(numEmbeddings, embeddingDim, OptionalLong.of(paddingIdx));
    }

    private Embedding(long numEmbeddings, long embeddingDim, OptionalLong paddingIdx) {
        if (numEmbeddings < 1 || embeddingDim < 1) {
            throw new ArgumentException("[Embedding] expected sizes > 0, got numEmbeddings " + numEmbeddings
                    + " and embeddingDim " + embeddingDim);
        }
        this.paddingIdx = row(paddingIdx, numEmbeddings);
        this.weight = parameter("weight", Tensor.empty(numEmbeddings, embeddingDim));
        resetParameters();
    }

    private Embedding(Tensor weight, boolean freeze) {
        this.paddingIdx = OptionalLong.empty();
        this.weight = parameter("weight", weight);
        if (freeze) {
            this.weight.requiresGrad_(false);
        }
    }

    /**
     * Returns a table of given vectors, whose memory it shares.
     *
     * @param weight the rows {@code [numEmbeddings, embeddingDim]}
     * @param freeze whether they stay as they are
     * @throws ShapeException if it is no matrix
     */
    public static Embedding fromPretrained(Tensor weight, boolean freeze) {
        if (weight.dim() != 2) {
            throw new ShapeException("[Embedding] expected a matrix of weights, got shape " + weight.shape());
        }
        return new Embedding(weight.detach(), freeze);
    }

    private static OptionalLong row(OptionalLong index, long rows) {
        if (index.isEmpty()) {
            return index;
        }
        long i = index.getAsLong();
        if (i < -rows || i >= rows) {
            throw new ArgumentException(
                    "[Embedding] expected a padding row in [" + -rows + ", " + (rows - 1) + "], got " + i);
        }
        return OptionalLong.of(i < 0 ? i + rows : i);
    }

    /** Draws the rows anew from the global generator; the padding row becomes 0. */
    public void resetParameters() {
        Init.normal_(weight, 0, 1);
        if (paddingIdx.isPresent()) {
            try (Autograd.Mode off = Autograd.noGrad();
                    Tensor row = weight.select(0, paddingIdx.getAsLong())) {
                row.zero_();
            }
        }
    }

    /** Returns the table. */
    public Tensor weight() {
        return weight;
    }

    /**
     * Returns the rows of indices.
     *
     * @throws dev.jangada.IndexException if an index is out of range
     */
    @Override
    public Tensor forward(Tensor indices) {
        return paddingIdx.isPresent()
                ? Functional.embedding(indices, weight, paddingIdx.getAsLong())
                : Functional.embedding(indices, weight);
    }

    @Override
    protected String extraRepr() {
        return weight.size(0) + ", " + weight.size(1)
                + (paddingIdx.isPresent() ? ", padding_idx=" + paddingIdx.getAsLong() : "");
    }
}
