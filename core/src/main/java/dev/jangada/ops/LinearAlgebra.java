package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import java.util.List;

/**
 * The matrix products: {@code matmul} and its forms of fixed rank, {@code addmm} and its kin, {@code linear}.
 *
 * <p>Operands have one type. Gradients are products with transposed views.
 */
public final class LinearAlgebra {
    private static final int TYPES = DType.values().length;
    /** {@code product + x}. */
    private static final MapKernel[] PLUS = new MapKernel[TYPES];
    /** {@code product + beta * x}. */
    private static final MapKernel[] PLUS_SCALED = new MapKernel[TYPES];

    static {
        for (DType t : DType.values()) {
            DType c = t.compute();
            Expr product = Expr.input(0, t).cast(c);
            Expr x = Expr.input(1, t).cast(c);
            PLUS[t.ordinal()] = new MapKernel(
                    "addmm", Program.of(List.of(t, t), List.of(), product.add(x).cast(t)));
            DType s = ElementwiseOp.carrier(t);
            PLUS_SCALED[t.ordinal()] = new MapKernel(
                    "addmm",
                    Program.of(
                            List.of(t, t),
                            List.of(s),
                            product.add(Expr.scalar(0, s).cast(c).mul(x)).cast(t)));
        }
    }

    private LinearAlgebra() {}

    // ---- products

    /** The matrix product of two tensors of any rank above 0; batch dimensions broadcast. */
    public static Tensor matmul(Tensor a, Tensor b) {
        MatrixProducts.check("matmul", a, b);
        return product("matmul", nodeName(a.dim(), b.dim()), a, b, 1);
    }

    private static String nodeName(int a, int b) {
        if (a == 1 && b == 1) {
            return "DotBackward0";
        }
        if (a == 2 && b == 2) {
            return "MmBackward0";
        }
        if (a == 2 && b == 1) {
            return "MvBackward0";
        }
        return a == 1 && b == 2 ? "SqueezeBackward1" : a == 3 && b == 3 ? "BmmBackward0" : "UnsafeViewBackward0";
    }

    /** {@code alpha * a @ b}, recorded; the operands are checked. */
    private static Tensor product(String op, String node, Tensor a, Tensor b, double alpha) {
        Tensor result = MatrixProducts.run(op, a, b, alpha);
        if (!Tape.needed(a, b)) {
            return result;
        }
        Tensor[] both = {a, b};
        return Tape.attach(node, result, both, both, (g, s, needed) -> new Tensor[] {
            needed[0] ? gradientOfLeft(g[0], s[0], s[1], alpha) : null,
            needed[1] ? gradientOfRight(g[0], s[0], s[1], alpha) : null
        });
    }

    private static Tensor scaled(Tensor a, Tensor b, double alpha) {
        return product("matmul", nodeName(a.dim(), b.dim()), a, b, alpha);
    }

    private static Tensor transposed(Tensor t) {
        return Movement.transpose(t, -2, -1);
    }

    /** The gradient of a product with the dimensions that its vectors lack. */
    private static Tensor asMatrix(Tensor g, Tensor a, Tensor b) {
        Tensor out = b.dim() == 1 ? g.unsqueeze(-1) : g;
        return a.dim() == 1 ? out.unsqueeze(-2) : out;
    }

    private static Tensor gradientOfLeft(Tensor g, Tensor a, Tensor b, double alpha) {
        if (a.dim() == 2 && b.dim() == 2) {
            return scaled(g, transposed(b), alpha);
        }
        Tensor right = b.dim() == 1 ? b.unsqueeze(1) : b;
        Tensor out = scaled(asMatrix(g, a, b), transposed(right), alpha);
        Shape wide = a.dim() == 1 ? Shape.of(1, a.size(0)) : a.shape();
        return Shapes.sumTo(out, wide).reshape(a.shape().toArray());
    }

    private static Tensor gradientOfRight(Tensor g, Tensor a, Tensor b, double alpha) {
        if (a.dim() == 2 && b.dim() == 2) {
            return scaled(transposed(a), g, alpha);
        }
        Tensor left = a.dim() == 1 ? a.unsqueeze(0) : a;
        Tensor grad = asMatrix(g, a, b);
        if (b.dim() <= 2 && left.dim() > 2 && left.numel() > 0) {
            left = flat(left); // (batch * rows, inner)
            grad = flat(grad); // (batch * rows, columns)
        }
        if (left.dim() == 2 && grad.dim() == 2) {
            return scaled(transposed(left), grad, alpha).reshape(b.shape().toArray());
        }
        Tensor out = scaled(transposed(left), grad, alpha);
        Shape wide = b.dim() == 1 ? Shape.of(b.size(0), 1) : b.shape();
        return Shapes.sumTo(out, wide).reshape(b.shape().toArray());
    }

    private static void rank(String op, Tensor t, int rank, String what) {
        if (t.dim() != rank) {
            Checks.shape(false, op, "expected " + what + " of " + rank + " dimensions, got shape " + t.shape());
        }
    }

