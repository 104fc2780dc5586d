package dev.jangada.examples;

import dev.jangada.DType;
import dev.jangada.Generator;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.nn.Embedding;
import dev.jangada.nn.Functional;
import dev.jangada.nn.LSTM;
import dev.jangada.nn.Linear;
import dev.jangada.nn.Module;

/** The network of {@link CharLstm}: rates the next character after each one that it reads. */
final class CharWriter extends Module {
    private final Embedding embedding;
    private final LSTM lstm;
    private final Linear head;

    CharWriter(long characters) {
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

    /** Returns the mean loss of ratings {@code [T, B, characters]} for the characters that came {@code [T, B]}. */
    static Tensor loss(LSTM.Output ratings, Tensor next) {
        return Functional.crossEntropy(ratings.output().flatten(0, 1), next.flatten(0, 1));
    }

    /** Reads the whole text from its beginning, carrying the state from piece to piece, and returns the mean loss. */
    double meanLoss(Tensor text, long length) {
        long count = (text.size(0) - 1) / length;
        Tensor sum = Tensor.zeros(DType.FLOAT64);
        LSTM.Output read = null;
        try (Autograd.Mode off = Autograd.noGrad()) {
            for (long i = 0; i < count; i++) {
                read = forward(text.narrow(0, i * length, length).unsqueeze(1), read);
                sum.add_(loss(read, text.narrow(0, i * length + 1, length).unsqueeze(1)));
            }
            return sum.item() / count;
        }
    }

    /** Lets the model write: each character is drawn by its probability and read next. */
    String write(int[] alphabet, int length, Generator generator) {
        StringBuilder out = new StringBuilder();
        Tensor last = Tensor.zeros(DType.INT64, 1, 1);
        LSTM.Output read = null;
        try (Autograd.Mode off = Autograd.noGrad()) {
            for (int i = 0; i < length; i++) {
                read = forward(last, read);
                last = read.output().view(1, -1).softmax(1).multinomial(1, false, generator);
                out.appendCodePoint(alphabet[(int) last.itemLong()]);
            }
        }
        return out.toString();
    }
}
