package dev.jangada.examples;

import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.data.Mnist;
import dev.jangada.nn.Conv2d;
import dev.jangada.nn.ConvOptions;
import dev.jangada.nn.LSTM;
import dev.jangada.nn.Linear;
import dev.jangada.nn.MaxPool2d;
import dev.jangada.nn.Module;
import dev.jangada.nn.ReLU;
import dev.jangada.nn.Sequential;
import dev.jangada.optim.Adam;
import java.io.IOException;
import java.util.Set;

/**
 * Lesson: a convolutional and a recurrent network in one.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run conv-lstm</pre>
 *
 * <p>A digit is read like a film through a slit: a window of 8 rows moves down the image in steps of 4. A convolution finds the strokes in
 * each frame, an LSTM puts the frames together, and what it knows after the last one tells the digit. The frames are views of the image,
 * and the convolution sees all frames of all images as one batch.
 *
 * <p>Expect about 97 % on the test images after one epoch of full MNIST.
 */
final class ConvLstm implements Example {
    private static final int SIDE = 28;
    private static final int ROWS = 8; // of a frame
    private static final int STEP = 4;

    /** Rates the ten digits for images {@code [B, 28, 28]}. */
    private static final class Network extends Module {
        private final Sequential eye = module(
                "eye",
                new Sequential(new Conv2d(1, 8, ConvOptions.DEFAULT.withPadding(2), 5), new ReLU(), new MaxPool2d(2)));
        private final LSTM lstm = module("lstm", new LSTM(8 * (ROWS / 2) * (SIDE / 2), 128));
        private final Linear head = module("head", new Linear(128, 10));

        Tensor forward(Tensor images) {
            Tensor frames = images.unfold(1, ROWS, STEP).permute(1, 0, 3, 2); // [T, B, ROWS, SIDE]
            Tensor seen = eye.forward(frames.reshape(-1, 1, ROWS, SIDE));
            Tensor last = lstm.forward(seen.reshape(frames.size(0), images.size(0), -1))
                    .h();
            return head.forward(last.squeeze(0));
        }
    }

    @Override
    public String name() {
        return "conv-lstm";
    }

    @Override
    public String description() {
        return "Reads digits frame by frame with a convolution and an LSTM.";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.EPOCHS, Option.ITERATIONS, Option.BATCH, Option.LR, Option.MODE, Option.DATA);
    }

    @Override
    public void run(Options options, Metrics metrics) throws IOException {
        Jangada.manualSeed(options.seed());
        Network model = new Network();
        Adam optimizer = new Adam(model.parameters(), options.lr(1e-3));
        Digits.load(options)
                .learn(x -> model.forward(images(x)), optimizer, options.batch(64), options.epochs(1), metrics);
    }

    private static Tensor images(Tensor bytes) {
        return Mnist.pixels(bytes).view(-1, SIDE, SIDE);
    }
}