    /** The product of two matrices; no broadcasting. */
    public static Tensor mm(Tensor a, Tensor b) {
        rank("mm", a, 2, "a matrix");
        rank("mm", b, 2, "a matrix");
        MatrixProducts.check("mm", a, b);
        return product("mm", "MmBackward0", a, b, 1);
    }

    private static void checkBatches(String op, Tensor a, Tensor b) {
        rank(op, a, 3, "a batch of matrices");
        rank(op, b, 3, "a batch of matrices");
        Checks.shape(
                a.size(0) == b.size(0),
                op,
                "expected batches of one size, got a=" + a.shape() + " and b=" + b.shape()
                        + "; use matmul, which broadcasts");
        MatrixProducts.check(op, a, b);
    }

    /** The products of two batches of matrices; no broadcasting. */
    public static Tensor bmm(Tensor a, Tensor b) {
        checkBatches("bmm", a, b);
        return product("bmm", "BmmBackward0", a, b, 1);
    }

    /** The product of a matrix and a vector. */
    public static Tensor mv(Tensor a, Tensor b) {
        rank("mv", a, 2, "a matrix");
        rank("mv", b, 1, "a vector");
        MatrixProducts.check("mv", a, b);
        return product("mv", "MvBackward0", a, b, 1);
    }

    /** The inner product of two vectors. */
    public static Tensor dot(Tensor a, Tensor b) {
        rank("dot", a, 1, "a vector");
        rank("dot", b, 1, "a vector");
        MatrixProducts.check("dot", a, b);
        return product("dot", "DotBackward0", a, b, 1);
    }

    /** The outer product of two vectors; types are promoted. */
    public static Tensor outer(Tensor a, Tensor b) {
        rank("outer", a, 1, "a vector");
        rank("outer", b, 1, "a vector");
        return a.unsqueeze(1).mul(b);
    }

    // ---- products that are added to something

    /** {@code beta * input + alpha * a @ b} of matrices; {@code beta} 0 ignores the input, NaN too. */
    public static Tensor addmm(Tensor input, Tensor a, Tensor b, Scalar beta, Scalar alpha) {
        rank("addmm", a, 2, "a matrix");
        rank("addmm", b, 2, "a matrix");
        return plus("addmm", "AddmmBackward0", input, a, b, beta, alpha);
    }

    /** {@code beta * input + alpha * a @ b} of a matrix and a vector. */
    public static Tensor addmv(Tensor input, Tensor a, Tensor b, Scalar beta, Scalar alpha) {
        rank("addmv", a, 2, "a matrix");
        rank("addmv", b, 1, "a vector");
        return plus("addmv", "AddmvBackward0", input, a, b, beta, alpha);
    }

    /** {@code beta * input + alpha * a @ b} of batches of matrices. */
    public static Tensor baddbmm(Tensor input, Tensor a, Tensor b, Scalar beta, Scalar alpha) {
        checkBatches("baddbmm", a, b);
        return plus("baddbmm", "BaddbmmBackward0", input, a, b, beta, alpha);
    }

    /** {@code beta * input + alpha * outer(a, b)}. */
    public static Tensor addr(Tensor input, Tensor a, Tensor b, Scalar beta, Scalar alpha) {
        rank("addr", a, 1, "a vector");
        rank("addr", b, 1, "a vector");
        return plus("addr", "AddrBackward0", input, a.unsqueeze(1), b.unsqueeze(0), beta, alpha);
    }

    private static Tensor plus(String op, String node, Tensor input, Tensor a, Tensor b, Scalar beta, Scalar alpha) {
        MatrixProducts.check(op, a, b);
        MatrixProducts.sameType(op, a, input);
        Checks.dtype(
                a.dtype().isFloatingPoint() || (alpha.dtype() != DType.FLOAT64 && beta.dtype() != DType.FLOAT64),
                op,
                "expected integers as alpha and beta for tensors of type " + a.dtype() + ", got " + alpha + " and "
                        + beta);
        double scale = alpha.toDouble();
        double keep = beta.toDouble();
        Tensor result;
        Shape shape = MatrixProducts.resultShape(op, a, b);
        Operand[] extra = {stretched(op, input, shape)};
        if (keep == 0) {
            Checks.sameDevice(op, Access.operand(a), extra[0]);
            result = MatrixProducts.run(op, a, b, scale);
        } else if (keep == 1) {
            result = MatrixProducts.run(op, a, b, scale, PLUS[a.dtype().ordinal()], extra, new long[0]);
        } else {
            long[] scalars = {Elementwise.bits(beta, a.dtype())};
            result = MatrixProducts.run(op, a, b, scale, PLUS_SCALED[a.dtype().ordinal()], extra, scalars);
        }
        Tensor[] inputs = {input, a, b};
        if (!Tape.needed(inputs)) {
            return result;
        }
        Shape from = input.shape();
        return Tape.attach(node, result, inputs, new Tensor[] {a, b}, (g, s, needed) -> new Tensor[] {
            needed[0] ? Shapes.sumTo(keep == 1 ? g[0] : g[0].mul(keep), from) : null,
            needed[1] ? gradientOfLeft(g[0], s[0], s[1], scale) : null,
            needed[2] ? gradientOfRight(g[0], s[0], s[1], scale) : null
        });
    }

