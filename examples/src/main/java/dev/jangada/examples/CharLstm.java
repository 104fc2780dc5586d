package dev.jangada.examples;

import dev.jangada.ArgumentException;
import dev.jangada.Device;
import dev.jangada.Generator;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.nn.ClipGrad;
import dev.jangada.nn.LSTM;
import dev.jangada.optim.Adam;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;

/**
 * Lesson: a network that reads Shakespeare letter by letter and then writes like him, nearly.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run char-lstm [--data FILE]</pre>
 *
 * <p>Each character becomes a vector (an embedding), an LSTM carries what has been read, and a linear layer rates every character as the
 * next one: {@link CharWriter}. The last tenth of the text is kept for validation; the loss is in nats per character.
 *
 * <p>Expect about 1.7 nats after 2,000 steps of 32 sequences of 64 characters: words are spelt, names stand before speeches, sense is rare.
 */
final class CharLstm implements Example {
    private static final int LENGTH = 64;

    @Override
    public String name() {
        return "char-lstm";
    }

    @Override
    public String description() {
        return "Trains an LSTM on a text, letter by letter, and lets it write.";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.ITERATIONS, Option.BATCH, Option.LR, Option.MODE, Option.DATA);
    }

    @Override
    public void run(Options options, Metrics metrics) throws IOException {
        Jangada.manualSeed(options.seed());
        int[] text = TextSource.text(options.data()).codePoints().toArray();
        int[] alphabet = IntStream.of(text).distinct().sorted().toArray();
        Tensor all = Tensor.of(numbers(text, alphabet));
        long split = all.size(0) * 9 / 10;
        Tensor training = all.narrow(0, 0, split);
        Tensor validation = all.narrow(0, split, all.size(0) - split);
        if (validation.size(0) <= LENGTH) {
            throw new ArgumentException("[char-lstm] expected a text of more than " + 10 * LENGTH + " characters, got "
                    + text.length + "; pass a longer one");
        }

        CharWriter model = new CharWriter(alphabet.length);
        Adam optimizer = new Adam(model.parameters(), options.lr(2e-3));
        int steps = options.iterations(2_000);
        Tensor lossSum = Tensor.zeros();
        Captured learn = Capture.of(args -> {
            Tensor pieces = args.tensor(0);
            LSTM.Output ratings = model.forward(pieces.narrow(0, 0, LENGTH), null);
            Tensor loss = CharWriter.loss(ratings, pieces.narrow(0, 1, LENGTH));
            optimizer.zeroGrad();
            loss.backward();
            ClipGrad.clipGradNorm_(model.parameters(), 5);
            optimizer.step();
            return lossSum.add_(loss.detach());
        });
        long start = System.nanoTime();
        try (ProgressBar bar = Progress.bar("training", steps, options.console())) {
            for (int step = 0; step < steps; step++) {
                try (TensorScope scope = new TensorScope()) {
                    options.runStep(learn, pieces(training, options.batch(32)));
                }
                bar.step();
            }
        }
        double trainLoss = Progress.finite(lossSum.item() / steps, steps);
        double seconds = (System.nanoTime() - start) / 1e9;
        double nats = model.meanLoss(validation, LENGTH);
        options.console().printf("validation: %.3f nats per character, %.1f s of training%n%n", nats, seconds);
        options.console().println(model.write(alphabet, 400, new Generator(options.seed())));
        metrics.put("backend", Device.best().toString())
                .put("seconds", seconds)
                .put("train_loss", trainLoss)
                .put("validation_nats", nats);
    }

    private static long[] numbers(int[] text, int[] alphabet) {
        return IntStream.of(text)
                .mapToLong(c -> Arrays.binarySearch(alphabet, c))
                .toArray();
    }

    /** Returns random pieces of the text, one in each column {@code [LENGTH + 1, B]}. */
    private static Tensor pieces(Tensor text, int batch) {
        Tensor starts = Tensor.randint(0, text.size(0) - LENGTH, new long[] {1, batch});
        return text.take(Tensor.arange(LENGTH + 1).unsqueeze(1).add(starts));
    }
}
