package dev.jangada.examples;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Generator;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.nn.ClipGrad;
import dev.jangada.nn.Embedding;
import dev.jangada.nn.Functional;
import dev.jangada.nn.LSTM;
import dev.jangada.nn.Linear;
import dev.jangada.nn.Module;
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
 * next one. The last tenth of the text is kept for validation; the loss is in nats per character.
 *
 * <p>Expect about 1.7 nats after 2,000 steps of 32 sequences of 64 characters: words are spelt, names stand before speeches, sense is rare.
 */
final class CharLstm implements Example {
    private static final int LENGTH = 64;

    /** Rates the next character after each one. */
    private static final class Writer extends Module {
        private final Embedding embedding;
        private final LSTM lstm;
        private final Linear head;

        Writer(long characters) {
            embedding = module("embedding", new Embedding(characters, 64));
            lstm = module("lstm", new LSTM(64, 128));
            head = module("head", new Linear(128, characters));
        }

        /** Reads numbers of characters {@code [T, B]} and goes on from an earlier output; the new one is {@code [T, B, characters]}. */
        LSTM.Output forward(Tensor text, LSTM.Output before) {
            Tensor x = embedding.forward(text);
            LSTM.Output read = before == null ? lstm.forward(x) : lstm.forward(x, before.h(), before.c());
            return new LSTM.Output(head.forward(read.output()), read.h(), read.c());
        }
    }

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
        return Set.of(Option.ITERATIONS, Option.BATCH, Option.LR, Option.DATA);
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

        Writer model = new Writer(alphabet.length);
        Adam optimizer = new Adam(model.parameters(), options.lr(2e-3));
        int steps = options.iterations(2_000);
        Tensor lossSum = Tensor.zeros();
        long start = System.nanoTime();
        try (ProgressBar bar = Progress.bar("training", steps, options.console())) {
            for (int step = 0; step < steps; step++) {
                try (TensorScope scope = new TensorScope()) {
                    Tensor pieces = pieces(training, options.batch(32));
                    Tensor loss = loss(model.forward(pieces.narrow(0, 0, LENGTH), null), pieces.narrow(0, 1, LENGTH));
                    optimizer.zeroGrad();
                    loss.backward();
                    ClipGrad.clipGradNorm_(model.parameters(), 5);
                    optimizer.step();
                    lossSum.add_(loss.detach());
                }
                bar.step();
            }
        }
        double trainLoss = Progress.finite(lossSum.item() / steps, steps);
        double seconds = (System.nanoTime() - start) / 1e9;
        double nats = validate(model, validation);
        options.console().printf("validation: %.3f nats per character, %.1f s of training%n%n", nats, seconds);
        options.console().println(write(model, alphabet, 400, new Generator(options.seed())));
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

    /** Returns the mean loss of ratings {@code [T, B, characters]} for the characters that came {@code [T, B]}. */
    private static Tensor loss(LSTM.Output ratings, Tensor next) {
        return Functional.crossEntropy(ratings.output().flatten(0, 1), next.flatten(0, 1));
    }

    /** Returns random pieces of the text, one in each column {@code [LENGTH + 1, B]}. */
    private static Tensor pieces(Tensor text, int batch) {
        Tensor starts = Tensor.randint(0, text.size(0) - LENGTH, new long[] {1, batch});
        return text.take(Tensor.arange(LENGTH + 1).unsqueeze(1).add(starts));
    }

    /** Reads the whole text from its beginning, carrying the state from piece to piece, and returns the mean loss. */
    private static double validate(Writer model, Tensor text) {
        long count = (text.size(0) - 1) / LENGTH;
        Tensor sum = Tensor.zeros(DType.FLOAT64);
        LSTM.Output read = null;
        try (Autograd.Mode off = Autograd.noGrad()) {
            for (long i = 0; i < count; i++) {
                read = model.forward(text.narrow(0, i * LENGTH, LENGTH).unsqueeze(1), read);
                sum.add_(loss(read, text.narrow(0, i * LENGTH + 1, LENGTH).unsqueeze(1)));
            }
            return sum.item() / count;
        }
    }

    /** Lets the model write: each character is drawn by its probability and read next. */
    private static String write(Writer model, int[] alphabet, int length, Generator generator) {
        StringBuilder out = new StringBuilder();
        Tensor last = Tensor.zeros(DType.INT64, 1, 1);
        LSTM.Output read = null;
        try (Autograd.Mode off = Autograd.noGrad()) {
            for (int i = 0; i < length; i++) {
                read = model.forward(last, read);
                last = read.output().view(1, -1).softmax(1).multinomial(1, false, generator);
                out.appendCodePoint(alphabet[(int) last.itemLong()]);
            }
        }
        return out.toString();
    }
}
