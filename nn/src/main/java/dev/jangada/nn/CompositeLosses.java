package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;

/** Distances and losses of {@link Functional} that are composed of tensor operations; documented there. */
final class CompositeLosses {
    private CompositeLosses() {}

    static Tensor cosineSimilarity(Tensor x1, Tensor x2, int dim, double eps) {
        int[] d = {dim};
        Scalar least = Scalar.of(eps * eps);
        Tensor length1 = x1.square().sum(d, false).clampMin(least).sqrt();
        Tensor length2 = x2.square().sum(d, false).clampMin(least).sqrt();
        return x1.mul(x2).sum(d, false).div(length1.mul(length2));
    }

    static Tensor pairwiseDistance(Tensor x1, Tensor x2, double p, double eps, boolean keepdim) {
        return x1.sub(x2).add(eps).norm(p, new int[] {-1}, keepdim);
    }

    static Tensor cosineEmbeddingLoss(Tensor input1, Tensor input2, Tensor target, double margin, String reduction) {
        boolean single = target.dim() == 0 && input1.dim() == 1 && input2.dim() == 1;
        boolean batch = target.dim() == 1 && input1.dim() == 2 && input2.dim() == 2;
        if (!single && !batch) {
            throw new ShapeException(
                    "[cosineEmbeddingLoss] expected inputs [N, D] and a target [N], or [D] and a scalar, got "
                            + input1.shape() + ", " + input2.shape() + " and " + target.shape());
        }
        int[] d = {-1};
        Tensor products = input1.mul(input2).sum(d, false);
        Tensor lengths = input1.square()
                .sum(d, false)
                .add(1e-12)
                .mul(input2.square().sum(d, false).add(1e-12));
        Tensor cos = products.div(lengths.sqrt());
        Tensor zero = Tensor.zerosLike(cos);
        Tensor same = Tensor.where(target.eq(1L), cos.neg().add(1), zero);
        Tensor other = Tensor.where(target.eq(-1L), cos.sub(margin).clampMin(Scalar.of(0)), zero);
        return reduce("cosineEmbeddingLoss", same.add(other), reduction);
    }

    static Tensor tripletMarginLoss(
            Tensor anchor,
            Tensor positive,
            Tensor negative,
            double margin,
            double p,
            double eps,
            boolean swap,
            String reduction) {
        if (anchor.dim() != positive.dim() || anchor.dim() != negative.dim()) {
            throw new ShapeException("[tripletMarginLoss] expected tensors of one rank, got " + anchor.shape() + ", "
                    + positive.shape() + " and " + negative.shape());
        }
        Tensor near = pairwiseDistance(anchor, positive, p, eps, false);
        Tensor far = pairwiseDistance(anchor, negative, p, eps, false);
        if (swap) {
            far = far.minimum(pairwiseDistance(positive, negative, p, eps, false));
        }
        return reduce("tripletMarginLoss", near.sub(far).add(margin).clampMin(Scalar.of(0)), reduction);
    }

    static Tensor poissonNllLoss(
            Tensor input, Tensor target, boolean logInput, boolean full, double eps, String reduction) {
        Tensor loss = logInput
                ? input.exp().sub(target.mul(input))
                : input.sub(target.mul(input.add(eps).log()));
        if (full) {
            Tensor stirling = target.mul(target.log())
                    .sub(target)
                    .add(target.mul(2 * Math.PI).log().mul(0.5));
            loss = loss.add(stirling.maskedFill(target.le(1L), 0));
        }
        return reduce("poissonNllLoss", loss, reduction);
    }

    static Tensor gaussianNllLoss(Tensor input, Tensor target, Tensor var, boolean full, double eps, String reduction) {
        Tensor v = likeInput(input, var);
        Tensor lift; // to eps where it is below, a constant: the gradient passes
        try (Autograd.Mode off = Autograd.noGrad()) {
            lift = v.detach().clampMin(Scalar.of(eps)).sub(v.detach());
        }
        Tensor limited = v.add(lift);
        Tensor loss = limited.log().add(input.sub(target).square().div(limited)).mul(0.5);
        return reduce("gaussianNllLoss", full ? loss.add(0.5 * Math.log(2 * Math.PI)) : loss, reduction);
    }

    /** The variances with as many dimensions as the input: all of them, or one for the last dimension. */
    private static Tensor likeInput(Tensor input, Tensor var) {
        Shape shape = input.shape();
        if (var.shape().equals(shape)) {
            return var;
        }
        if (input.dim() > 0) {
            Shape one = shape.with(input.dim() - 1, 1);
            if (var.shape().equals(one)) {
                return var;
            }
            Tensor column = var.unsqueeze(-1);
            if (column.shape().equals(one)) {
                return column;
            }
        }
        throw new ShapeException("[gaussianNllLoss] expected variances of the input's shape " + shape
                + ", or one for its last dimension, got " + var.shape() + "; expand them");
    }

    /** Scores {@code [N, C]} or {@code [C]}, class numbers {@code [N]} or a scalar; the weight may be null. */
    static Tensor multiMarginLoss(Tensor input, Tensor target, long p, double margin, Tensor weight, String reduction) {
        String op = "multiMarginLoss";
        boolean single = input.dim() == 1 && target.numel() == 1 && target.dim() <= 1;
        boolean batch = input.dim() == 2 && target.dim() == 1 && target.size(0) == input.size(0);
        if (!single && !batch || input.size(-1) == 0) {
            throw new ShapeException("[" + op + "] expected scores [N, C] and class numbers [N], or [C] and a scalar,"
                    + " got " + input.shape() + " and " + target.shape());
        }
        if (p != 1 && p != 2) {
            throw new ArgumentException("[" + op + "] expected p 1 or 2, got " + p);
        }
        if (weight != null && (weight.dim() != 1 || weight.size(0) != input.size(-1))) {
            throw new ShapeException("[" + op + "] expected one weight for each of " + input.size(-1) + " classes, got "
                    + weight.shape());
        }
        if (target.dtype() != DType.INT64) {
            throw new DTypeException("[" + op + "] expected class numbers of type int64, got " + target.dtype()
                    + "; convert them with to(DType.INT64)");
        }
        Tensor scores = single ? input.unsqueeze(0) : input;
        Tensor classes = target.reshape(-1, 1);
        Tensor distance = scores.sub(scores.gather(1, classes)).add(margin).relu(); // (N, C), no gradient at 0
        Tensor terms = p == 1 ? distance : distance.square();
        if (weight != null) {
            terms = terms.mul(weight.take(classes));
        }
        Tensor others = terms.scatter(1, classes, Scalar.of(0L));
        Tensor loss = others.sum(new int[] {1}, false).div((double) input.size(-1));
        return reduce(
                op,
                single && target.dim() == 0 || reduction.equals("none") && single ? loss.squeeze(0) : loss,
                reduction);
    }

    private static Tensor reduce(String op, Tensor loss, String reduction) {
        return switch (reduction) {
            case "mean" -> loss.mean();
            case "sum" -> loss.sum();
            case "none" -> loss;
            default ->
                throw new ArgumentException(
                        "[" + op + "] expected reduction mean, sum or none, got '" + reduction + "'");
        };
    }
}
