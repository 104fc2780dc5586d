package dev.jangada.data;

import dev.jangada.ArgumentException;
import dev.jangada.IndexException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.ops.Access;
import java.util.ArrayList;
import java.util.List;

/**
 * Tensors whose first dimension counts samples, such as images and labels.
 *
 * <p>A batch belongs to whoever took it from the loader: no {@code TensorScope} closes it, {@link #close()} does, or the garbage collector.
 *
 * <pre>{@code
 * for (Batch batch : loader) {
 *     try (batch; TensorScope step = new TensorScope()) {
 *         Tensor loss = Functional.crossEntropy(model.forward(batch.get(0)), batch.get(1));
 *     }
 * }
 * }</pre>
 */
public final class Batch implements AutoCloseable {
    private final List<Tensor> tensors;

    /** Creates a batch that owns these tensors: it takes them out of the scopes that would close them. */
    public Batch(List<Tensor> tensors) {
        this.tensors = List.copyOf(tensors);
        this.tensors.forEach(Access::unscoped);
    }

    /**
     * Returns a tensor: number 0 is usually the input, number 1 the target.
     *
     * @throws IndexException if there is none of this number
     */
    public Tensor get(int number) {
        if (number < 0 || number >= tensors.size()) {
            throw new IndexException("[Batch] expected a number in [0, " + (tensors.size() - 1) + "], got " + number
                    + "; 0 is usually the input, 1 the target");
        }
        return tensors.get(number);
    }

    /** Returns all tensors. */
    public List<Tensor> tensors() {
        return tensors;
    }

    /** Returns the number of samples. */
    public long size() {
        return tensors.isEmpty() ? 0 : tensors.get(0).size(0);
    }

    /** Stacks samples, each a list of as many tensors: the default way to put samples together. */
    public static Batch stack(List<List<Tensor>> samples) {
        int count = samples.get(0).size();
        List<Tensor> out = new ArrayList<>();
        try (TensorScope scope = new TensorScope()) {
            for (int i = 0; i < count; i++) {
                List<Tensor> column = new ArrayList<>();
                for (List<Tensor> sample : samples) {
                    if (sample.size() != count) {
                        throw new ArgumentException("[Batch] expected samples of " + count
                                + " tensors each, got one of " + sample.size() + "; let every sample be of one form");
                    }
                    column.add(sample.get(i));
                }
                out.add(Access.unscoped(Tensor.stack(column, 0)));
            }
        }
        return new Batch(out);
    }

    /** Closes the tensors. */
    @Override
    public void close() {
        tensors.forEach(Tensor::close);
    }
}