    private static Operand stretched(String op, Tensor input, Shape shape) {
        Operand o = Access.operand(input);
        Shape both = Shape.broadcast(op, input.shape(), shape);
        Checks.shape(
                both.equals(shape),
                op,
                "expected an input that broadcasts to the product's shape " + shape + ", got " + input.shape());
        return o.with(o.layout().expand(shape));
    }

    // ---- linear

    /** {@code input @ weight^T + bias} as one matrix product with the bias as its epilogue. */
    public static Tensor linear(Tensor input, Tensor weight, Tensor bias) {
        if (weight.dim() != 2 || bias.dim() > 1) {
            return linear(input, weight).add(bias);
        }
        checkLinear(input, weight);
        MatrixProducts.sameType("linear", input, bias);
        Tensor x = input.dim() > 2 ? rows(input) : input;
        Tensor result = affine(x, weight, bias);
        if (!Tape.needed(input, weight, bias)) {
            return result;
        }
        Tensor[] inputs = {input, weight, bias};
        String node = input.dim() == 2 ? "AddmmBackward0" : "AddBackward0";
        return Tape.attach(node, result, inputs, new Tensor[] {input, weight}, (g, s, needed) -> new Tensor[] {
            needed[0] ? inputGradient(g[0], s[1]) : null,
            needed[1] ? weightGradient(g[0], s[0]) : null,
            needed[2] ? biasGradient(g[0]) : null
        });
    }

    private static Tensor affine(Tensor x, Tensor weight, Tensor bias) {
        Operand w = Access.operand(weight);
        Tensor flipped = Access.alias(w.with(w.layout().transpose(0, 1)));
        try {
            Shape shape = MatrixProducts.resultShape("linear", x, flipped);
            Operand[] extra = {stretched("linear", bias, shape)};
            return MatrixProducts.run("linear", x, flipped, 1, PLUS[x.dtype().ordinal()], extra, new long[0]);
        } finally {
            flipped.close();
        }
    }

    /** {@code input @ weight^T}. */
    public static Tensor linear(Tensor input, Tensor weight) {
        if (weight.dim() != 2) {
            Checks.shape(weight.dim() == 1, "linear", "expected a weight [out, in] or [in], got " + weight.shape());
            return matmul(input, weight);
        }
        checkLinear(input, weight);
        Operand w = Access.operand(weight);
        Tensor flipped = Access.alias(w.with(w.layout().transpose(0, 1)));
        Tensor result = MatrixProducts.run("linear", rows(input), flipped, 1);
        flipped.close();
        if (!Tape.needed(input, weight)) {
            return result;
        }
        Tensor[] inputs = {input, weight};
        String node = input.dim() == 2 ? "MmBackward0" : input.dim() == 1 ? "SqueezeBackward3" : "UnsafeViewBackward0";
        return Tape.attach(node, result, inputs, inputs, (g, s, needed) -> new Tensor[] {
            needed[0] ? inputGradient(g[0], s[1]) : null, needed[1] ? weightGradient(g[0], s[0]) : null
        });
    }

    /** A batch whose rows lie at one stride, so that it is one matrix product; a copy if they do not. */
    private static Tensor rows(Tensor input) {
        if (input.dim() <= 2 || input.isContiguous()) {
            return input;
        }
        try (Tape.Pause off = Tape.paused()) {
            return input.contiguous();
        }
    }

    private static void checkLinear(Tensor input, Tensor weight) {
        if (input.dim() == 0 || input.size(-1) != weight.size(1)) {
            Checks.shape(
                    false,
                    "linear",
                    "expected input.shape[-1] == weight.shape[1], got input=" + input.shape() + " and weight="
                            + weight.shape() + "; the weight has shape [out, in]");
        }
        MatrixProducts.sameType("linear", input, weight);
    }

    private static Tensor inputGradient(Tensor g, Tensor weight) {
        return matmul(g, weight);
    }

    /** {@code g^T @ x}, which gives the weight's own layout. */
    private static Tensor weightGradient(Tensor g, Tensor x) {
        return matmul(transposed(flat(g)), flat(x)); // (out, rows) @ (rows, in)
    }

    /** All dimensions but the last as one. */
    private static Tensor flat(Tensor t) {
        if (t.dim() == 2) {
            return t;
        }
        long rows = 1;
        for (int i = 0; i < t.dim() - 1; i++) {
            rows *= t.size(i);
        }
        return t.reshape(rows, t.size(-1));
    }

    private static Tensor biasGradient(Tensor g) {
        if (g.dim() == 1) {
            return g;
        }
        int[] dims = new int[g.dim() - 1];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = i;
        }
        return g.sum(dims, false);
    }
}
