package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.data.Batch;
import dev.jangada.data.DataLoader;
import dev.jangada.data.Mnist;
import dev.jangada.data.TensorDataset;
import dev.jangada.nn.Functional;
import dev.jangada.nn.LSTM;
import dev.jangada.nn.Layer;
import dev.jangada.nn.Linear;
import dev.jangada.nn.RecurrentOptions;
import dev.jangada.optim.Adam;
import java.io.IOException;
import java.util.Set;
import me.tongfei.progressbar.ProgressBar;

/**
 * A recurrent network reads digits row by row, from the top: an image is a sequence of 28 rows of 28 pixels.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run mnist-lstm</pre>
 *
 * <p>All rows of a batch go through the layer in one call; what it remembers after the last row decides. Expect 97 % or more on the test
 * images after 4 epochs (with the embedded subset 90 %).
 */
final class MnistLstm implements Example {
    /** The layer and, on its last hidden state, a score for each digit. */
    private static final class Reader extends Layer {
        private final LSTM lstm;
        private final Linear scores = module("scores", new Linear(128, 10));

        Reader(long columns) {
            lstm = module("lstm", new LSTM(columns, 128, RecurrentOptions.DEFAULT.withBatchFirst(true)));
        }

        @Override
        public Tensor forward(Tensor images) {
            Tensor rows = Mnist.pixels(images).view(images.shape().toArray()); // (batch, rows, columns)
            return scores.forward(lstm.forward(rows).h().select(0, 0));
        }
    }

    @Override
    public String name() {
        return "mnist-lstm";
    }

    @Override
    public String description() {
        return "Trains an LSTM to read the digits of MNIST row by row.";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.EPOCHS, Option.ITERATIONS, Option.BATCH, Option.LR, Option.DATA);
    }

    @Override
    public void run(Options options, Metrics metrics) throws IOException {
        Jangada.manualSeed(options.seed());
        MnistFiles files = MnistSource.standard(options.console()).find(options.data());
        TensorDataset training = Mnist.of(files.trainImages(), files.trainLabels());
        TensorDataset test = Mnist.of(files.testImages(), files.testLabels());
        Layer model = new Reader(training.tensors().get(0).size(2));
        Adam optimizer = new Adam(model.parameters(), options.lr(2e-3));
        DataLoader<Batch> loader = new DataLoader<>(
                training,
                DataLoader.Options.of(options.batch(100)).withShuffle(true).withSeed(options.seed()));

        Tensor lossSum = Tensor.zeros();
        long left = options.iterations(Integer.MAX_VALUE);
        double trainLoss = 0;
        double seconds = 0;
        for (int epoch = 1; epoch <= options.epochs(4) && left > 0; epoch++) {
            long steps = Math.min(left, loader.size());
            left -= steps;
            long start = System.nanoTime();
            try (ProgressBar bar = Progress.bar("epoch " + epoch, steps, options.console())) {
                long step = 0;
                for (Batch batch : loader) {
                    if (step++ == steps) {
                        batch.close();
                        break;
                    }
                    step(model, optimizer, batch, lossSum);
                    bar.step();
                }
            }
            trainLoss = Progress.finite(lossSum.item() / steps, epoch * loader.size());
            seconds += (System.nanoTime() - start) / 1e9;
            lossSum.zero_();
            options.console().printf("epoch %d: loss %.4f%n", epoch, trainLoss);
        }
        double accuracy = Digits.accuracy(model::forward, test);
        options.console().printf("test accuracy %.2f %%, %.1f s of training%n", 100 * accuracy, seconds);
        metrics.put("backend", Device.best().toString())
                .put("seconds", seconds)
                .put("train_loss", trainLoss)
                .put("test_accuracy", accuracy);
    }

    private static void step(Layer model, Adam optimizer, Batch batch, Tensor lossSum) {
        try (batch;
                TensorScope step = new TensorScope()) {
            Tensor loss = Functional.crossEntropy(model.forward(batch.get(0)), batch.get(1));
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            lossSum.add_(loss.detach());
        }
    }
}
