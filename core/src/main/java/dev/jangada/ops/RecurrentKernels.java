package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import java.util.Arrays;
import java.util.Collections;

/** What recurrent layers share: their kernels per element type, and the matrices that these read and write. */
final class RecurrentKernels {
    private static final long[] NO_SCALARS = {};

    private RecurrentKernels() {}

    /** What is computed for one element from operands of one type. */
    @FunctionalInterface
    interface Formula {
        Expr[] apply(Expr[] x);
    }

    /** Returns the kernel of a formula for each floating point type; computed in float32 or wider. */
    static MapKernel[] of(String name, int inputs, Formula formula) {
        MapKernel[] kernels = new MapKernel[DType.values().length];
        for (DType type : DType.values()) {
            if (type.isFloatingPoint()) {
                Expr[] x = new Expr[inputs];
                for (int i = 0; i < inputs; i++) {
                    x[i] = Expr.input(i, type).cast(type.compute());
                }
                Expr[] y = formula.apply(x);
                for (int i = 0; i < y.length; i++) {
                    y[i] = y[i].cast(type);
                }
                kernels[type.ordinal()] =
                        new MapKernel(name, Program.of(Collections.nCopies(inputs, type), java.util.List.of(), y));
            }
        }
        return kernels;
    }

    static void run(MapKernel[] kernels, Operand[] outs, Operand... ins) {
        Executor.current().map(kernels[outs[0].dtype().ordinal()], outs, ins, NO_SCALARS);
    }

    /** Returns {@code y * (1 - y)}, the derivative of a sigmoid whose value is {@code y}. */
    static Expr sigmoidSlope(Expr y) {
        return y.mul(y.neg().add(1));
    }

    /** Returns {@code 1 - y^2}, the derivative of a tanh whose value is {@code y}. */
    static Expr tanhSlope(Expr y) {
        return y.square().neg().add(1);
    }

    /** Computes {@code out = a @ b + beta * out} of matrices. */
    static void product(Operand out, Operand a, Operand b, double beta) {
        Executor.current().matmul(batch(out), batch(a), batch(b), 1, beta);
    }

    /** Computes {@code out = epilogue(a @ b, extra)} of matrices. */
    static void product(Operand out, Operand a, Operand b, MapKernel[] epilogue, Operand extra) {
        MapKernel kernel = epilogue[out.dtype().ordinal()];
        Operand[] outs = {batch(out)};
        Executor.current().matmul(outs, batch(a), batch(b), 1, kernel, new Operand[] {batch(extra)}, NO_SCALARS);
    }

    private static Operand batch(Operand matrix) {
        return matrix.with(matrix.layout().unsqueeze(0));
    }

    static Operand transposed(Tensor matrix) {
        Operand o = Access.operand(matrix);
        return o.with(o.layout().transpose(0, 1));
    }

    /** Returns one gate's columns. */
    static Operand gate(Operand gates, int number, int count) {
        long features = gates.layout().size(1) / count;
        return gates.with(gates.layout().slice(1, number * features, features, 1));
    }

    /** Returns the columns of each gate. */
    static Operand[] gates(Operand gates, int count) {
        Operand[] out = new Operand[count];
        Arrays.setAll(out, i -> gate(gates, i, count));
        return out;
    }

    /** Returns a new matrix of the type and on the device of another one. */
    static Tensor matrix(Tensor like, long rows, long columns) {
        return Access.wrap(Executor.current()
                .allocate(
                        like.dtype(),
                        Shape.of(rows, columns),
                        Access.operand(like).storage().backend()));
    }

    /** Returns a copy of a gradient that may be changed, zeros for null. */
    static Tensor gradient(Tensor grad, Tensor like, long rows, long columns) {
        return grad == null ? zeros(like, rows, columns) : StateTrace.copy(Access.operand(grad));
    }

    static Tensor zeros(Tensor like, long rows, long columns) {
        return Creation.full(Shape.of(rows, columns), 0.0, like.dtype(), like.device());
    }

    /** Returns the gradient of all rows; for null zeros that need no memory. */
    static Operand gradientRows(Tensor grad, Tensor like, long rows, long columns) {
        if (grad != null) {
            return Access.operand(grad);
        }
        Operand zero = Access.operand(zeros(like, 1, 1));
        return zero.with(zero.layout().expand(Shape.of(rows, columns)));
    }
}
