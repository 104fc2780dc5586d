package dev.jangada;

import dev.jangada.kernel.Expr;
import dev.jangada.ops.Elementwise;
import dev.jangada.ops.ElementwiseOp;
import java.util.Objects;

/**
 * An element-wise operation written by the user as an expression: one kernel on every backend, with a derived gradient.
 *
 * <pre>{@code
 * static final Fused SWISH = Fused.of("Swish", 1, 1, (x, s) -> x[0].mul(x[0].mul(s[0]).sigmoid()));
 * Tensor y = SWISH.apply(new Tensor[] {x}, 1.5);        // y = x * sigmoid(1.5 * x)
 * }</pre>
 *
 * <p>Operands broadcast against each other and are promoted to a common floating point type, in which the expression is computed (half
 * types in float32). Scalars are run-time values: another value compiles nothing. Make one object per operation and keep it, best in a
 * static field: the kernels belong to it.
 */
public final class Fused {
    /** What is computed for one element. */
    @FunctionalInterface
    public interface Body {
        /** Returns the result for operands {@code x} and scalars {@code s}, all of one floating point type. */
        Expr apply(Expr[] x, Expr[] s);
    }

    /** With the gradient and the result, the 14 operands whose types fit into the key of a kernel. */
    private static final int MAX_INPUTS = 12;

    private final String name;
    private final ElementwiseOp op;
    private final int inputs;
    private final int scalars;

    private Fused(String name, ElementwiseOp op, int inputs, int scalars) {
        this.name = name;
        this.op = op;
        this.inputs = inputs;
        this.scalars = scalars;
    }

    /**
     * Returns an operation.
     *
     * @param name shown in profiles; the graph node is called {@code <name>Backward0}
     * @param inputs number of tensors, 1 to 12
     * @param scalars number of run-time scalars
     * @param body what is computed for one element; called once per combination of types, and for the gradients
     */
    public static Fused of(String name, int inputs, int scalars, Body body) {
        Objects.requireNonNull(body, "body is null");
        if (inputs < 1 || inputs > MAX_INPUTS || scalars < 0) {
            throw new ArgumentException("[" + name + "] expected 1 to " + MAX_INPUTS
                    + " inputs and no negative number of scalars, got " + inputs + " and " + scalars);
        }
        return new Fused(
                name,
                ElementwiseOp.of(name, inputs, scalars, ElementwiseOp.Result.FLOAT, body::apply),
                inputs,
                scalars);
    }

    /** Returns the result for tensors, without scalars. */
    public Tensor apply(Tensor... x) {
        return apply(x, new double[0]);
    }

    /**
     * Returns the result.
     *
     * @param x the tensors; they broadcast
     * @param s the scalars
     * @throws ArgumentException if the numbers of tensors or scalars are not those of the operation
     */
    public Tensor apply(Tensor[] x, double... s) {
        if (x.length != inputs || s.length != scalars) {
            throw new ArgumentException("[" + name + "] expected " + inputs + " tensors and " + scalars
                    + " scalars, got " + x.length + " and " + s.length);
        }
        Scalar[] params = new Scalar[s.length];
        for (int i = 0; i < s.length; i++) {
            params[i] = Scalar.of(s[i]);
        }
        return Elementwise.apply(op, x.clone(), params);
    }
}
