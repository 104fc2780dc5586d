package dev.jangada.ops;

import dev.jangada.ArgumentException;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Layout;
import dev.jangada.kernel.ScatterOp;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.BinaryOperator;

/**
 * Scatter with a reduction of all sources that meet in one place.
 *
 * <p>Sums and means are scattered additions. The others sort the targets, so that equal ones are neighbours, and combine neighbours at
 * distances 1, 2, 4, … of one target: a scan in log n element-wise steps, whose last value per target is written. Source:
 * {@code torch.scatter_reduce}; Hillis, Steele, "Data parallel algorithms", CACM 1986.
 */
public final class ScatterReduce {
    private enum How {
        SUM,
        MEAN,
        PROD,
        AMAX,
        AMIN
    }

    private final Tensor self;
    private final int dim;
    private final Tensor index;
    private final Tensor src;
    private final How how;
    private final boolean includeSelf;

    private ScatterReduce(Tensor self, int dim, Tensor index, Tensor src, How how, boolean includeSelf) {
        this.self = self;
        this.dim = dim;
        this.index = index;
        this.src = src;
        this.how = how;
        this.includeSelf = includeSelf;
    }

    /** A copy with the sources reduced into the places of an index: {@code sum}, {@code mean}, {@code prod}, {@code amax}, {@code amin}. */
    public static Tensor scatterReduce(
            Tensor t, int dim, Tensor index, Tensor source, String reduce, boolean includeSelf) {
        How how = Arrays.stream(How.values())
                .filter(h -> h.name().toLowerCase(Locale.ROOT).equals(reduce))
                .findFirst()
                .orElseThrow(() -> new ArgumentException(
                        "[scatterReduce] expected sum, mean, prod, amax or amin, got '" + reduce + "'"));
        int d = Indexing.checkScatter("scatterReduce", t, dim, index);
        Indexing.sameType("scatterReduce", t, source);
        Tensor src = index.numel() == 0 ? source : Indexing.covered("scatterReduce", source, index);
        return reduce(new ScatterReduce(t, d, index, src, how, includeSelf));
    }

