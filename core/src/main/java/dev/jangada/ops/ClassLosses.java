package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.IndexException;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceOp;
import java.util.List;

/**
 * Losses of class scores: {@code nllLoss} and {@code crossEntropy}.
 *
 * <p>Scores have shape {@code [C]}, {@code [N, C]} or {@code [N, C, d1, ..]}, class numbers the same without the class dimension.
 */
public final class ClassLosses {
    private static final int TYPES = DType.values().length;
    /** How many class numbers count. */
    private static final ReductionOp COUNT = ReductionOp.of(
            "nllLossCount", ReduceOp.SUM, 1, (x, p) -> x[0].ne(p[0]).cast(DType.INT64));

    private static final ReductionOp SUM = ReductionOp.of("nllLossCount", ReduceOp.SUM, 0, (x, p) -> x[0]);
    /** Sum of score times coefficient. */
    private static final ReductionOp TOTAL = ReductionOp.of("nllLoss", ReduceOp.SUM, 0, (x, p) -> term(x[0], x[1]));
    /** Sum of score times coefficient; NaN if nothing counts. */
    private static final ReductionOp MEAN = ReductionOp.of(
            "nllLoss",
            ReduceOp.SUM,
            0,
            (x, p) -> Expr.select(x[2].eq(0), Expr.constant(Double.NaN, x[0].type()), term(x[0], x[1])));
    /** Inputs class numbers and how many count; outputs the index to read and the coefficient of the score. */
    private static final MapKernel[] PLAN_MEAN = new MapKernel[TYPES];
    /** As {@link #PLAN_MEAN} for a sum. */
    private static final MapKernel[] PLAN_SUM = new MapKernel[TYPES];
    /** The weights of classes that count, else 0; inputs class numbers and weights. */
    private static final MapKernel[] MASK = new MapKernel[TYPES];
    /** Class numbers with 0 for those that do not count. */
    private static final MapKernel INDEX;

    private static final ElementwiseOp TERM =
            ElementwiseOp.of("NllLoss", 2, 0, ElementwiseOp.Result.SAME, (x, p) -> term(x[0], x[1]));
    /** Coefficient of a row from its weight and the sum of the weights; 0 where the weight is. */
    private static final ElementwiseOp SHARE = ElementwiseOp.of(
            "NllLossShare",
            2,
            0,
            ElementwiseOp.Result.SAME,
            (x, p) -> Expr.select(
                    x[0].eq(0), Expr.constant(0.0, x[0].type()), x[0].neg().div(x[1])));

    private static final PointwiseLoss PROBABILITIES =
            PointwiseLoss.of("CrossEntropyLoss", 2, 0, (x, p) -> x[0].mul(x[1]).neg());
    private static final PointwiseLoss WEIGHTED_PROBABILITIES = PointwiseLoss.of(
            "CrossEntropyLoss", 3, 0, (x, p) -> x[0].mul(x[1]).mul(x[2]).neg());

    static {
        Expr target = Expr.input(0, DType.INT64);
        Expr ignored = target.eq(Expr.scalar(0, DType.INT64));
        Expr index = Expr.select(ignored, Expr.constant(0, DType.INT64), target);
        List<DType> ignore = List.of(DType.INT64);
        INDEX = new MapKernel("nllLossIndex", Program.of(List.of(DType.INT64), ignore, index));
        for (DType t : DType.values()) {
            if (t.isFloatingPoint()) {
                DType c = t.compute();
                Expr zero = Expr.constant(0.0, c);
                Expr share = Expr.input(1, DType.INT64).cast(c).reciprocal().neg();
                PLAN_MEAN[t.ordinal()] = new MapKernel(
                        "nllLossPlan",
                        Program.of(
                                List.of(DType.INT64, DType.INT64), ignore, index, Expr.select(ignored, zero, share)));
                PLAN_SUM[t.ordinal()] = new MapKernel(
                        "nllLossPlan",
                        Program.of(
                                List.of(DType.INT64),
                                ignore,
                                index,
                                Expr.select(ignored, zero, Expr.constant(-1.0, c))));
                MASK[t.ordinal()] = new MapKernel(
                        "nllLossWeight",
                        Program.of(
                                List.of(DType.INT64, t),
                                ignore,
                                Expr.select(ignored, zero, Expr.input(1, t).cast(c))));
            }
        }
    }

