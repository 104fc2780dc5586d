package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.Generator;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.nn.ClipGrad;
import dev.jangada.nn.Functional;
import dev.jangada.optim.SGD;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;

/**
 * Lesson: why recurrent networks are trained with their gradients clipped.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run exploding-gradients --out target/exploding</pre>
 *
 * <p>A plain recurrent network, {@link AddingNetwork}, reads 30 pairs (number, mark) and is to add the two numbers that are marked. The
 * gradient goes back through 30 products with the same weights, so it grows like a power of them. At the start it is a thousand times too
 * long, and one step along it throws the weights so far away that the next one is longer still, until no unit answers any more. Scaled down
 * to a length of 1 it still says where to go.
 *
 * <p>Expect the same network, data and learning rate to fail without clipping (the loss stays at 1/6, that of always guessing the mean) and
 * to learn with it: the loss falls below 0.1. The chart {@code gradient-norms.png} has a logarithmic axis.
 */
final class ExplodingGradients implements Example {
    private static final double MOST = 1; // the length to which gradients are clipped
    private static final double TOO_LARGE = 1e30; // beyond, the chart shows nothing any more

    /** What a training run leaves behind. */
    private record Run(double[] norms, double loss) {}

    @Override
    public String name() {
        return "exploding-gradients";
    }

    @Override
    public String description() {
        return "Trains a recurrent network with and without clipping its gradients and draws their norms.";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.ITERATIONS, Option.BATCH, Option.LR, Option.MODE, Option.OUT);
    }

    @Override
    public void run(Options options, Metrics metrics) throws IOException {
        Path file = options.out(this).resolve("gradient-norms.png");
        long start = System.nanoTime();
        Run free = train(options, Double.POSITIVE_INFINITY);
        Run clipped = train(options, MOST);
        double seconds = (System.nanoTime() - start) / 1e9;
        double trainLoss = Progress.finite(clipped.loss, clipped.norms.length); // the other one may be anything
        double largest = Arrays.stream(free.norms).max().orElseThrow();
        options.console()
                .printf(
                        "without clipping: loss %.4g after %d steps, longest gradient %.3g%n",
                        free.loss, free.norms.length, largest);
        options.console().printf("with clipping:    loss %.4g after %d steps%n", clipped.loss, clipped.norms.length);
        Pictures.chart(
                file,
                "Length of the gradient",
                "step",
                "norm",
                Pictures.Scale.LOGARITHMIC,
                Pictures.Series.line("without clipping", free.norms),
                Pictures.Series.line("clipped to " + MOST + " (before clipping)", clipped.norms));
        options.console().println("wrote " + file);
        metrics.put("backend", Device.best().toString())
                .put("seconds", seconds)
                .put("train_loss", trainLoss)
                .put("train_loss_unclipped", free.loss)
                .put("largest_norm_unclipped", largest);
    }

    /** Trains until the end, or until the loss is no number; the loss is the mean over the last 50 steps. */
    private static Run train(Options options, double most) {
        Jangada.manualSeed(options.seed());
        Generator data = new Generator(options.seed() + 1);
        AddingNetwork model = new AddingNetwork();
        SGD optimizer =
                new SGD(model.parameters(), SGD.Options.of(options.lr(0.01)).withMomentum(0.9));
        Captured learn = Capture.of(args -> {
            Tensor loss = Functional.mseLoss(model.forward(args.tensor(0)), args.tensor(1));
            optimizer.zeroGrad();
            loss.backward();
            Tensor norm = ClipGrad.clipGradNorm_(model.parameters(), most);
            optimizer.step();
            return Tensor.stack(0, norm, loss.detach());
        });
        int steps = options.iterations(1_500);
        double[] norms = new double[steps];
        double[] losses = new double[steps];
        for (int step = 0; step < steps; step++) {
            try (TensorScope scope = new TensorScope()) {
                Tensor[] xy = AddingNetwork.problem(options.batch(64), data);
                Tensor seen = options.runStep(learn, xy[0], xy[1]);
                norms[step] =
                        seen.select(0, 0).item(); // a lesson may look at every step; training for speed should not
                losses[step] = seen.select(0, 1).item();
            }
            if (!(norms[step] < TOO_LARGE) || !Double.isFinite(losses[step])) {
                return new Run(Arrays.copyOf(norms, Math.max(step, 1)), losses[step]);
            }
        }
        return new Run(
                norms,
                Arrays.stream(losses).skip(Math.max(0, steps - 50)).average().orElseThrow());
    }
}
