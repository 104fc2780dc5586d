package dev.jangada.nn;

import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.optim.Adam;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The adding problem: of {@code length} numbers in [0, 1) two are marked, and their sum is asked for. Answering 1 always has a mean squared
 * error of 1/6. Source: Hochreiter, Schmidhuber, "Long short-term memory", 1997.
 */
final class AddingProblem {
    private final int length;
    private final int batch;
    private final LSTM lstm;
    private final Linear output;
    private final Adam optimizer;
    private final MSELoss criterion = new MSELoss();
    private final Random random = new Random(1);

    AddingProblem(int length, int hidden, int batch, double lr) {
        Jangada.manualSeed(1);
        this.length = length;
        this.batch = batch;
        this.lstm = new LSTM(2, hidden, RecurrentOptions.DEFAULT.withBatchFirst(true));
        this.output = new Linear(hidden, 1);
        List<Tensor> parameters = new ArrayList<>(lstm.parameters());
        parameters.addAll(output.parameters());
        this.optimizer = new Adam(parameters, lr);
    }

    /** Trains on fresh batches and returns the mean loss of the last tenth of the steps. */
    double train(int steps) {
        double sum = 0;
        int count = Math.max(1, steps / 10);
        for (int i = 0; i < steps; i++) {
            double loss = step();
            sum += i >= steps - count ? loss : 0;
        }
        return sum / count;
    }

    private double step() {
        float[] x = new float[batch * length * 2];
        float[] y = new float[batch];
        for (int b = 0; b < batch; b++) {
            int first = random.nextInt(length / 2);
            int second = length / 2 + random.nextInt(length - length / 2);
            for (int t = 0; t < length; t++) {
                int at = 2 * (b * length + t);
                x[at] = random.nextFloat();
                x[at + 1] = t == first || t == second ? 1 : 0;
                y[b] += x[at] * x[at + 1];
            }
        }
        try (TensorScope scope = new TensorScope()) {
            Tensor h = lstm.forward(Tensor.of(x, batch, length, 2)).h().select(0, 0);
            Tensor loss = criterion.forward(output.forward(h), Tensor.of(y, batch, 1));
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return loss.item();
        }
    }
}