    private ClassLosses() {}

    private static Expr term(Expr score, Expr coefficient) {
        return Expr.select(coefficient.eq(0), Expr.constant(0.0, score.type()), score.mul(coefficient));
    }

    /**
     * Where the score of each row stands and by what it is multiplied, both with size 1 in the class dimension.
     *
     * @param count how many rows count, or the sum of their weights; null unless the mean is asked for
     */
    private record Plan(Tensor index, Tensor coefficient, Tensor count) implements AutoCloseable {
        @Override
        public void close() {
            index.close();
            coefficient.close();
            if (count != null) {
                count.close();
            }
        }
    }

    private static Plan plan(Operand target, DType type, Tensor weight, long ignore, boolean mean) {
        Executor executor = Executor.current();
        Backend backend = target.storage().backend();
        Shape shape = target.layout().shape();
        long[] scalars = {ignore};
        Operand index = executor.allocate(DType.INT64, shape, backend);
        Tensor indexTensor = Access.wrap(index);
        if (weight != null) {
            executor.map(INDEX, new Operand[] {index}, new Operand[] {target}, scalars);
            Tensor masked = weights(target, index, weight, scalars);
            Tensor count = mean ? SUM.run(in(masked), all(shape), false, type.compute(), type.compute()) : null;
            Tensor coefficient =
                    mean ? Elementwise.apply(SHARE, type.compute(), new Object[] {masked, count}) : masked.neg();
            masked.close();
            return new Plan(indexTensor, coefficient, count);
        }
        Operand coefficient = executor.allocate(type.compute(), shape, backend);
        Tensor coefficientTensor = Access.wrap(coefficient);
        Operand[] outs = {index, coefficient};
        if (!mean) {
            executor.map(PLAN_SUM[type.ordinal()], outs, new Operand[] {target}, scalars);
            return new Plan(indexTensor, coefficientTensor, null);
        }
        Tensor count = COUNT.run(new Operand[] {target}, all(shape), false, DType.INT64, DType.INT64, ignore);
        executor.map(PLAN_MEAN[type.ordinal()], outs, new Operand[] {target, Axes.wide(count, shape)}, scalars);
        return new Plan(indexTensor, coefficientTensor, count);
    }

    /** The weight of each row's class, 0 where it is ignored. */
    private static Tensor weights(Operand target, Operand index, Tensor weight, long[] ignore) {
        Executor executor = Executor.current();
        Backend backend = target.storage().backend();
        DType type = weight.dtype();
        Operand picked = executor.allocate(type, target.layout().shape(), backend);
        Tensor pickedTensor = Access.wrap(picked);
        Layout flat = Layout.contiguous(Shape.of(picked.layout().numel()));
        executor.gather(picked.with(flat), Access.operand(weight), index.with(flat), 0);
        Operand masked = executor.allocate(type.compute(), target.layout().shape(), backend);
        Tensor result = Access.wrap(masked);
        executor.map(MASK[type.ordinal()], new Operand[] {masked}, new Operand[] {target, picked}, ignore);
        pickedTensor.close();
        return result;
    }

    private static Operand[] in(Tensor t) {
        return new Operand[] {Access.operand(t)};
    }

    private static int[] all(Shape shape) {
        return Reductions.axes("nllLoss", new int[0], shape.rank());
    }

