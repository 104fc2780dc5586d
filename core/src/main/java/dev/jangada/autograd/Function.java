package dev.jangada.autograd;

import dev.jangada.AutogradException;
import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.ops.Access;
import dev.jangada.ops.Creation;
import dev.jangada.ops.Saved;
import dev.jangada.ops.Tape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * An operation with a gradient of its own.
 *
 * <p>{@code forward} runs without recording; {@code backward} is recorded when higher derivatives are asked for.
 *
 * <pre>{@code
 * final class Cube extends Function {
 *     protected Tensor[] forward(Context ctx, Tensor... in) {
 *         ctx.saveForBackward(in[0]);
 *         return new Tensor[] {in[0].pow(3)};
 *     }
 *     protected Tensor[] backward(Context ctx, Tensor... grads) {
 *         return new Tensor[] {grads[0].mul(ctx.saved(0).square().mul(3))};
 *     }
 * }
 * Tensor y = new Cube().apply(x)[0];
 * }</pre>
 *
 * <p>Source: PyTorch {@code torch.autograd.Function}.
 */
public abstract class Function {
    /** Creates the operation; it may be applied any number of times. */
    protected Function() {}

    /** What one application carries from its forward to its backward pass. */
    public static final class Context {
        private final Map<String, Object> values = new HashMap<>();
        private final Map<Tensor, Boolean> constant = new IdentityHashMap<>();
        private Tensor[] toSave = {};
        private boolean[] needed = {};
        private Saved[] saved = {};
        private FunctionNode node;

        private Context() {}

        /** Keeps inputs or results for the backward pass; call it once, in forward. */
        public void saveForBackward(Tensor... tensors) {
            toSave = tensors.clone();
        }

        /**
         * Returns a kept tensor, in backward.
         *
         * @throws AutogradException if it was changed in place since, or the graph was already used
         */
        public Tensor saved(int i) {
            return saved[i].get(node);
        }

        /** Keeps a value that is no tensor. */
        public void put(String name, Object value) {
            values.put(name, value);
        }

        /** Returns a value that was kept. */
        public <T> T get(String name, Class<T> type) {
            return type.cast(values.get(name));
        }

        /** Tells whether the gradient of input {@code i} is asked for. */
        public boolean needsInputGrad(int i) {
            return needed[i];
        }

        /** Says that results have no gradient; integer results never have one. */
        public void markNonDifferentiable(Tensor... results) {
            for (Tensor t : results) {
                constant.put(t, true);
            }
        }
    }

    private record Meta(Shape shape, DType dtype, Device device) {}

    private static final class FunctionNode extends Node {
        private final Function function;
        private final Context context;
        private final List<Meta> results = new ArrayList<>();

        FunctionNode(Function function, Context context, Edge[] next) {
            super(function.getClass().getSimpleName() + "Backward", next);
            this.function = function;
            this.context = context;
        }

        @Override
        protected Tensor[] backward(Tensor[] grads, boolean[] needed) {
            Tensor[] full = new Tensor[grads.length];
            for (int i = 0; i < full.length; i++) {
                Meta m = results.get(i);
                full[i] = grads[i] != null ? grads[i] : Creation.full(m.shape, 0.0, m.dtype, m.device);
            }
            context.needed = needed;
            Tensor[] out = function.backward(context, full);
            if (out.length != needed.length) {
                throw new AutogradException("[" + name() + "] expected one gradient per input, " + needed.length
                        + ", got " + out.length + "; return null for an input without a gradient");
            }
            return out;
        }

        @Override
        protected void release() {
            for (Saved s : context.saved) {
                s.release();
            }
        }
    }

    /**
     * Computes the results.
     *
     * @param context keeps what backward needs
     * @param inputs the tensors given to {@link #apply}
     */
    protected abstract Tensor[] forward(Context context, Tensor... inputs);

    /**
     * Computes the gradients of the inputs.
     *
     * @param context what forward has kept
     * @param grads gradients of the results, never null
     * @return one gradient per input, of its shape; null for none
     */
    protected abstract Tensor[] backward(Context context, Tensor... grads);

    /** Applies the operation and records it if a gradient of an input may be asked for. */
    public final Tensor[] apply(Tensor... inputs) {
        Context context = new Context();
        boolean record = Tape.needed(inputs);
        context.needed = new boolean[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            context.needed[i] = record && inputs[i].requiresGrad();
        }
        Tensor[] raw;
        try (Autograd.Mode off = Autograd.noGrad()) {
            raw = forward(context, inputs);
        }
        Tensor[] results = raw.clone();
        for (int i = 0; i < results.length; i++) {
            for (Tensor in : inputs) {
                results[i] = results[i] == in ? Access.alias(Access.operand(in)) : results[i];
            }
        }
        if (record) {
            record(context, inputs, raw, results);
        }
        return results;
    }

    private void record(Context context, Tensor[] inputs, Tensor[] raw, Tensor[] results) {
        Node.Edge[] next = new Node.Edge[inputs.length];
        for (int i = 0; i < next.length; i++) {
            next[i] = Autograd.edge(inputs[i]);
        }
        FunctionNode node = new FunctionNode(this, context, next);
        context.node = node;
        Saved[] saved = new Saved[context.toSave.length];
        for (int i = 0; i < saved.length; i++) {
            saved[i] = save(context.toSave[i], inputs, raw);
        }
        context.saved = saved;
        context.toSave = new Tensor[0];
        for (int i = 0; i < results.length; i++) {
            Tensor t = results[i];
            node.results.add(new Meta(t.shape(), t.dtype(), t.device()));
            if (t.dtype().isFloatingPoint() && !context.constant.containsKey(raw[i])) {
                Autograd.connectNew(t, node);
            } else {
                node.addOutput(t);
            }
        }
    }

    private static Saved save(Tensor t, Tensor[] inputs, Tensor[] results) {
        for (Tensor in : inputs) {
            if (in == t) {
                return Saved.input(t);
            }
        }
        for (int i = 0; i < results.length; i++) {
            if (results[i] == t) {
                return Saved.output(t, i);
            }
        }
        return Saved.input(t);
    }
}
