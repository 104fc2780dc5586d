package dev.jangada.examples;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.data.TensorDataset;
import dev.jangada.nn.rbm.RBM;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import me.tongfei.progressbar.ProgressBar;

/**
 * A restricted Boltzmann machine is shown the upper half of digits and paints the lower half.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run rbm-inpainting --steps 1000 --out pictures
 * java -jar examples/target/jangada-examples.jar run rbm-inpainting --load pictures/rbm.safetensors --start zero</pre>
 *
 * <p>The known pixels are clamped: each Gibbs step samples the hidden units from the whole image, then only the unknown pixels from the
 * hidden units. One state of the chain is one way to complete the digit; the mean over many states tells how probable ink is.
 *
 * <p>A pixel is ink if its grey value is above 0. Expect {@code pixel_accuracy} of that mean 6 points above {@code baseline_accuracy}, which
 * guesses what each pixel mostly is (cut at half grey, guessing is right more often, and the machine 4 points better), and in
 * {@code inpainting.png} images, what is known of them, one completion and the mean.
 */
final class RbmInpainting implements Example {
    private static final int MEASURED = 500;
    private static final int SHOWN = 14;
    private static final int PIECE = 10; // steps between two states that are looked at

    @Override
    public String name() {
        return "rbm-inpainting";
    }

    @Override
    public String description() {
        return "Trains or loads a restricted Boltzmann machine, which paints the lower half of digits.";
    }

    @Override
    public Set<Option> options() {
        return RbmTraining.options(Option.STEPS, Option.START);
    }

    @Override
    public void run(Options options, Metrics metrics) throws IOException {
        Path out = options.out(this);
        Jangada.manualSeed(options.seed());
        MnistFiles files = MnistFiles.find(options);
        TensorDataset training = files.training();
        TensorDataset test = files.test();
        RBM rbm = RbmTraining.trainOrLoad(training, options, out);

        Tensor all = test.tensors().get(0); // of which every so many, as its halves have different writers
        Tensor images = all.slice(0, 0, all.size(0), Math.max(1, all.size(0) / MEASURED));
        long half = images.size(1) / 2 * images.size(2);
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Tensor v = RbmTraining.ink(images);
            Tensor known = Tensor.arange(v.size(1)).lt(half);
            Tensor[] painted = paint(rbm, v, known, options);
            double accuracy = accuracy(painted[1], v, half);
            Tensor mean = RbmTraining.ink(training.tensors().get(0)).mean(0); // how often each pixel has ink
            double baseline = accuracy(mean.expandAs(v), v, half);
            options.console()
                    .printf(
                            "pixels of the lower half: %.2f %% right, %.2f %% by guessing; picture in %s%n",
                            100 * accuracy, 100 * baseline, out);
            picture(out.resolve("inpainting.png"), v, known, painted, images.size(2));
            metrics.put("backend", Device.best().toString())
                    .put("pixel_accuracy", accuracy)
                    .put("baseline_accuracy", baseline);
        }
    }

    /** Returns the probability of ink at the end of a chain, and in the mean over its second half. */
    private static Tensor[] paint(RBM rbm, Tensor v, Tensor known, Options options) {
        int steps = options.steps(1_000);
        Tensor sum = Tensor.zerosLike(v);
        Tensor last = Tensor.zerosLike(v);
        int count = 0;
        Tensor state = rbm.inpaint(v, known, 1, options.start(RBM.Start.ZERO));
        Captured chain = Capture.of(args ->
                state.copy_(rbm.gibbs(state, known, args.intValue(0)))); // captured: a call of the device a piece
        try (ProgressBar bar = Progress.bar("Gibbs steps", steps, options.console())) {
            for (int done = 1; count == 0 || done < steps; bar.stepTo(done)) {
                try (TensorScope piece = new TensorScope()) {
                    int more = Math.min(PIECE, steps - done);
                    if (more > 0) {
                        options.runStep(chain, more);
                        done += more;
                    }
                    last.copy_(Tensor.where(known, v, rbm.propDown(rbm.propUp(state))));
                    if (2 * done > steps) {
                        sum.add_(last);
                        count++;
                    }
                }
            }
        }
        return new Tensor[] {last, sum.div(count)};
    }

    /** Returns the share of pixels from number {@code from} on whose more probable value is the right one. */
    private static double accuracy(Tensor probability, Tensor v, long from) {
        Tensor right = probability.gt(0.5).eq(v.gt(0.5));
        return right.narrow(1, from, v.size(1) - from).to(DType.FLOAT64).mean().item();
    }

    /** Four rows: images, what is known of them over grey, one completion and the mean. */
    private static void picture(Path file, Tensor v, Tensor known, Tensor[] painted, long width) throws IOException {
        int shown = (int) Math.min(SHOWN, v.size(0));
        Tensor clamped = Tensor.where(known, v, Scalar.of(0.35));
        Tensor all = Tensor.stack(0, v, clamped, painted[0], painted[1])
                .narrow(1, 0, shown)
                .reshape(-1, v.size(1));
        Pictures.grid(file, all, (int) width, shown);
    }
}
