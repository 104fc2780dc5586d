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
import dev.jangada.data.TensorDataset;
import dev.jangada.nn.Functional;
import dev.jangada.nn.Linear;
import dev.jangada.optim.Adadelta;
import dev.jangada.optim.Adagrad;
import dev.jangada.optim.Adam;
import dev.jangada.optim.Optimizer;
import dev.jangada.optim.RMSprop;
import dev.jangada.optim.SGD;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A lesson about optimisers: the regression of {@code boston-by-hand} with a layer, batches, and five optimisers in turn, each from the same
 * start.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run boston-nn --out target/boston</pre>
 *
 * <p>They differ in how they choose the length of a step for each weight, so each has a learning rate of its own size; {@code --lr}
 * multiplies all of them. The model is so simple that all end near the same error: look at how they get there, in {@code boston-nn.png}.
 * Expect a mean squared error of 28 in the test from each. {@code test_mse} is that of the one with the lowest loss in training: to choose
 * by the test itself would no longer be a test.
 */
final class BostonNn implements Example {
    @Override
    public String name() {
        return "boston-nn";
    }

    @Override
    public String description() {
        return "Fits Boston house prices with Linear, by SGD, Adam, RMSprop, Adagrad and Adadelta in turn.";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.EPOCHS, Option.BATCH, Option.LR, Option.MODE, Option.OUT);
    }

    private static Map<String, Function<List<Tensor>, Optimizer<?>>> optimizers(double factor) {
        Map<String, Function<List<Tensor>, Optimizer<?>>> out = new LinkedHashMap<>();
        out.put("SGD", p -> new SGD(p, 0.01 * factor));
        out.put("Adam", p -> new Adam(p, 0.1 * factor));
        out.put("RMSprop", p -> new RMSprop(p, 0.05 * factor));
        out.put("Adagrad", p -> new Adagrad(p, 1.5 * factor));
        out.put("Adadelta", p -> new Adadelta(p, 20 * factor));
        return out;
    }

    @Override
    public void run(Options options, Metrics metrics) throws IOException {
        Path picture = options.out(this).resolve("boston-nn.png");
        Boston boston = Boston.load(options.seed());
        metrics.put("backend", Device.best().toString());
        List<Pictures.Series> curves = new ArrayList<>();
        String chosen = "";
        double trainLoss = Double.POSITIVE_INFINITY;
        double testError = Double.NaN;
        long start = System.nanoTime();
        for (var entry : optimizers(options.lr(1)).entrySet()) {
            Jangada.manualSeed(options.seed()); // the same first weights for all
            Linear model = new Linear(13, 1);
            double[] losses = train(model, entry.getValue().apply(model.parameters()), boston.train(), options);
            double test = error(model, boston.test());
            double last = losses[losses.length - 1];
            options.console().printf("%-8s  last epoch %5.2f, test %5.2f%n", entry.getKey(), last, test);
            metrics.put("test_mse_" + entry.getKey().toLowerCase(Locale.ROOT), test);
            if (last < trainLoss) { // by training alone: the lowest of five test errors would be too good
                chosen = entry.getKey();
                trainLoss = last;
                testError = test;
            }
            curves.add(Pictures.Series.line(entry.getKey(), losses));
        }
        options.console().printf("lowest in training: %s, test %.2f%n", chosen, testError);
        metrics.put("seconds", (System.nanoTime() - start) / 1e9)
                .put("optimizer", chosen)
                .put("train_loss", trainLoss)
                .put("test_mse", testError);
        Pictures.chart(
                picture,
                "Boston house prices",
                "epoch",
                "mean squared error of training",
                Pictures.Scale.LINEAR,
                curves.toArray(new Pictures.Series[0]));
        options.console().println("drew " + picture);
    }

    /** Trains a model and returns the mean loss of each epoch. */
    private static double[] train(Linear model, Optimizer<?> optimizer, TensorDataset data, Options options) {
        double[] losses = new double[options.epochs(60)];
        DataLoader<Batch> loader = new DataLoader<>(
                data, DataLoader.Options.of(options.batch(25)).withShuffle(true).withSeed(options.seed()));
        Tensor sum = Tensor.zeros();
        Captured step = Capture.of(args -> {
            Tensor loss = Functional.mseLoss(model.forward(args.tensor(0)), args.tensor(1));
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return sum.add_(loss.detach(), args.tensor(0).size(0));
        });
        for (int epoch = 0; epoch < losses.length; epoch++) {
            try (TensorScope scope = new TensorScope()) {
                sum.zero_();
                for (Batch batch : loader) {
                    options.runStep(step, batch.get(0), batch.get(1));
                }
                losses[epoch] = Progress.finite(sum.item() / data.size(), (epoch + 1) * loader.size());
            }
        }
        return losses;
    }

    private static double error(Linear model, TensorDataset data) {
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Tensor predicted = model.forward(Boston.features(data));
            return Functional.mseLoss(predicted, Boston.prices(data)).item();
        }
    }
}