    private static void check(String op, Tensor input, Tensor target, Tensor weight, String reduction) {
        PointwiseLoss.checkReduction(op, reduction);
        Checks.shape(input.dim() > 0, op, "expected scores of at least one dimension, got a scalar");
        Checks.floating(op, input);
        Checks.dtype(
                target.dtype() == DType.INT64,
                op,
                "expected class numbers of type int64, got " + target.dtype() + "; convert them with to(DType.INT64)");
        int d = input.dim() == 1 ? 0 : 1;
        if (!Reductions.droppedShape(input.shape(), new int[] {d}).equals(target.shape())) {
            Checks.shape(
                    false,
                    op,
                    "expected class numbers of the scores' shape " + input.shape() + " without dimension " + d
                            + ", got " + target.shape() + "; scores are [N, C, ..] with the classes in dimension 1");
        }
        if (weight != null) {
            Checks.shape(
                    weight.dim() == 1 && weight.size(0) == input.size(d),
                    op,
                    "expected one weight for each of " + input.size(d) + " classes, got shape " + weight.shape());
            MatrixProducts.sameType(op, input, weight);
            Checks.sameDevice(op, Access.operand(input), Access.operand(weight));
        }
        Checks.sameDevice(op, Access.operand(input), Access.operand(target));
    }

    /**
     * The negative score of each row's class.
     *
     * @param weight one weight per class, or null
     * @param ignore class number of rows that do not count
     * @param reduction {@code mean} (over the weights of rows that count), {@code sum} or {@code none}
     */
    public static Tensor nllLoss(Tensor input, Tensor target, Tensor weight, long ignore, String reduction) {
        check("nllLoss", input, target, weight, reduction);
        return nllLoss("nllLoss", input, target, weight, ignore, reduction);
    }

    private static Tensor nllLoss(
            String op, Tensor input, Tensor target, Tensor weight, long ignore, String reduction) {
        if (input.numel() == 0 && target.numel() == 0 && reduction.equals("mean")) {
            return nllLoss(op, input, target, weight, ignore, "sum").div(0.0);
        }
        int d = input.dim() == 1 ? 0 : 1;
        boolean mean = reduction.equals("mean");
        Operand classes = Access.operand(target);
        Operand column = classes.with(classes.layout().unsqueeze(d));
        try (Tape.Pause off = Tape.paused();
                Plan plan = plan(column, input.dtype(), weight, ignore, mean);
                Tensor picked = Picks.pick("GatherBackward0", input, plan.index(), d)) {
            Tensor result = total(picked, plan, target.shape(), reduction);
            off.close();
            Shape from = input.shape();
            boolean whole = !reduction.equals("none");
            String node = input.dim() > 2 ? "NllLoss2DBackward0" : "NllLossBackward0";
            return Tape.attach(
                    node,
                    result,
                    new Tensor[] {input},
                    new Tensor[] {plan.coefficient(), plan.index()},
                    (g, s, needed) -> {
                        Tensor grad = whole ? g[0] : g[0].unsqueeze(d);
                        return new Tensor[] {Picks.place(s[0].mul(grad), s[1], from, d, g[0].dtype())};
                    });
        } catch (IndexException e) {
            throw Checks.outOfRange(op, e, "number the classes from 0, and pass ignoreIndex for rows without one");
        }
    }

    private static Tensor total(Tensor picked, Plan plan, Shape rows, String reduction) {
        DType type = picked.dtype();
        Operand score = Access.operand(picked);
        Operand coefficient = Access.operand(plan.coefficient());
        Shape shape = score.layout().shape();
        int[] axes = all(shape);
        if (reduction.equals("none")) {
            try (Tensor terms = Elementwise.apply(TERM, type, new Object[] {picked, plan.coefficient()})) {
                return Access.alias(Access.operand(terms).with(Layout.contiguous(rows)));
            }
        }
        return plan.count() == null
                ? TOTAL.run(new Operand[] {score, coefficient}, axes, false, type, type)
                : MEAN.run(new Operand[] {score, coefficient, Axes.wide(plan.count(), shape)}, axes, false, type, type);
    }

    // ---- cross-entropy

