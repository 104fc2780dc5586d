package dev.jangada.capture;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Operand;
import dev.jangada.ops.Access;
import dev.jangada.ops.ThreadState;
import java.util.Arrays;
import java.util.BitSet;

/** What a run must have in common with a trace, as far as arguments and modes go. */
final class Signature {
    /** A tensor argument. */
    private record TensorLike(Shape shape, DType dtype, Backend backend, long[] strides, boolean requiresGrad) {
        static TensorLike of(Tensor t) {
            Operand o = Access.operand(t);
            return new TensorLike(
                    o.layout().shape(),
                    o.dtype(),
                    o.storage().backend(),
                    o.layout().strides(),
                    t.requiresGrad());
        }

        boolean fits(Tensor t) {
            Operand o = Access.operand(t);
            return o.dtype() == dtype
                    && o.layout().shape().equals(shape)
                    && o.storage().backend() == backend
                    && t.requiresGrad() == requiresGrad
                    && sameStrides(o);
        }

        private boolean sameStrides(Operand o) {
            for (int i = 0; i < strides.length; i++) {
                if (shape.size(i) != 1 && o.layout().stride(i) != strides[i]) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public String toString() {
            return dtype + shape.toString() + " on " + backend.device() + " strides " + Arrays.toString(strides)
                    + (requiresGrad ? ", with gradient" : "");
        }
    }

    private final Object[] arguments;
    private final BitSet read;
    private final boolean grad;
    private final boolean inference;

    private Signature(Object[] arguments, BitSet read, boolean grad, boolean inference) {
        this.arguments = arguments;
        this.read = read;
        this.grad = grad;
        this.inference = inference;
    }

    /** Returns the signature of a run. */
    static Signature of(Object[] values, ThreadState thread) {
        Object[] kinds = values.clone();
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = values[i] instanceof Tensor t ? TensorLike.of(t) : values[i];
        }
        return new Signature(kinds, new BitSet(), thread.gradEnabled, thread.inference);
    }

    /** Returns the signature in which only these plain arguments count. */
    Signature reading(BitSet which) {
        return new Signature(arguments, which, grad, inference);
    }

    /** Tells whether a run has this signature. */
    boolean fits(Object[] values, ThreadState thread) {
        if (values.length != arguments.length || grad != thread.gradEnabled || inference != thread.inference) {
            return false;
        }
        for (int i = 0; i < values.length; i++) {
            if (!fits(i, values[i])) {
                return false;
            }
        }
        return true;
    }

    private boolean fits(int i, Object value) {
        if (arguments[i] instanceof TensorLike like) {
            return value instanceof Tensor t && like.fits(t);
        }
        return !(value instanceof Tensor) && (!read.get(i) || value.equals(arguments[i]));
    }

    /** Returns what differs, in words; the run does not fit. */
    String difference(Object[] values, ThreadState thread) {
        if (values.length != arguments.length) {
            return "number of arguments: " + arguments.length + ", now " + values.length;
        }
        if (grad != thread.gradEnabled || inference != thread.inference) {
            return "gradient mode: recording " + (grad ? "on" : "off") + (inference ? " (inference)" : "") + ", now "
                    + (thread.gradEnabled ? "on" : "off") + (thread.inference ? " (inference)" : "");
        }
        for (int i = 0; i < values.length; i++) {
            if (!fits(i, values[i])) {
                return "argument " + i + ": " + arguments[i] + ", now "
                        + (values[i] instanceof Tensor t ? TensorLike.of(t) : values[i]);
            }
        }
        return "nothing";
    }
}
