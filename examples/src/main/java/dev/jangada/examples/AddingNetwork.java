package dev.jangada.examples;

import dev.jangada.Generator;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.nn.Linear;
import dev.jangada.nn.Module;
import dev.jangada.nn.RNN;
import dev.jangada.nn.RecurrentOptions;
import java.util.List;

/** The network of {@link ExplodingGradients}: reads a sequence, and answers with one number; and the sums that it is to find. */
final class AddingNetwork extends Module {
    private static final int LENGTH = 30;
    private static final int HIDDEN = 64;

    private final RNN rnn = module("rnn", new RNN(2, HIDDEN, "relu", RecurrentOptions.DEFAULT.withBatchFirst(true)));
    private final Linear head = module("head", new Linear(HIDDEN, 1));

    /** Starts by remembering everything: Le, Jaitly, Hinton, arXiv 1504.00941. */
    AddingNetwork() {
        try (Autograd.Mode off = Autograd.noGrad()) {
            rnn.namedParameters().get("weight_hh_l0").copy_(Tensor.eye(HIDDEN));
        }
    }

    Tensor forward(Tensor x) {
        return head.forward(rnn.forward(x).output().select(1, LENGTH - 1)).squeeze(1);
    }

    /** Returns sequences {@code [B, LENGTH, 2]} of numbers and marks, and the sums {@code [B]} of the two marked numbers of each. */
    static Tensor[] problem(int batch, Generator generator) {
        try (Autograd.Mode off = Autograd.noGrad()) {
            Tensor numbers = Tensor.rand(generator, batch, LENGTH);
            Tensor order = Tensor.rand(generator, batch, LENGTH).argsort(1, false);
            Tensor marks = order.lt(2).to(numbers.dtype()); // 0 and 1 stand at two random places
            return new Tensor[] {
                Tensor.stack(List.of(numbers, marks), 2), numbers.mul(marks).sum(1)
            };
        }
    }
}
