package dev.jangada.examples;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.data.Batch;
import dev.jangada.data.DataLoader;
import dev.jangada.data.TensorDataset;
import dev.jangada.io.StateFile;
import dev.jangada.nn.rbm.RBM;
import dev.jangada.optim.Adam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import me.tongfei.progressbar.ProgressBar;

/**
 * The machine of the lessons that use one: 128 hidden units, trained on images or loaded from a file.
 *
 * <p>It is to make images, not only to recognise them, so it is trained with persistent chains: contrastive divergence alone leaves it with
 * states of grey noise that long chains end in. The chains are to follow the weights, so the learning rate falls to 0.
 */
final class RbmTraining {
    private static final int HIDDEN = 128;
    private static final double LR = 2e-3;

    private RbmTraining() {}

    /** Returns the options of training and loading, and those of the program. */
    static Set<Option> options(Option... more) {
        Set<Option> all = EnumSet.of(
                Option.EPOCHS, Option.BATCH, Option.LR, Option.K, Option.MODE, Option.LOAD, Option.DATA, Option.OUT);
        all.addAll(List.of(more));
        return all;
    }

    /** Loads what {@code --load} names, or trains and keeps the weights in {@code rbm.safetensors}. */
    static RBM trainOrLoad(TensorDataset training, Options options, Path out) throws IOException {
        long pixels = training.tensors().get(0).numel() / training.size();
        if (options.load().isPresent()) {
            Path file = options.load().get();
            for (Option other : List.of(Option.EPOCHS, Option.BATCH, Option.LR, Option.K)) {
                if (options.isGiven(other)) {
                    throw new ArgumentException("[load] expected weights or training, got --load and " + other.flag()
                            + "; leave one of them out");
                }
            }
            try (TensorScope scope = new TensorScope()) {
                Map<String, Tensor> state = StateFile.load(file);
                boolean matrix = state.containsKey("W") && state.get("W").dim() == 2;
                RBM rbm = new RBM(pixels, matrix ? Math.max(1, state.get("W").size(0)) : HIDDEN);
                rbm.loadStateDict(state);
                options.console().println("weights: " + file);
                return rbm;
            }
        }
        RBM rbm = new RBM(pixels, HIDDEN, options.k(1));
        train(rbm, training, options);
        Map<String, Tensor> weights = new LinkedHashMap<>(rbm.stateDict());
        weights.remove("chains"); // needed to train on, not to use the machine
        StateFile.save(out.resolve("rbm.safetensors"), weights);
        return rbm;
    }

    private static void train(RBM rbm, TensorDataset training, Options options) {
        double lr = options.lr(LR);
        Adam optimizer = new Adam(rbm.parameters(), lr);
        DataLoader<Batch> loader = new DataLoader<>(
                training,
                DataLoader.Options.of(options.batch(64)).withShuffle(true).withSeed(options.seed()));
        startAtTheMean(rbm, training);
        rbm.startChains(options.batch(64));
        Tensor lossSum = Tensor.zeros();
        Captured step = Capture.of(args -> {
            Tensor loss = rbm.persistentContrastiveDivergence(ink(args.tensor(0)));
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return lossSum.add_(loss.detach());
        });
        int epochs = options.epochs(12);
        for (int epoch = 0; epoch < epochs; epoch++) {
            lossSum.zero_();
            try (ProgressBar bar = Progress.bar("epoch " + (epoch + 1), loader.size(), options.console())) {
                for (Batch batch : loader) {
                    double done = (epoch + (double) bar.getCurrent() / loader.size()) / epochs;
                    optimizer.setLr(lr * (1 - done));
                    try (batch;
                            TensorScope scope = new TensorScope()) {
                        options.runStep(step, batch.get(0));
                    }
                    bar.step();
                }
            }
            double loss = Progress.finite(lossSum.item() / loader.size(), (epoch + 1) * loader.size());
            options.console().printf("epoch %d: loss %.3f%n", epoch + 1, loss);
        }
    }

    /** Returns which pixels of images have any ink, as 0 and 1 {@code [B, pixels]}: the machine knows no grey. */
    static Tensor ink(Tensor images) {
        return images.flatten(1, -1).gt(0).to(DType.FLOAT32);
    }

    /** Gives each visible unit the bias with which it is on as often as its pixel has ink: what hidden units need not learn. */
    private static void startAtTheMean(RBM rbm, TensorDataset training) {
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Tensor images = training.tensors().get(0);
            Tensor p = ink(images).sum(0).flatten().add(1).div(training.size() + 2.0); // never 0 or 1
            rbm.visibleBias().copy_(p.div(p.neg().add(1)).log());
        }
    }
}
