package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.data.Batch;
import dev.jangada.data.DataLoader;
import dev.jangada.data.Mnist;
import dev.jangada.data.TensorDataset;
import dev.jangada.nn.Functional;
import dev.jangada.nn.Linear;
import dev.jangada.nn.ReLU;
import dev.jangada.nn.Sequential;
import dev.jangada.optim.Adam;
import java.io.IOException;
import java.util.Iterator;
import java.util.Set;
import java.util.function.UnaryOperator;
import me.tongfei.progressbar.ProgressBar;

/**
 * Lesson 1: a network of three dense layers learns to read digits.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run mnist-mlp</pre>
 *
 * <p>The loop is PyTorch's: forward, loss, backward, step. Two habits keep it fast. Each step has a {@link TensorScope}, so that its memory is
 * reused by the next one; and the loss is summed on the device and read at each report only, for every {@code item()} waits.
 * The step is a captured function: with {@code --mode captured} it is traced once and runs as one plan, with the same numbers.
 *
 * <p>Expect 97.5 % or more on the test images after 4,000 steps (with the embedded subset 95 %).
 */
final class MnistMlp implements Example {
    private static final int REPORT = 1_000;

    @Override
    public String name() {
        return "mnist-mlp";
    }

    @Override
    public String description() {
        return "Trains a dense network 784-512-512-10 on MNIST with Adam.";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.EPOCHS, Option.ITERATIONS, Option.BATCH, Option.LR, Option.MODE, Option.DATA);
    }

    @Override
    public void run(Options options, Metrics metrics) throws IOException {
        Jangada.manualSeed(options.seed());
        MnistFiles files = MnistFiles.find(options);
        TensorDataset images = files.training();
        long held =
                Math.min(5_000, images.size() / 10); // the last ones show how well it does on images it has not seen
        TensorDataset training = images.range(0, images.size() - held);
        TensorDataset validation = images.range(images.size() - held, images.size());
        TensorDataset test = files.test();

        long pixels = images.tensors().get(0).numel() / images.size();
        Sequential model = new Sequential(
                new Linear(pixels, 512), new ReLU(), new Linear(512, 512), new ReLU(), new Linear(512, 10));
        Adam optimizer = new Adam(model.parameters(), options.lr(1e-3));
        DataLoader<Batch> loader = new DataLoader<>(
                training,
                DataLoader.Options.of(options.batch(128)).withShuffle(true).withSeed(options.seed()));
        long steps = options.isGiven(Option.EPOCHS)
                ? Math.min(options.epochs(1) * loader.size(), options.iterations(Integer.MAX_VALUE))
                : options.iterations(4_000);

        Tensor lossSum = Tensor.zeros();
        UnaryOperator<Tensor> network = x -> model.forward(Mnist.pixels(x));
        Captured step = Capture.of(args -> {
            Tensor loss = Functional.crossEntropy(network.apply(args.tensor(0)), args.tensor(1));
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return lossSum.add_(loss.detach());
        });
        double trainLoss = 0;
        double seconds = 0;
        Iterator<Batch> batches = loader.endless();
        for (long done = 0; done < steps; ) {
            long from = done;
            long until = Math.min(steps, done + REPORT);
            long start = System.nanoTime();
            try (ProgressBar bar = Progress.bar("to step " + until, until - from, options.console())) {
                for (; done < until; done++) {
                    try (Batch batch = batches.next();
                            TensorScope scope = new TensorScope()) {
                        options.runStep(step, batch.get(0), batch.get(1));
                    }
                    bar.step();
                }
                trainLoss = Progress.finite(lossSum.item() / (until - from), until); // waits for the device
            }
            seconds += (System.nanoTime() - start) / 1e9;
            lossSum.zero_();
            double percent = 100 * Digits.accuracy(network, validation);
            options.console().printf("step %,d: loss %.4f, validation accuracy %.2f %%%n", done, trainLoss, percent);
        }
        double testAccuracy = Digits.accuracy(network, test);
        options.console().printf("test accuracy %.2f %%, %.1f s of training%n", 100 * testAccuracy, seconds);
        metrics.put("backend", Device.best().toString())
                .put("seconds", seconds)
                .put("train_loss", trainLoss)
                .put("validation_accuracy", Digits.accuracy(network, validation))
                .put("test_accuracy", testAccuracy);
    }
}
