package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.data.Batch;
import dev.jangada.data.DataLoader;
import dev.jangada.data.Mnist;
import dev.jangada.data.TensorDataset;
import dev.jangada.nn.Conv2d;
import dev.jangada.nn.Flatten;
import dev.jangada.nn.Functional;
import dev.jangada.nn.Layer;
import dev.jangada.nn.Linear;
import dev.jangada.nn.MaxPool2d;
import dev.jangada.nn.ReLU;
import dev.jangada.nn.Sequential;
import dev.jangada.nn.Unflatten;
import dev.jangada.optim.Adam;
import java.io.IOException;
import java.util.Set;
import me.tongfei.progressbar.ProgressBar;

/**
 * A convolutional network in the manner of LeNet learns to read digits.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run mnist-cnn</pre>
 *
 * <p>Two convolutions of 5x5 find strokes and parts of digits wherever they are, pooling halves the pictures after each, and two dense layers
 * decide. Expect 98.8 % or more on the test images after 2 epochs (with the embedded subset 95 %).
 */
final class MnistCnn implements Example {
    /** A network for square pictures of a side: 28 becomes 24, 12, 8 and 4. */
    private static Sequential network(long side) {
        long left = ((side - 4) / 2 - 4) / 2;
        return new Sequential(
                new Unflatten(1, 1, side, side),
                new Conv2d(1, 32, 5),
                new ReLU(),
                new MaxPool2d(2),
                new Conv2d(32, 64, 5),
                new ReLU(),
                new MaxPool2d(2),
                new Flatten(),
                new Linear(64 * left * left, 128),
                new ReLU(),
                new Linear(128, 10));
    }

    @Override
    public String name() {
        return "mnist-cnn";
    }

    @Override
    public String description() {
        return "Trains a convolutional network to read the digits of MNIST.";
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
        Layer model = network(training.tensors().get(0).size(2));
        Adam optimizer = new Adam(model.parameters(), options.lr(1e-3));
        DataLoader<Batch> loader = new DataLoader<>(
                training,
                DataLoader.Options.of(options.batch(64)).withShuffle(true).withSeed(options.seed()));

        Tensor lossSum = Tensor.zeros();
        long left = options.iterations(Integer.MAX_VALUE);
        double trainLoss = 0;
        double seconds = 0;
        for (int epoch = 1; epoch <= options.epochs(2) && left > 0; epoch++) {
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
        double accuracy = Digits.accuracy(x -> model.forward(Mnist.pixels(x)), test);
        options.console().printf("test accuracy %.2f %%, %.1f s of training%n", 100 * accuracy, seconds);
        metrics.put("backend", Device.best().toString())
                .put("seconds", seconds)
                .put("train_loss", trainLoss)
                .put("test_accuracy", accuracy);
    }

    private static void step(Layer model, Adam optimizer, Batch batch, Tensor lossSum) {
        try (batch;
                TensorScope step = new TensorScope()) {
            Tensor loss = Functional.crossEntropy(model.forward(Mnist.pixels(batch.get(0))), batch.get(1));
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            lossSum.add_(loss.detach());
        }
    }
}
