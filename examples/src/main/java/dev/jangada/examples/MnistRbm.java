package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.data.Batch;
import dev.jangada.data.DataLoader;
import dev.jangada.data.Mnist;
import dev.jangada.data.TensorDataset;
import dev.jangada.nn.rbm.RBM;
import dev.jangada.optim.Adam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Set;
import me.tongfei.progressbar.ProgressBar;

/**
 * Lesson 2: a restricted Boltzmann machine learns the strokes that digits are made of, without labels.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run mnist-rbm --out pictures</pre>
 *
 * <p>Contrastive divergence lowers the free energy of the data and raises that of samples of the model, which a Gibbs chain of k steps makes
 * from the data. The chain grows by 2 steps every 5 epochs: the better the model, the farther it must go to show where it is wrong.
 *
 * <p>Expect {@code reconstruction_nats} below 70 after 5 epochs, and strokes in {@code filters.png}.
 */
final class MnistRbm implements Example {
    private static final int HIDDEN = 512;
    private static final int GIBBS_STEPS = 10;

    @Override
    public String name() {
        return "mnist-rbm";
    }

    @Override
    public String description() {
        return "Trains a restricted Boltzmann machine 784-512 on MNIST by contrastive divergence.";
    }

    @Override
    public Set<Option> options() {
        return Set.of(
                Option.EPOCHS,
                Option.ITERATIONS,
                Option.BATCH,
                Option.LR,
                Option.K,
                Option.MODE,
                Option.DATA,
                Option.OUT);
    }

    @Override
    public void run(Options options, Metrics metrics) throws IOException {
        Path out = options.out(this);
        Jangada.manualSeed(options.seed());
        MnistFiles files = MnistFiles.find(options);
        TensorDataset training = files.training();
        TensorDataset test = files.test();

        long pixels = training.tensors().get(0).numel() / training.size();
        RBM rbm = new RBM(pixels, HIDDEN, options.k(1));
        Adam optimizer = new Adam(rbm.parameters(), options.lr(1e-3));
        DataLoader<Batch> loader = new DataLoader<>(
                training,
                DataLoader.Options.of(options.batch(64)).withShuffle(true).withSeed(options.seed()));

        Tensor lossSum = Tensor.zeros();
        Captured step = Capture.of(args -> {
            Tensor v = Mnist.pixels(args.tensor(0)).bernoulli(); // a grey value is the probability of ink
            Tensor loss = rbm.contrastiveDivergence(v);
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return lossSum.add_(loss.detach());
        });
        long steps = options.isGiven(Option.ITERATIONS) && !options.isGiven(Option.EPOCHS)
                ? options.iterations(1)
                : Math.min(options.epochs(5) * loader.size(), options.iterations(Integer.MAX_VALUE));
        double[] losses = new double
                [Math.toIntExact((steps + loader.size() - 1) / loader.size())]; // the last epoch may be cut off
        double seconds = 0;
        for (int epoch = 1; epoch <= losses.length; epoch++) {
            long start = System.nanoTime();
            long before = (epoch - 1) * loader.size();
            long until = Math.min(steps, before + loader.size());
            losses[epoch - 1] = Progress.finite(epoch(step, lossSum, loader, until - before, epoch, options), until);
            seconds += (System.nanoTime() - start) / 1e9;
            options.console()
                    .printf(
                            "epoch %d: k %d, loss %.3f, reconstruction %.2f nats%n",
                            epoch, rbm.k(), losses[epoch - 1], reconstruction(rbm, test));
            if (epoch % 5 == 0) {
                rbm.setK(rbm.k() + 2);
            }
        }
        pictures(rbm, test, out, losses);
        options.console().printf("%.1f s of training; pictures in %s%n", seconds, out);
        metrics.put("backend", Device.best().toString())
                .put("seconds", seconds)
                .put("train_loss", losses[losses.length - 1])
                .put("reconstruction_nats", reconstruction(rbm, test));
    }

    /** Returns the mean loss of one way through the data, or of its first steps. */
    private static double epoch(
            Captured step, Tensor lossSum, DataLoader<Batch> loader, long steps, int number, Options options) {
        lossSum.zero_();
        try (ProgressBar bar = Progress.bar("epoch " + number, steps, options.console())) {
            Iterator<Batch> batches = loader.iterator();
            for (long done = 0; done < steps; done++) {
                try (Batch batch = batches.next();
                        TensorScope scope = new TensorScope()) {
                    options.runStep(step, batch.get(0));
                }
                bar.step();
            }
            return lossSum.item() / steps;
        }
    }

    /** Returns the mean cross-entropy between the grey values of an image and what comes back of them. */
    private static double reconstruction(RBM rbm, TensorDataset data) {
        double sum = 0;
        for (Batch batch : new DataLoader<>(data, DataLoader.Options.of(1_000))) {
            try (batch;
                    TensorScope scope = new TensorScope();
                    Autograd.Mode off = Autograd.noGrad()) {
                sum += rbm.reconstructionCrossEntropy(Mnist.pixels(batch.get(0)))
                        .sum()
                        .item();
            }
        }
        return sum / data.size();
    }

    private static void pictures(RBM rbm, TensorDataset test, Path out, double[] losses) throws IOException {
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Tensor images = test.tensors().get(0);
            int width = Math.toIntExact(images.size(2));
            Tensor v = Mnist.pixels(images.narrow(0, 0, Math.min(50, test.size())));
            Tensor back = rbm.propDown(rbm.sampleHidden(v));
            Tensor pairs = Tensor.stack(1, v, back).reshape(-1, v.size(1)); // each image, then what came back
            // Chains start at images and are short: after training with k = 1, long ones lose the digits. A larger k
            // cures that.
            Tensor start = Mnist.pixels(images.narrow(0, 0, Math.min(100, test.size())));
            Tensor chain = rbm.gibbs(start, GIBBS_STEPS);
            Tensor samples = rbm.propDown(rbm.sampleHidden(chain));
            Pictures.grid(
                    out.resolve("filters.png"), Pictures.stretched(rbm.weight().narrow(0, 0, 100)), width, 10);
            Pictures.grid(out.resolve("reconstructions.png"), pairs, width, 10);
            Pictures.grid(out.resolve("samples.png"), samples, width, 10);
            Pictures.curve(out.resolve("loss.png"), "Contrastive divergence on MNIST", "loss", losses);
        }
    }
}
