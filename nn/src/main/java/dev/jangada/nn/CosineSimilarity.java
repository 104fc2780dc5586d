package dev.jangada.nn;

import dev.jangada.Tensor;

/** Cosine of the angle between vectors along a dimension. Source: {@code torch.nn.CosineSimilarity}. */
public final class CosineSimilarity extends Module {
    private final int dim;
    private final double eps;

    /** Creates the module for dimension 1. */
    public CosineSimilarity() {
        this(1, 1e-8);
    }

    /**
     * Creates the module.
     *
     * @param dim the dimension that the vectors lie along
     * @param eps least length of a vector
     */
    public CosineSimilarity(int dim, double eps) {
        this.dim = dim;
        this.eps = eps;
    }

    /** Returns the cosines. */
    public Tensor forward(Tensor x1, Tensor x2) {
        return Functional.cosineSimilarity(x1, x2, dim, eps);
    }
}
