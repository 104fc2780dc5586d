package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.backend.Operand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Recurrent layers: one direction of one layer over packed sequences.
 *
 * <p>The input's part of the gates of all steps is one matrix product; each step is one more and one kernel. Backwards the gradients of the
 * gates of all steps are gathered, so that those of the weights are one product each, too. It is one node of the graph. Higher derivatives,
 * and layers with a projection, go through {@link #compose}, which says the same in differentiable operations.
 */
public final class Recurrence {
    /** What a layer computes in each step. */
    public enum Kind {
        /** {@code h = tanh(..)}. */
        RNN_TANH,
        /** {@code h = relu(..)}. */
        RNN_RELU,
        /** Gated recurrent units. */
        GRU,
        /** Long short-term memory; the states are h and c. */
        LSTM;

        private RecurrentCell cell() {
            return switch (this) {
                case RNN_TANH -> ElmanCell.TANH;
                case RNN_RELU -> ElmanCell.RELU;
                case GRU -> GruCell.INSTANCE;
                case LSTM -> LstmCell.INSTANCE;
            };
        }

        /** Returns the number of gates: how many times the hidden size the weights have as rows. */
        public int gates() {
            return cell().gates();
        }

        /** Returns the number of states. */
        public int states() {
            return this == LSTM ? 2 : 1;
        }
    }

    /** Where the weights lie in the list of inputs. */
    private record Places(int inputWeight, boolean biased, int projection) {
        static Places of(Kind kind, int weights) {
            boolean biased = weights >= 4;
            int first = 1 + kind.states();
            return new Places(first, biased, weights % 2 == 0 ? -1 : first + weights - 1);
        }
    }

    private Recurrence() {}

    /**
     * Returns the hidden state after each step, all rows, and the states of each sequence after its last step.
     *
     * @param op name for messages
     * @param x the inputs of all steps, {@code [rows, inputSize]}
     * @param states the initial states, each {@code [batch, size]}
     * @param weights of input and hidden state, then their biases if there are any, then the projection if there is one
     */
    public static Tensor[] run(
            String op, Kind kind, SequenceSteps steps, Tensor x, List<Tensor> states, List<Tensor> weights) {
        List<Tensor> all = new ArrayList<>();
        all.add(x);
        all.addAll(states);
        all.addAll(weights);
        Tensor[] inputs = all.toArray(new Tensor[0]);
        check(op, inputs);
        Places places = Places.of(kind, weights.size());
        checkShapes(op, kind, steps, inputs, places);
        if (places.projection >= 0) {
            return compose(kind.cell(), steps, inputs, places);
        }
        try (TensorScope scope = new TensorScope()) {
            RecurrentCell.Forward made;
            try (Tape.Pause off = Tape.paused()) {
                made = forward(kind.cell(), steps, inputs, places);
            }
            Tensor[] results = new Tensor[1 + made.last().length];
            results[0] = made.output();
            System.arraycopy(made.last(), 0, results, 1, made.last().length);
            if (Tape.needed(inputs)) {
                Tensor[] save = Arrays.copyOf(inputs, inputs.length + made.saved().length);
                System.arraycopy(made.saved(), 0, save, inputs.length, made.saved().length);
                Tape.attachAll(
                        kind.cell().node(),
                        results,
                        inputs,
                        save,
                        (g, s, needed) -> backward(kind.cell(), steps, places, g, s, needed));
            }
            for (Tensor t : results) {
                scope.keep(t);
            }
            return results;
        }
    }

    private static void check(String op, Tensor[] inputs) {
        Operand[] operands = new Operand[inputs.length];
        DType type = inputs[0].dtype();
        Checks.floating(op, inputs[0]);
        for (int i = 0; i < inputs.length; i++) {
            operands[i] = Access.operand(inputs[i]);
            if (operands[i].dtype() != type) {
                Checks.dtype(
                        false,
                        op,
                        "expected input, states and weights of one type, got " + type + " and " + operands[i].dtype()
                                + "; convert the input with to(DType), or the module");
            }
        }
        Checks.sameDevice(op, operands);
    }

    /** The steps call matrix products directly, so that parameters of other shapes, say by {@code setData}, must not get there. */
    private static void checkShapes(String op, Kind kind, SequenceSteps steps, Tensor[] inputs, Places places) {
        int w = places.inputWeight;
        long rows = inputs[w].dim() == 2 ? inputs[w].size(0) : 0;
        long hidden = rows / kind.gates();
        long features = places.projection >= 0 ? inputs[places.projection].size(0) : hidden;
        boolean fits = rows > 0
                && rows % kind.gates() == 0
                && is(inputs[0], steps.rows(), inputs[w].size(1))
                && is(inputs[w + 1], rows, features)
                && (!places.biased || is(inputs[w + 2], rows) && is(inputs[w + 3], rows))
                && (places.projection < 0 || is(inputs[places.projection], features, hidden))
                && is(inputs[1], steps.batch(), features)
                && (kind.states() == 1 || is(inputs[2], steps.batch(), hidden));
        if (!fits) {
            List<Shape> shapes = Arrays.stream(inputs).map(Tensor::shape).toList();
            Checks.shape(
                    false,
                    op,
                    "expected an input [rows, in], states [batch, H], weights [" + kind.gates() + " H, in] and ["
                            + kind.gates() + " H, H] and biases [" + kind.gates() + " H], got " + shapes
                            + "; keep the shapes that parameters were made with");
        }
    }

    private static boolean is(Tensor t, long size) {
        return t.dim() == 1 && t.size(0) == size;
    }

    private static boolean is(Tensor t, long rows, long columns) {
        return t.dim() == 2 && t.size(0) == rows && t.size(1) == columns;
    }

    private static RecurrentCell.Forward forward(
            RecurrentCell cell, SequenceSteps steps, Tensor[] inputs, Places places) {
        Tensor[] states = Arrays.copyOfRange(inputs, 1, places.inputWeight);
        Tensor weight = inputs[places.inputWeight];
        Tensor hidden = inputs[places.inputWeight + 1];
        if (!places.biased) {
            return cell.forward(steps, LinearAlgebra.linear(inputs[0], weight), states, hidden, null);
        }
        Tensor bias = inputs[places.inputWeight + 2];
        Tensor hiddenBias = inputs[places.inputWeight + 3];
        if (cell.addsBiases()) {
            bias = bias.add(hiddenBias);
            hiddenBias = null;
        }
        return cell.forward(steps, LinearAlgebra.linear(inputs[0], weight, bias), states, hidden, hiddenBias);
    }

    private static Tensor[] backward(
            RecurrentCell cell, SequenceSteps steps, Places places, Tensor[] grads, Tensor[] saved, boolean[] needed) {
        Tensor[] inputs = Arrays.copyOf(saved, needed.length);
        if (Tape.needed(inputs) || anyNeeded(grads)) {
            return again(cell, steps, places, grads, inputs, needed);
        }
        Tensor[] buffers = Arrays.copyOfRange(saved, needed.length, saved.length);
        Tensor[] last = Arrays.copyOfRange(grads, 1, grads.length);
        int w = places.inputWeight;
        Tensor output = grads[0] == null ? null : grads[0].contiguous();
        RecurrentCell.Backward d = cell.backward(steps, output, last, buffers, inputs[w + 1]);
        Tensor[] out = new Tensor[needed.length];
        out[0] = needed[0] ? d.input().matmul(inputs[w]) : null;
        for (int i = 1; i < w; i++) {
            out[i] = needed[i] ? d.states()[i - 1] : null;
        }
        out[w] = needed[w] ? d.input().t().matmul(inputs[0]) : null; // (gates, rows) @ (rows, in)
        out[w + 1] = needed[w + 1] ? d.hidden().t().matmul(d.before()) : null;
        if (places.biased) {
            boolean one = d.input() == d.hidden();
            boolean any = needed[w + 2] || needed[w + 3];
            Tensor sum = needed[w + 2] || one && any ? d.input().sum(0) : null;
            out[w + 2] = needed[w + 2] ? sum : null;
            out[w + 3] = needed[w + 3] ? one ? sum : d.hidden().sum(0) : null;
        }
        return out;
    }

    private static boolean anyNeeded(Tensor[] grads) {
        for (Tensor g : grads) {
            if (g != null && Tape.needed(g)) {
                return true;
            }
        }
        return false;
    }

    /** The backward pass as a differentiable one: composed anew, on views of the inputs so that each has a gradient of its own. */
    private static Tensor[] again(
            RecurrentCell cell, SequenceSteps steps, Places places, Tensor[] grads, Tensor[] inputs, boolean[] needed) {
        Tensor[] own = inputs.clone();
        List<Tensor> wanted = new ArrayList<>();
        for (int i = 0; i < own.length; i++) {
            if (needed[i]) {
                own[i] = inputs[i].view(inputs[i].shape().toArray());
                wanted.add(own[i]);
            }
        }
        Tensor[] results = compose(cell, steps, own, places);
        List<Tensor> outputs = new ArrayList<>();
        List<Tensor> gradients = new ArrayList<>();
        for (int i = 0; i < grads.length; i++) {
            if (grads[i] != null) {
                outputs.add(results[i]);
                gradients.add(grads[i]);
            }
        }
        List<Tensor> found = Autograd.grad(outputs, wanted, gradients, true, true, true);
        Tensor[] out = new Tensor[needed.length];
        for (int i = 0, next = 0; i < out.length; i++) {
            out[i] = needed[i] ? found.get(next++) : null;
        }
        return out;
    }

    /** The same composed of differentiable operations, step by step. */
    private static Tensor[] compose(RecurrentCell cell, SequenceSteps steps, Tensor[] inputs, Places places) {
        int w = places.inputWeight;
        Tensor[] state = Arrays.copyOfRange(inputs, 1, w);
        Tensor all = affine(inputs[0], inputs[w], places.biased ? inputs[w + 2] : null);
        Tensor[] outputs = new Tensor[steps.count()];
        for (int i = 0; i < outputs.length; i++) {
            int t = steps.step(i);
            long n = steps.size(t);
            Tensor[] active = new Tensor[state.length];
            for (int k = 0; k < active.length; k++) {
                active[k] = n == steps.batch() ? state[k] : state[k].narrow(0, 0, n);
            }
            Tensor hidden = affine(active[0], inputs[w + 1], places.biased ? inputs[w + 3] : null);
            Tensor[] next = cell.step(all.narrow(0, steps.offset(t), n), hidden, active);
            if (places.projection >= 0) {
                next[0] = LinearAlgebra.linear(next[0], inputs[places.projection]);
            }
            outputs[t] = next[0];
            for (int k = 0; k < state.length; k++) {
                long rest = steps.batch() - n;
                state[k] = rest == 0 ? next[k] : Tensor.cat(0, next[k], state[k].narrow(0, n, rest));
            }
        }
        Tensor[] results = new Tensor[1 + state.length];
        results[0] = Tensor.cat(0, outputs);
        System.arraycopy(state, 0, results, 1, state.length);
        return results;
    }

    private static Tensor affine(Tensor x, Tensor weight, Tensor bias) {
        return bias == null ? LinearAlgebra.linear(x, weight) : LinearAlgebra.linear(x, weight, bias);
    }
}
