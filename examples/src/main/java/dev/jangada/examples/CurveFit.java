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
import dev.jangada.data.Dataset;
import dev.jangada.nn.Functional;
import dev.jangada.nn.Layer;
import dev.jangada.nn.Linear;
import dev.jangada.nn.Sequential;
import dev.jangada.nn.Tanh;
import dev.jangada.optim.Adam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A lesson about layers: two linear ones in a row are still one straight line; what bends it is the function between them.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run curve-fit --out target/curve</pre>
 *
 * <p>The points are {@code y = x + 2 sin x} plus noise of variance 1, so no model gets far below a mean squared error of 1. Expect about 2.8
 * from the line and about 1 with {@code Tanh}; {@code curve-fit.png} shows both over the points.
 */
final class CurveFit implements Example {
    private static final int POINTS = 200;
    private static final long HIDDEN = 24;

    @Override
    public String name() {
        return "curve-fit";
    }

    @Override
    public String description() {
        return "Fits x + 2 sin x with two linear layers, without and with Tanh between them.";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.EPOCHS, Option.BATCH, Option.LR, Option.MODE, Option.OUT);
    }

    @Override
    public void run(Options options, Metrics metrics) throws IOException {
        Path picture = options.out(this).resolve("curve-fit.png");
        Jangada.manualSeed(options.seed());
        Tensor x =
                Tensor.rand(POINTS, 1).mul(20).sub(10).sort(0, false).values(); // in a row, to draw a line along them
        Tensor y = x.add(x.sin().mul(2)).add(Tensor.randn(POINTS, 1));
        // A data set of one's own: how many samples there are, and what sample i is.
        Dataset<List<Tensor>> points = Dataset.of(POINTS, i -> List.of(x.select(0, i), y.select(0, i)));

        long start = System.nanoTime();
        Sequential line = new Sequential(new Linear(1, HIDDEN), new Linear(HIDDEN, 1));
        double mseLine = fit("two linear layers", line, points, options);
        Sequential curve = new Sequential(new Linear(1, HIDDEN), new Tanh(), new Linear(HIDDEN, 1));
        double mseCurve = fit("with Tanh between", curve, points, options);
        double seconds = (System.nanoTime() - start) / 1e9;

        Pictures.chart(
                picture,
                "x + 2 sin x",
                "x",
                "y",
                Pictures.Scale.LINEAR,
                Pictures.Series.points("data", x.toDoubleArray(), y.toDoubleArray()),
                Pictures.Series.line("Linear, Linear", x.toDoubleArray(), predicted(line, x)),
                Pictures.Series.line("Linear, Tanh, Linear", x.toDoubleArray(), predicted(curve, x)));
        options.console().println("drew " + picture);
        metrics.put("backend", Device.best().toString())
                .put("seconds", seconds)
                .put("mse_linear", mseLine)
                .put("mse_tanh", mseCurve);
    }

    /** Trains a model and returns its mean squared error in the last epoch. */
    private static double fit(String title, Layer model, Dataset<List<Tensor>> points, Options options) {
        Adam optimizer = new Adam(model.parameters(), options.lr(0.02));
        DataLoader.Options loading =
                DataLoader.Options.of(options.batch(20)).withShuffle(true).withSeed(options.seed());
        DataLoader<Batch> loader = DataLoader.stacking(points, loading);
        Tensor sum = Tensor.zeros();
        Captured step = Capture.of(args -> {
            Tensor loss = Functional.mseLoss(model.forward(args.tensor(0)), args.tensor(1));
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return sum.add_(loss.detach(), args.tensor(0).size(0));
        });
        int epochs = options.epochs(250);
        double mse = 0;
        for (int epoch = 1; epoch <= epochs; epoch++) {
            try (TensorScope scope = new TensorScope()) {
                sum.zero_();
                for (Batch batch : loader) {
                    options.runStep(step, batch.get(0), batch.get(1));
                }
                if (epoch % 50 == 0 || epoch == epochs) { // only then ask for a value
                    mse = Progress.finite(sum.item() / POINTS, epoch);
                    options.console().printf("%s, epoch %d: mean squared error %.3f%n", title, epoch, mse);
                }
            }
        }
        return mse;
    }

    private static double[] predicted(Layer model, Tensor x) {
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            return model.forward(x).toDoubleArray();
        }
    }
}
