package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import java.io.IOException;
import java.util.Set;

/**
 * A lesson about gradients: linear regression with nothing but two tensors, their gradients, and an in-place update.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run boston-by-hand</pre>
 *
 * <p>First with the features as they are: taxes are hundreds, crime rates fractions. The loss is then a valley so steep along some weights
 * and so flat along others that no step fits both: with a step that suits most weights it explodes, with one that suits the steepest it
 * hardly moves. With every feature at mean 0 and deviation 1 a step of 0.1 suits all of them. Expect a mean squared error of 21 in training and
 * 28 in the test, where always answering the mean price gives about 80; another {@code --seed} keeps other quarters for the test, and a few
 * of them decide whether it is 18 or 38.
 */
final class BostonByHand implements Example {
    private static final double LR = 0.1;

    @Override
    public String name() {
        return "boston-by-hand";
    }

    @Override
    public String description() {
        return "Fits Boston house prices by gradient descent on bare tensors, with raw and standardised features.";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.ITERATIONS, Option.LR);
    }

    @Override
    public void run(Options options, Metrics metrics) throws IOException {
        Boston boston = Boston.load(options.seed());
        Tensor raw = Boston.features(boston.raw());
        Tensor x = Boston.features(boston.train());
        Tensor y = Boston.prices(boston.train());

        options.console().println("raw features, lr 0.1:");
        descend(raw, y, 8, 0.1, 1, options);
        options.console().println("raw features, lr 0.000001:");
        descend(raw, y, 400, 1e-6, 100, options);
        options.console().println("standardised features:");
        long start = System.nanoTime();
        int steps = options.iterations(400);
        Line line = descend(x, y, steps, options.lr(LR), 100, options);
        double seconds = (System.nanoTime() - start) / 1e9;

        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            double train = Progress.finite(line.loss(x, y).item(), steps);
            double test = line.loss(Boston.features(boston.test()), Boston.prices(boston.test()))
                    .item();
            options.console().printf("test: mean squared error %.2f%n", test);
            metrics.put("backend", Device.best().toString())
                    .put("seconds", seconds)
                    .put("train_loss", train)
                    .put("test_mse", test);
        }
    }

    /** The model: a price is {@code x @ weight + bias}. */
    private record Line(Tensor weight, Tensor bias) {
        Tensor loss(Tensor x, Tensor y) {
            return x.matmul(weight).add(bias).sub(y).square().mean();
        }
    }

    private static Line descend(Tensor x, Tensor y, int steps, double lr, int report, Options options) {
        Line line = new Line(
                Tensor.zeros(x.size(1), 1).requiresGrad_(), Tensor.zeros(1).requiresGrad_());
        for (int step = 1; step <= steps; step++) {
            try (TensorScope scope = new TensorScope()) {
                Tensor loss = line.loss(x, y);
                loss.backward(); // adds to grad()
                try (Autograd.Mode off = Autograd.noGrad()) { // the update itself is no part of the model
                    line.weight().sub_(line.weight().grad().mul(lr));
                    line.bias().sub_(line.bias().grad().mul(lr));
                    line.weight().grad().zero_(); // or the next backward() would add to these
                    line.bias().grad().zero_();
                }
                if (step % report == 0 || step == 1) {
                    options.console().printf("  step %d: mean squared error %.4g%n", step, loss.item());
                }
            }
        }
        return line;
    }
}
