package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.nn.LSTM;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * An LSTM is fed a sequence one element at a time, and then the whole of it at once: the same numbers.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run lstm-one-by-one</pre>
 *
 * <p>Sequences are {@code [time, batch, features]}. Each call returns the outputs of all its steps and the last states h and c; these are
 * given to the next call. The whole sequence in one call is one matrix product over all inputs, so it is much faster. Expect a difference
 * below 1e-6.
 */
final class LstmOneByOne implements Example {
    @Override
    public String name() {
        return "lstm-one-by-one";
    }

    @Override
    public String description() {
        return "Feeds an LSTM one element at a time, then the whole sequence: the same result.";
    }

    @Override
    public Set<Option> options() {
        return Set.of();
    }

    @Override
    public void run(Options options, Metrics metrics) {
        Jangada.manualSeed(options.seed());
        try (TensorScope scope = new TensorScope()) {
            LSTM lstm = new LSTM(3, 3);
            options.console().println(lstm);
            List<Tensor> inputs = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                inputs.add(Tensor.randn(1, 1, 3)); // one step of one sequence
            }
            Tensor h = Tensor.randn(1, 1, 3);
            Tensor c = Tensor.randn(1, 1, 3);

            LSTM.Output step = new LSTM.Output(h, h, c);
            List<Tensor> outputs = new ArrayList<>();
            for (Tensor input : inputs) {
                step = lstm.forward(input, step.h(), step.c());
                outputs.add(step.output());
            }
            Tensor oneByOne = Tensor.cat(outputs, 0); // (5, 1, 3)
            options.console().println("one by one: " + oneByOne);

            LSTM.Output whole = lstm.forward(Tensor.cat(inputs, 0), h, c);
            options.console().println("at once: " + whole.output());

            double difference = oneByOne.sub(whole.output()).abs().max().item();
            difference =
                    Math.max(difference, step.h().sub(whole.h()).abs().max().item());
            difference =
                    Math.max(difference, step.c().sub(whole.c()).abs().max().item());
            options.console().printf("largest difference of outputs and states: %.1e%n", difference);
            metrics.put("backend", Device.best().toString()).put("max_difference", difference);
        }
    }
}
