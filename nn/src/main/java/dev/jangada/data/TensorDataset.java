package dev.jangada.data;

import dev.jangada.ArgumentException;
import dev.jangada.Generator;
import dev.jangada.IndexException;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.ops.Access;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Tensors of which sample i is row i of each.
 *
 * <p>The tensors are used, not copied, and stay open as long as the data set; batches are copies, made by one kernel per tensor. Types are
 * kept: images of bytes stay bytes. Source: {@code torch.utils.data.TensorDataset}.
 */
public final class TensorDataset implements Dataset<List<Tensor>>, BatchSource<Batch> {
    private final List<Tensor> tensors;
    private final long size;

    /**
     * Creates a data set.
     *
     * @param tensors at least one, of any types, with the same size of the first dimension
     * @throws ShapeException if the sizes differ, or a tensor has no dimension
     */
    public TensorDataset(Tensor... tensors) {
        if (tensors.length == 0) {
            throw new ArgumentException(
                    "[TensorDataset] expected at least one tensor, got none; pass inputs and targets");
        }
        List<Tensor> own = new ArrayList<>();
        for (Tensor t : tensors) {
            if (t.dim() == 0 || t.size(0) != tensors[0].size(0)) {
                throw new ShapeException("[TensorDataset] expected tensors with one number of rows, got shapes "
                        + tensors[0].shape() + " and " + t.shape() + "; sample i is row i of each");
            }
            own.add(Access.aliasUnscoped(Access.operand(t)));
        }
        this.tensors = List.copyOf(own);
        this.size = tensors[0].size(0);
    }

    @Override
    public long size() {
        return size;
    }

    /** Returns all tensors. */
    public List<Tensor> tensors() {
        return tensors;
    }

    /** Returns row {@code index} of each tensor; views. */
    @Override
    public List<Tensor> get(long index) {
        check(index);
        return tensors.stream().map(t -> t.select(0, index)).toList();
    }

    private void check(long index) {
        if (index < 0 || index >= size) {
            throw new IndexException("[TensorDataset] expected an index in [0, " + (size - 1) + "], got " + index
                    + "; the data set has " + size + " samples");
        }
    }

    /** Returns copies of these rows of each tensor. */
    @Override
    public Batch batch(long[] indices) {
        boolean consecutive = indices.length > 0;
        for (int i = 0; i < indices.length; i++) {
            check(indices[i]);
            consecutive &= indices[i] == indices[0] + i;
        }
        List<Tensor> out = new ArrayList<>();
        try (Autograd.Mode off = Autograd.noGrad();
                TensorScope scope = new TensorScope()) {
            Tensor rows =
                    consecutive ? null : Tensor.of(indices).to(tensors.get(0).device());
            for (Tensor t : tensors) {
                Tensor batch = consecutive
                        ? t.narrow(0, indices[0], indices.length).clone()
                        : t.indexSelect(0, rows.to(t.device()));
                out.add(Access.unscoped(batch));
            }
        }
        return new Batch(out);
    }

    /**
     * Returns the rows from {@code from} below {@code to} as a data set on the same memory.
     *
     * @throws IndexException if the range does not lie within the data set
     */
    public TensorDataset range(long from, long to) {
        if (from < 0 || from > to || to > size) {
            throw new IndexException("[TensorDataset] expected a range within [0, " + size + "], got " + from + " to "
                    + to + "; pass a smaller one");
        }
        try (TensorScope scope = new TensorScope()) {
            return new TensorDataset(
                    tensors.stream().map(t -> t.narrow(0, from, to - from)).toArray(Tensor[]::new));
        }
    }

    /**
     * Two parts of a data set without a common sample.
     *
     * @param train to learn from
     * @param test to measure with
     */
    public record TrainTest(TensorDataset train, TensorDataset test) {}

    /**
     * Returns copies of randomly chosen rows: {@code ceil(testFraction * size)} of them to test with, the others to train with.
     *
     * <pre>{@code
     * var split = new TensorDataset(x, y).trainTestSplit(0.2, new Generator(0));
     * var scaler = new StandardScaler().fit(split.train().tensors().get(0));
     * }</pre>
     *
     * <p>Source: scikit-learn {@code train_test_split}.
     *
     * @param testFraction between 0 and 1, both excluded
     * @param generator gives the order
     * @throws ArgumentException if the fraction is not between 0 and 1, or a part would be empty
     */
    public TrainTest trainTestSplit(double testFraction, Generator generator) {
        Objects.requireNonNull(generator, "generator is null");
        if (!(testFraction > 0 && testFraction < 1)) {
            throw new ArgumentException("[trainTestSplit] expected a fraction between 0 and 1, got " + testFraction
                    + "; pass for example 0.2");
        }
        int test = Math.toIntExact((long) Math.ceil(testFraction * size));
        if (test >= size) {
            throw new ArgumentException("[trainTestSplit] expected enough samples for two parts, got " + size
                    + ", of which " + testFraction + " leaves none to train with; lower the fraction or add samples");
        }
        long[] order = Subset.permutation(size, generator);
        return new TrainTest(rows(order, test, order.length), rows(order, 0, test));
    }

    private TensorDataset rows(long[] order, int from, int to) {
        try (Batch batch = batch(Arrays.copyOfRange(order, from, to))) {
            return new TensorDataset(batch.tensors().toArray(Tensor[]::new));
        }
    }
}
