package dev.jangada.ops;

import static dev.jangada.ops.ElementwiseOp.Result.FLOAT;

import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Op;

/**
 * Functions of the gamma family and the inverse of the error function, written as expressions in float64 whatever the tensor's type is.
 *
 * <p>Where an expression has two sides, the side that is not taken computes with a harmless argument, so that no infinite derivative of it
 * reaches the result.
 */
public final class Special {
    /** Arguments are moved above this, where the asymptotic series are exact to the last bits. */
    private static final int SHIFT = 8;

    /** Coefficients of {@code y^-1, y^-3, ..} in Stirling's series. */
    private static final double[] STIRLING = {
        1 / 12.0, -1 / 360.0, 1 / 1260.0, -1 / 1680.0, 1 / 1188.0, -691 / 360360.0, 1 / 156.0, -3617 / 122400.0
    };

    /** Coefficients of {@code y^-2, y^-4, ..} in the derivative of Stirling's series, negated. */
    private static final double[] DERIVED = {
        1 / 12.0, -1 / 120.0, 1 / 252.0, -1 / 240.0, 1 / 132.0, -691 / 32760.0, 1 / 12.0, -3617 / 8160.0
    };

    private static final ElementwiseOp DIGAMMA = ElementwiseOp.of("Digamma", 1, 0, FLOAT, (x, p) -> digamma(x[0]));

    private static final ElementwiseOp LGAMMA =
            ElementwiseOp.of("Lgamma", 1, 0, FLOAT, (x, p) -> lgamma(x[0]), (g, x, y, p) -> g.mul(digamma(x[0])));

    private static final ElementwiseOp ERFINV = ElementwiseOp.of(
            "Erfinv",
            1,
            0,
            FLOAT,
            (x, p) -> erfinv(x[0]),
            (g, x, y, p) -> g.mul(y.mul(y).exp()).mul(Math.sqrt(Math.PI) / 2));

    private Special() {}

    private static Expr constant(double value) {
        return Expr.constant(value, DType.FLOAT64);
    }

    /** {@code c0 z + c1 z^3 ..} for {@code start = z}, or {@code c0 z^2 + c1 z^4 ..} for {@code start = z^2}. */
    private static Expr series(double[] c, Expr start, Expr square) {
        Expr sum = constant(c[c.length - 1]);
        for (int i = c.length - 2; i >= 0; i--) {
            sum = sum.mul(square).add(c[i]);
        }
        return sum.mul(start);
    }

    private static Expr digamma(Expr in) {
        Expr x = in.cast(DType.FLOAT64);
        Expr negative = x.lt(0);
        Expr at = Expr.select(negative, x.neg().add(1), x);
        Expr harmonic = constant(0);
        for (int i = 0; i < SHIFT; i++) {
            harmonic = harmonic.add(at.add(i).reciprocal());
        }
        Expr y = at.add(SHIFT);
        Expr square = y.mul(y).reciprocal();
        Expr main = y.log()
                .sub(y.reciprocal().mul(0.5))
                .sub(series(DERIVED, square, square))
                .sub(harmonic);
        Expr inside = Expr.select(negative, x, constant(-0.5));
        Expr angle = inside.sub(inside.unary(Op.TRUNC)).mul(Math.PI);
        Expr reflected = main.sub(constant(Math.PI).div(angle.unary(Op.TAN)));
        Expr pole = constant(Double.POSITIVE_INFINITY).binary(Op.COPYSIGN, x.neg());
        Expr whole = angle.eq(0).or(x.eq(Double.NEGATIVE_INFINITY));
        Expr left = Expr.select(whole, constant(Double.NaN), reflected);
        return Expr.select(x.eq(0), pole, Expr.select(negative, left, main)).cast(in.type());
    }

    private static Expr lgamma(Expr in) {
        Expr x = in.cast(DType.FLOAT64);
        Expr negative = x.lt(0);
        Expr at = Expr.select(negative, x.neg().add(1), x);
        Expr small = at.lt(SHIFT);
        Expr y = Expr.select(small, at.add(SHIFT), at);
        Expr low = Expr.select(small, at, constant(1));
        Expr product = low;
        for (int i = 1; i < SHIFT; i++) {
            product = product.mul(low.add(i));
        }
        Expr z = y.reciprocal();
        Expr stirling = y.sub(0.5)
                .mul(y.log().sub(1))
                .add(0.5 * Math.log(2 * Math.PI) - 0.5)
                .add(series(STIRLING, z, z.mul(z)));
        Expr main = Expr.select(small, stirling.sub(product.log()), stirling);
        Expr root = at.eq(1).or(at.eq(2)); // exactly 0 there
        main = Expr.select(root, constant(0), main);
        Expr sine = x.sub(x.unary(Op.ROUND)).mul(Math.PI).sin().abs();
        Expr reflected = constant(Math.PI).div(sine).log().sub(main);
        Expr infinite = x.abs().eq(Double.POSITIVE_INFINITY);
        Expr finite = Expr.select(negative, reflected, main);
        return Expr.select(infinite, constant(Double.POSITIVE_INFINITY), finite).cast(in.type());
    }

    /** Two steps of Halley's method from an approximation that is good to three digits (S. Winitzki, 2008). */
    private static Expr erfinv(Expr in) {
        Expr x = in.cast(DType.FLOAT64);
        Expr a = x.abs();
        double c = 0.147;
        Expr logarithm = a.neg().add(1).mul(a.add(1)).log();
        Expr b = logarithm.mul(0.5).add(2 / (Math.PI * c));
        Expr y = b.mul(b).sub(logarithm.div(constant(c))).sqrt().sub(b).max(0).sqrt();
        for (int i = 0; i < 2; i++) {
            Expr low = y.unary(Op.ERF).sub(a);
            Expr high = a.neg().add(1).sub(y.unary(Op.ERFC)); // exact where erf is near 1
            Expr step =
                    Expr.select(a.lt(0.5), low, high).div(y.mul(y).neg().exp().mul(2 / Math.sqrt(Math.PI)));
            y = y.sub(step.div(y.mul(step).add(1)));
        }
        y = Expr.select(a.eq(1), constant(Double.POSITIVE_INFINITY), y);
        return y.binary(Op.COPYSIGN, x).cast(in.type());
    }

    /** The logarithmic derivative of the gamma function. */
    public static Tensor digamma(Tensor x) {
        return Elementwise.apply(DIGAMMA, x);
    }

    /** The logarithm of the magnitude of the gamma function. */
    public static Tensor lgamma(Tensor x) {
        return Elementwise.apply(LGAMMA, x);
    }

    /** The inverse of the error function. */
    public static Tensor erfinv(Tensor x) {
        return Elementwise.apply(ERFINV, x);
    }
}
