package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.ReduceOp;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Element-wise losses: each an expression in one line, fused with its mean or sum. */
public final class Losses {
    /** Pairs of shapes that a warning has named; a program that keeps making new ones is told of a few only. */
    private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

    private static final int MOST_WARNINGS = 16;
    private static final PointwiseLoss MSE = PointwiseLoss.of(
            "MseLoss",
            2,
            0,
            (x, p) -> x[0].sub(x[1]).square(),
            (g, x, y, p) -> g.mul(x[0].sub(x[1]).mul(2)),
            (g, x, y, p) -> g.mul(x[1].sub(x[0]).mul(2)));

    private static final PointwiseLoss L1 = PointwiseLoss.of(
            "L1Loss",
            2,
            0,
            (x, p) -> x[0].sub(x[1]).abs(),
            (g, x, y, p) -> g.mul(x[0].sub(x[1]).sign()),
            (g, x, y, p) -> g.mul(x[1].sub(x[0]).sign()));

    /** Parameter beta. */
    private static final PointwiseLoss SMOOTH_L1 = PointwiseLoss.of(
            "SmoothL1Loss",
            2,
            1,
            (x, p) -> {
                Expr z = x[0].sub(x[1]).abs();
                return Expr.select(z.lt(p[0]), z.mul(z).mul(0.5).div(p[0]), z.sub(p[0].mul(0.5)));
            },
            (g, x, y, p) -> smooth(g, x[0].sub(x[1]), p[0]),
            (g, x, y, p) -> smooth(g, x[1].sub(x[0]), p[0]));

    /** Parameter delta. */
    private static final PointwiseLoss HUBER = PointwiseLoss.of(
            "HuberLoss",
            2,
            1,
            (x, p) -> {
                Expr z = x[0].sub(x[1]).abs();
                return Expr.select(z.le(p[0]), z.mul(z).mul(0.5), p[0].mul(z.sub(p[0].mul(0.5))));
            },
            (g, x, y, p) -> limited(g, x[0].sub(x[1]), p[0]),
            (g, x, y, p) -> limited(g, x[1].sub(x[0]), p[0]));

    /** Operands probability, target, weight; logarithms are limited to -100. */
    private static final PointwiseLoss BCE = PointwiseLoss.of(
            "BinaryCrossEntropy",
            3,
            0,
            (x, p) -> x[1].sub(1)
                    .mul(x[0].neg().log1p().max(-100))
                    .sub(x[1].mul(x[0].log().max(-100)))
                    .mul(x[2]),
            (g, x, y, p) -> g.mul(x[0].sub(x[1]))
                    .div(x[0].mul(x[0].neg().add(1)).max(1e-12))
                    .mul(x[2]),
            (g, x, y, p) -> g.mul(x[0].neg().log1p().max(-100).sub(x[0].log().max(-100)))
                    .mul(x[2]),
            null);

    /** Operands score, target, weight, weight of positive targets. */
    private static final PointwiseLoss BCE_LOGITS = PointwiseLoss.of(
            "BinaryCrossEntropyWithLogits",
            4,
            0,
            (x, p) -> x[1].neg()
                    .add(1)
                    .mul(x[0])
                    .add(positive(x).mul(softplusNeg(x[0])))
                    .mul(x[2]),
            (g, x, y, p) -> {
                Expr t = x[3].mul(x[1]);
                Expr all = t.add(1).sub(x[1]);
                return g.mul(all.mul(x[0].sigmoid()).sub(t)).mul(x[2]);
            },
            (g, x, y, p) -> g.mul(x[3].sub(1).mul(softplusNeg(x[0])).sub(x[0])).mul(x[2]),
            null,
            null);

    /** As {@link #BCE_LOGITS} without weights, the usual case. */
    private static final PointwiseLoss BCE_LOGITS_PLAIN = PointwiseLoss.of(
            "BinaryCrossEntropyWithLogits",
            2,
            0,
            (x, p) -> x[1].neg().add(1).mul(x[0]).add(softplusNeg(x[0])),
            (g, x, y, p) -> g.mul(x[0].sigmoid().sub(x[1])),
            (g, x, y, p) -> g.mul(x[0].neg()));

    private static final PointwiseLoss KL_DIV = PointwiseLoss.of(
            "KlDiv",
            2,
            0,
            (x, p) -> Expr.select(x[1].eq(0), zero(x[1]), x[1].mul(x[1].log())).sub(x[1].mul(x[0])),
            (g, x, y, p) -> g.mul(x[1].neg()),
            (g, x, y, p) -> g.mul(x[1].log().add(1).sub(x[0])));

    private static final PointwiseLoss KL_DIV_LOG = PointwiseLoss.of(
            "KlDiv",
            2,
            0,
            (x, p) -> x[1].exp().mul(x[1].sub(x[0])),
            (g, x, y, p) -> g.mul(x[1].exp().neg()),
            (g, x, y, p) -> g.mul(x[1].exp().mul(x[1].add(1).sub(x[0]))));