    private static Tensor reduce(ScatterReduce r) {
        Tensor result;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            result = scope.keep(r.index.numel() == 0 ? r.self.clone() : r.forward());
        }
        Tensor[] inputs = {r.self, r.index, r.src};
        return Tape.attachWithResult("ScatterReduceBackward0", result, inputs, inputs, (g, s, needed) -> {
            Tensor[] grads =
                    new ScatterReduce(s[0], r.dim, s[1], s[2], r.how, r.includeSelf).backward(g[0], s[3], needed);
            return new Tensor[] {grads[0], null, grads[1]};
        });
    }

    private Tensor forward() {
        return switch (how) {
            case SUM -> sum(base());
            case MEAN -> {
                Tensor count = count();
                Tensor sum = sum(base());
                yield self.dtype().isFloatingPoint() ? sum.div(count) : sum.floorDivide(count);
            }
            case PROD -> combined(Tensor::mul);
            case AMAX -> combined(Tensor::maximum);
            case AMIN -> combined(Tensor::minimum);
        };
    }

    /** The tensor, with 0 where sources arrive if its own values do not count. */
    private Tensor base() {
        return includeSelf ? self : Indexing.scatter(self, dim, index, Scalar.of(0L), false);
    }

    private Tensor sum(Tensor base) {
        return Indexing.scatterAdd(base, dim, index, src);
    }

    /** How many values meet in each place, at least 1. */
    private Tensor count() {
        Tensor start = Creation.fullLike(self, Scalar.of(includeSelf ? 1L : 0L), self.dtype());
        Tensor ones = Creation.fullLike(src, Scalar.of(1L), src.dtype());
        Tensor n = Indexing.scatterAdd(start, dim, index, ones);
        return n.maskedFill(n.eq(0L), Scalar.of(1L));
    }

    private Tensor combined(BinaryOperator<Tensor> op) {
        Tensor targets = targets();
        long n = targets.numel();
        Tensor sorted = Creation.emptyLike(targets, targets.dtype());
        Tensor order = Creation.emptyLike(targets, targets.dtype());
        Executor.current().sort(Access.operand(sorted), Access.operand(order), Access.operand(targets), 0, false);
        Tensor values = Indexing.gather(src.reshape(-1), 0, order);
        for (long step = 1; step < n; step *= 2) {
            Tensor same = Slicing.narrow(sorted, 0, step, n - step).eq(Slicing.narrow(sorted, 0, 0, n - step));
            Tensor later = Slicing.narrow(values, 0, step, n - step);
            Tensor joined = op.apply(later, Slicing.narrow(values, 0, 0, n - step));
            values = Joining.cat(0, Slicing.narrow(values, 0, 0, step), Tensor.where(same, joined, later));
        }
        Tensor out = self.clone();
        Tensor flat = out.view(-1);
        if (includeSelf) {
            values = op.apply(values, Indexing.gather(flat, 0, sorted));
        }
        Indexing.scatterRaw(ScatterOp.ASSIGN, Access.operand(flat), Access.operand(sorted), Access.operand(values), 0);
        return out;
    }

    /** Positions in row-major order that the sources go to; a negative index is out of range here. */
    private Tensor targets() {
        Tensor[] coordinates = new Tensor[self.dim()];
        for (int d = 0; d < coordinates.length; d++) {
            long[] sizes = new long[coordinates.length];
            Arrays.fill(sizes, 1);
            sizes[d] = index.size(d);
            coordinates[d] = d == dim
                    ? Tensor.where(index.lt(0L), Scalar.of(Long.MAX_VALUE), index)
                    : Creation.arange(index.size(d), self.device()).reshape(sizes);
        }
        if (coordinates.length == 0) {
            return index.reshape(-1);
        }
        return new Positions("scatterReduce", self.shape(), coordinates)
                .positions(Layout.contiguous(self.shape()))
                .reshape(-1)
                .contiguous();
    }

    // ---- gradients

    private Tensor picked(Tensor t) {
        return Indexing.gather(t, dim, index);
    }

    /** Gradients of the tensor and of the source. */
    private Tensor[] backward(Tensor g, Tensor result, boolean[] needed) {
        Tensor[] out = switch (how) {
            case SUM -> new Tensor[] {g, picked(g)};
            case MEAN -> {
                Tensor share = g.div(count());
                yield new Tensor[] {share, picked(share)};
            }
            case PROD -> productBackward(g, result);
            case AMAX, AMIN -> extremeBackward(g, result);
        };
        if (needed[0] && !includeSelf) {
            out[0] = Indexing.scatter(out[0], dim, index, Scalar.of(0L), false);
        }
        return new Tensor[] {needed[0] ? out[0] : null, needed[2] ? out[1] : null};
    }

    /** Shared evenly by all that equal the result. */
    private Tensor[] extremeBackward(Tensor g, Tensor result) {
        Tensor mine = self.eq(result).to(g.dtype());
        Tensor theirs = src.eq(picked(result)).to(g.dtype());
        Tensor start = includeSelf ? mine : Indexing.scatter(mine, dim, index, Scalar.of(0L), false);
        Tensor n = Indexing.scatterAdd(start, dim, index, theirs);
        Tensor share = g.div(n.maskedFill(n.eq(0L), Scalar.of(1L)));
        // a place that nothing arrives at keeps its own value
        return new Tensor[] {mine.mul(share), theirs.mul(picked(share))};
    }

    /** The product of all other factors; exact also where one factor is zero. */
    private Tensor[] productBackward(Tensor g, Tensor result) {
        Scalar one = Scalar.of(1L);
        Tensor selfZero = self.eq(0L);
        Tensor srcZero = src.eq(0L);
        Tensor selfOne = self.maskedFill(selfZero, one);
        Tensor othersOfSelf = reduce(new ScatterReduce(selfOne, dim, index, src, How.PROD, includeSelf));
        Tensor gradSelf = g.mul(othersOfSelf).div(selfOne);
        // a source that is the only zero among the sources of its place gets the product without zeros
        Tensor zeros = Indexing.scatterAdd(
                Creation.full(self.shape(), Scalar.of(0L), src.dtype(), src.device()),
                dim,
                index,
                srcZero.to(src.dtype()));
        Tensor alone = srcZero.logicalAnd(picked(zeros).eq(1L));
        Tensor srcOne = src.maskedFill(srcZero, one);
        Tensor without = reduce(new ScatterReduce(self, dim, index, srcOne, How.PROD, includeSelf));
        Tensor gradSrc = Tensor.where(
                alone, picked(g.mul(without)), picked(g.mul(result)).div(srcOne));
        return new Tensor[] {gradSelf, gradSrc};
    }
}
