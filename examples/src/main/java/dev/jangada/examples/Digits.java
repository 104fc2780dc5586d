package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.data.Batch;
import dev.jangada.data.DataLoader;
import dev.jangada.data.TensorDataset;
import dev.jangada.nn.Functional;
import dev.jangada.optim.Adam;
import java.io.IOException;
import java.util.function.UnaryOperator;
import me.tongfei.progressbar.ProgressBar;

/**
 * What the lessons on digits have in common: the images, the loop that {@link MnistMlp} explains, and the test. A model is a function from
 * images as the data have them {@code [B, H, W]} to scores {@code [B, 10]}.
 */
final class Digits {
    private final TensorDataset training;
    private final TensorDataset test;
    private final Options options;

    private Digits(TensorDataset training, TensorDataset test, Options options) {
        this.training = training;
        this.test = test;
        this.options = options;
    }

    /** Finds the images, in the folder of {@code --data} if it was given. */
    static Digits load(Options options) throws IOException {
        MnistFiles files = MnistFiles.find(options);
        return new Digits(files.training(), files.test(), options);
    }

    /** Returns the pixels in a row of an image. */
    long width() {
        return training.tensors().get(0).size(2);
    }

    /** Trains by cross-entropy, shows the loss of each epoch, tests, and puts the final numbers. */
    void learn(UnaryOperator<Tensor> model, Adam optimizer, int batchSize, int epochs, Metrics metrics) {
        DataLoader<Batch> loader = new DataLoader<>(
                training, DataLoader.Options.of(batchSize).withShuffle(true).withSeed(options.seed()));
        Tensor lossSum = Tensor.zeros();
        Captured step = Capture.of(args -> {
            Tensor loss = Functional.crossEntropy(model.apply(args.tensor(0)), args.tensor(1));
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return lossSum.add_(loss.detach());
        });
        long left = options.iterations(Integer.MAX_VALUE);
        long done = 0;
        double trainLoss = 0;
        double seconds = 0;
        for (int epoch = 1; epoch <= epochs && left > 0; epoch++) {
            long steps = Math.min(left, loader.size());
            left -= steps;
            done += steps;
            long start = System.nanoTime();
            epoch(step, loader, steps, "epoch " + epoch);
            trainLoss = Progress.finite(lossSum.item() / steps, done); // waits for the device
            seconds += (System.nanoTime() - start) / 1e9;
            lossSum.zero_();
            options.console().printf("epoch %d: loss %.4f%n", epoch, trainLoss);
        }
        double accuracy = accuracy(model, test);
        options.console().printf("test accuracy %.2f %%, %.1f s of training%n", 100 * accuracy, seconds);
        metrics.put("backend", Device.best().toString())
                .put("seconds", seconds)
                .put("train_loss", trainLoss)
                .put("test_accuracy", accuracy);
    }

    private void epoch(Captured step, DataLoader<Batch> loader, long steps, String task) {
        try (ProgressBar bar = Progress.bar(task, steps, options.console())) {
            long done = 0;
            for (Batch batch : loader) {
                if (done++ == steps) {
                    batch.close();
                    break;
                }
                try (batch;
                        TensorScope scope = new TensorScope()) {
                    options.runStep(step, batch.get(0), batch.get(1));
                }
                bar.step();
            }
        }
    }

    /** Returns the share of the images whose digit has the largest score. */
    static double accuracy(UnaryOperator<Tensor> model, TensorDataset data) {
        long right = 0;
        for (Batch batch : new DataLoader<>(data, DataLoader.Options.of(500))) {
            try (batch;
                    TensorScope scope = new TensorScope();
                    Autograd.Mode off = Autograd.noGrad()) {
                Tensor digits = model.apply(batch.get(0)).argmax(1);
                right += digits.eq(batch.get(1)).sum().itemLong();
            }
        }
        return (double) right / data.size();
    }
}