    /** Operands distance and class 1 or -1, parameter margin. */
    private static final PointwiseLoss HINGE_EMBEDDING = PointwiseLoss.of(
            "HingeEmbeddingLoss",
            2,
            1,
            (x, p) -> Expr.select(x[1].ne(1), p[0].sub(x[0]).max(0), zero(x[0]))
                    .add(Expr.select(x[1].ne(-1), x[0], zero(x[0]))),
            (g, x, y, p) -> Expr.select(x[1].ne(1).and(p[0].sub(x[0]).ge(0)), g.neg(), zero(g))
                    .add(Expr.select(x[1].ne(-1), g, zero(g))),
            null);

    private static final PointwiseLoss SOFT_MARGIN = PointwiseLoss.of(
            "SoftMarginLoss",
            2,
            0,
            (x, p) -> x[0].mul(x[1]).neg().exp().log1p(),
            (g, x, y, p) -> g.mul(x[1]).neg().mul(x[0].mul(x[1]).neg().sigmoid()),
            (g, x, y, p) -> g.mul(x[0]).neg().mul(x[0].mul(x[1]).neg().sigmoid()));

    /** Operands first and second score, class 1 or -1; parameter margin. */
    private static final PointwiseLoss MARGIN_RANKING = PointwiseLoss.of(
            "MarginRankingLoss",
            3,
            1,
            (x, p) -> ranking(x, p).max(0),
            (g, x, y, p) -> Expr.select(ranking(x, p).ge(0), g.mul(x[2]).neg(), zero(g)),
            (g, x, y, p) -> Expr.select(ranking(x, p).ge(0), g.mul(x[2]), zero(g)),
            (g, x, y, p) -> Expr.select(ranking(x, p).ge(0), g.mul(x[1].sub(x[0])), zero(g)));

    private static final ReductionOp PROBABILITY = ReductionOp.of(
            "isProbability", ReduceOp.ALL, 0, (x, p) -> x[0].ge(0).and(x[0].le(1)));

    private Losses() {}

    /** Whether all elements are in [0, 1]; waits for the device. */
    private static boolean isProbability(Tensor x) {
        int[] all = Reductions.axes("binaryCrossEntropy", new int[0], x.dim());
        Operand[] in = {Access.operand(x)};
        try (Tensor t = PROBABILITY.run(in, all, false, x.dtype(), DType.BOOL)) {
            return t.itemBoolean();
        }
    }

    private static Expr zero(Expr like) {
        return Expr.constant(0.0, like.type());
    }

    private static Expr smooth(Expr g, Expr d, Expr beta) {
        return Expr.select(
                d.le(beta.neg()), g.neg(), Expr.select(d.ge(beta), g, g.mul(d).div(beta)));
    }

    private static Expr limited(Expr g, Expr d, Expr delta) {
        return g.mul(Expr.select(d.le(delta.neg()), delta.neg(), Expr.select(d.ge(delta), delta, d)));
    }

    /** {@code log(1 + e^-x)} without overflow. */
    private static Expr softplusNeg(Expr x) {
        return x.neg().max(0).add(x.abs().neg().exp().log1p());
    }

    private static Expr positive(Expr[] x) {
        return x[3].sub(1).mul(x[1]).add(1);
    }

    private static Expr ranking(Expr[] x, Expr[] p) {
        return x[2].neg().mul(x[0].sub(x[1])).add(p[0]);
    }

    private static Tensor apply(String op, PointwiseLoss loss, String reduction, Tensor[] tensors, Scalar... params) {
        PointwiseLoss.checkReduction(op, reduction);
        return loss.apply(reduction, tensors, params);
    }

    /** {@code (x - y)^2}. */
    public static Tensor mse(Tensor x, Tensor y, String reduction) {
        warnOfBroadcast("mseLoss", x, y);
        return apply("mseLoss", MSE, reduction, new Tensor[] {x, y});
    }

    /** {@code |x - y|}. */
    public static Tensor l1(Tensor x, Tensor y, String reduction) {
        warnOfBroadcast("l1Loss", x, y);
        return apply("l1Loss", L1, reduction, new Tensor[] {x, y});
    }

    /** {@code |x - y|}, a parabola where it is below beta. */
    public static Tensor smoothL1(Tensor x, Tensor y, double beta, String reduction) {
        Checks.value(beta >= 0, "smoothL1Loss", "expected beta >= 0, got " + beta);
        if (beta == 0) {
            return l1(x, y, reduction);
        }
        warnOfBroadcast("smoothL1Loss", x, y);
        return apply("smoothL1Loss", SMOOTH_L1, reduction, new Tensor[] {x, y}, Scalar.of(beta));
    }

    /** A parabola within delta, a line of slope delta outside. */
    public static Tensor huber(Tensor x, Tensor y, double delta, String reduction) {
        Checks.value(delta > 0, "huberLoss", "expected delta > 0, got " + delta);
        warnOfBroadcast("huberLoss", x, y);
        return apply("huberLoss", HUBER, reduction, new Tensor[] {x, y}, Scalar.of(delta));
    }