    /**
     * The cross-entropy between scores and class numbers, or class probabilities of the scores' shape.
     *
     * @param weight one weight per class, or null
     * @param smoothing share in [0, 1] of each target that is spread evenly over all classes
     */
    public static Tensor crossEntropy(
            Tensor input, Tensor target, Tensor weight, long ignore, String reduction, double smoothing) {
        String op = "crossEntropy";
        PointwiseLoss.checkReduction(op, reduction);
        Checks.value(smoothing >= 0 && smoothing <= 1, op, "expected a label smoothing in [0, 1], got " + smoothing);
        Checks.shape(input.dim() > 0, op, "expected scores of at least one dimension, got a scalar");
        int d = input.dim() == 1 ? 0 : 1;
        if (target.shape().equals(input.shape())) {
            return probabilities(input, target, weight, reduction, smoothing, d, ignore);
        }
        check(op, input, target, weight, reduction);
        try (TensorScope scope = new TensorScope()) {
            Tensor logits = Softmax.logSoftmax(input, d);
            Tensor loss = nllLoss(op, logits, target, weight, ignore, reduction);
            if (smoothing == 0) {
                return scope.keep(loss);
            }
            Tensor even = even(logits, target, weight, ignore, reduction, d);
            return scope.keep(loss.mul(1 - smoothing).add(even.mul(smoothing / input.size(d))));
        }
    }

    private static Tensor classWeights(Tensor weight, int rank, int d) {
        long[] sizes = new long[rank];
        java.util.Arrays.fill(sizes, 1);
        sizes[d] = weight.size(0);
        return weight.reshape(sizes);
    }

    /** The loss against the even distribution, times the number of classes. */
    private static Tensor even(Tensor logits, Tensor target, Tensor weight, long ignore, String reduction, int d) {
        Tensor weighted = weight == null ? logits : logits.mul(classWeights(weight, logits.dim(), d));
        Tensor ignored = Elementwise.apply(Arithmetic.EQ, new Object[] {target, Scalar.of(ignore)});
        Tensor rows = weighted.sum(new int[] {d}, false).neg().maskedFill(ignored, 0);
        if (reduction.equals("none")) {
            return rows;
        }
        Tensor sum = rows.sum();
        if (reduction.equals("sum")) {
            return sum;
        }
        Operand classes = Access.operand(target);
        Operand column = classes.with(classes.layout().unsqueeze(d));
        try (Tape.Pause off = Tape.paused();
                Plan plan = plan(column, logits.dtype(), weight, ignore, true)) {
            Tensor count = plan.count().to(logits.dtype());
            off.close();
            return sum.div(count);
        }
    }

    private static Tensor probabilities(
            Tensor input, Tensor target, Tensor weight, String reduction, double smoothing, int d, long ignore) {
        String op = "crossEntropy";
        Checks.dtype(
                target.dtype().isFloatingPoint(),
                op,
                "expected class probabilities of a floating point type, got " + target.dtype()
                        + "; class numbers have no dimension of classes");
        Checks.value(ignore < 0, op, "expected no ignoreIndex together with class probabilities, got " + ignore);
        long classes = input.size(d);
        Checks.shape(
                weight == null || (weight.dim() == 1 && weight.size(0) == classes),
                op,
                "expected one weight for each of " + classes + " classes, got shape "
                        + (weight == null ? "" : weight.shape()));
        Tensor wanted = smoothing == 0 ? target : target.mul(1 - smoothing).add(smoothing / classes);
        Tensor logits = Softmax.logSoftmax(input, d);
        PointwiseLoss loss = weight == null ? PROBABILITIES : WEIGHTED_PROBABILITIES;
        Tensor[] tensors = weight == null
                ? new Tensor[] {logits, wanted}
                : new Tensor[] {logits, wanted, classWeights(weight, input.dim(), d)};
        if (reduction.equals("none")) {
            return loss.apply("none", tensors).sum(new int[] {d}, false);
        }
        double rows = (double) input.numel() / classes;
        return loss.reduced(input.shape(), reduction.equals("mean") ? rows : 1, tensors);
    }
}