    /** Says once for each pair of shapes, and not without end, that [n, 1] and [n] give n * n differences. */
    private static void warnOfBroadcast(String op, Tensor x, Tensor y) {
        if (x.shape().equals(y.shape())) {
            return;
        }
        Shape both = Shape.broadcast(op, x.shape(), y.shape()); // those that do not fit are an exception, not a warning
        if (WARNED.size() < MOST_WARNINGS && WARNED.add(op + x.shape() + y.shape())) {
            System.getLogger("dev.jangada")
                    .log(
                            System.Logger.Level.WARNING,
                            "[" + op + "] expected a target of the input's shape " + x.shape() + ", got " + y.shape()
                                    + ", so that both are stretched to " + both
                                    + ", which is rarely meant; reshape one of them");
        }
    }

    private static void sameShape(String op, Tensor x, Tensor y) {
        Checks.shape(
                x.shape().equals(y.shape()),
                op,
                "expected a target of the input's shape " + x.shape() + ", got " + y.shape() + "; reshape one of them");
    }

    private static Tensor one(Tensor like) {
        return Creation.full(Shape.SCALAR, 1.0, like.dtype(), like.device());
    }

    /** Requires a factor that makes the result no larger than the scores; it may be null. */
    private static void checkFactor(String op, Tensor x, Tensor factor) {
        if (factor != null && !Shape.broadcast(op, x.shape(), factor.shape()).equals(x.shape())) {
            Checks.shape(
                    false,
                    op,
                    "expected a weight that broadcasts to the input's shape " + x.shape() + ", got " + factor.shape()
                            + "; expand the input first");
        }
    }

    /** Binary cross-entropy of probabilities, which are checked unless in a captured program; the weight may be null. */
    public static Tensor bce(Tensor x, Tensor target, Tensor weight, String reduction) {
        String op = "binaryCrossEntropy";
        sameShape(op, x, target);
        Checks.floating(op, x);
        MatrixProducts.sameType(op, x, target);
        PointwiseLoss.checkReduction(op, reduction);
        checkFactor(op, x, weight);
        boolean known = !Executor.current().isTracing(); // a captured program does not look at values
        if (known && x.numel() > 0) {
            Checks.value(
                    isProbability(x),
                    op,
                    "expected probabilities in [0, 1], got others; apply sigmoid, or use binaryCrossEntropyWithLogits");
        }
        try (Tensor one = weight == null ? one(x) : Access.alias(Access.operand(weight))) {
            return BCE.apply(reduction, new Tensor[] {x, target, one});
        }
    }

    /** Binary cross-entropy of scores; both weights may be null. */
    public static Tensor bceWithLogits(Tensor x, Tensor target, Tensor weight, Tensor positive, String reduction) {
        String op = "binaryCrossEntropyWithLogits";
        sameShape(op, x, target);
        checkFactor(op, x, weight);
        checkFactor(op, x, positive);
        if (weight == null && positive == null) {
            return apply(op, BCE_LOGITS_PLAIN, reduction, new Tensor[] {x, target});
        }
        try (Tensor w = weight == null ? one(x) : Access.alias(Access.operand(weight));
                Tensor p = positive == null ? one(x) : Access.alias(Access.operand(positive))) {
            return apply(op, BCE_LOGITS, reduction, new Tensor[] {x, target, w, p});
        }
    }

    /** Kullback-Leibler divergence of log-probabilities from a target; reduction may also be {@code batchmean}. */
    public static Tensor klDiv(Tensor x, Tensor target, boolean logTarget, String reduction) {
        PointwiseLoss loss = logTarget ? KL_DIV_LOG : KL_DIV;
        if (reduction.equals("batchmean")) {
            Tensor sum = loss.apply("sum", new Tensor[] {x, target});
            return x.dim() == 0 ? sum : sum.div(x.size(0));
        }
        return apply("klDiv", loss, reduction, new Tensor[] {x, target});
    }

    /** x for class 1, {@code max(0, margin - x)} for class -1. */
    public static Tensor hingeEmbedding(Tensor x, Tensor target, double margin, String reduction) {
        return apply("hingeEmbeddingLoss", HINGE_EMBEDDING, reduction, new Tensor[] {x, target}, Scalar.of(margin));
    }

    /** {@code log(1 + e^(-y x))}. */
    public static Tensor softMargin(Tensor x, Tensor target, String reduction) {
        return apply("softMarginLoss", SOFT_MARGIN, reduction, new Tensor[] {x, target});
    }

    /** {@code max(0, -y (a - b) + margin)}. */
    public static Tensor marginRanking(Tensor a, Tensor b, Tensor target, double margin, String reduction) {
        Checks.shape(
                a.dim() == b.dim() && a.dim() == target.dim(),
                "marginRankingLoss",
                "expected tensors of one rank, got " + a.shape() + ", " + b.shape() + " and " + target.shape());
        return apply("marginRankingLoss", MARGIN_RANKING, reduction, new Tensor[] {a, b, target}, Scalar.of(margin));
    }
}
