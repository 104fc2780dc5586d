package dev.jangada.optim;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lowers the learning rates when a measured value, such as the validation loss, has not improved for some epochs.
 *
 * <p>Source: {@code torch.optim.lr_scheduler.ReduceLROnPlateau}.
 */
public final class ReduceLROnPlateau {
    /** Which values are better. */
    public enum Mode {
        /** Lower ones. */
        MIN,
        /** Higher ones. */
        MAX
    }

    /** How the threshold of an improvement is meant. */
    public enum Threshold {
        /** As a share of the best value. */
        REL,
        /** As a difference to the best value. */
        ABS
    }

    /**
     * Settings of {@link ReduceLROnPlateau}.
     *
     * @param mode which values are better, default MIN
     * @param factor of the learning rate, in (0, 1), default 0.1
     * @param patience epochs without improvement that are endured, default 10
     * @param threshold what an improvement must exceed, default 1e-4
     * @param thresholdMode how the threshold is meant, default REL
     * @param cooldown epochs after a change in which nothing is counted, default 0
     * @param minLr the lowest learning rate, default 0
     * @param eps changes of the learning rate that are not larger are left out, default 1e-8
     */
    public record Options(
            Mode mode,
            double factor,
            long patience,
            double threshold,
            Threshold thresholdMode,
            long cooldown,
            double minLr,
            double eps) {
        /** Checks the values. */
        public Options {
            Optimizer.require(factor > 0 && factor < 1, "ReduceLROnPlateau", "a factor in (0, 1)", factor);
            Optimizer.require(patience >= 0, "ReduceLROnPlateau", "a patience of at least 0", patience);
            Optimizer.require(cooldown >= 0, "ReduceLROnPlateau", "a cooldown of at least 0", cooldown);
        }

        /** Returns the defaults. */
        public static Options defaults() {
            return new Options(Mode.MIN, 0.1, 10, 1e-4, Threshold.REL, 0, 0, 1e-8);
        }

        /** Returns a copy for values of which others are better. */
        public Options withMode(Mode value) {
            return new Options(value, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
        }

        /** Returns a copy with another factor. */
        public Options withFactor(double value) {
            return new Options(mode, value, patience, threshold, thresholdMode, cooldown, minLr, eps);
        }

        /** Returns a copy with another patience. */
        public Options withPatience(long value) {
            return new Options(mode, factor, value, threshold, thresholdMode, cooldown, minLr, eps);
        }

        /** Returns a copy with another threshold. */
        public Options withThreshold(double value, Threshold how) {
            return new Options(mode, factor, patience, value, how, cooldown, minLr, eps);
        }

        /** Returns a copy with another cooldown. */
        public Options withCooldown(long value) {
            return new Options(mode, factor, patience, threshold, thresholdMode, value, minLr, eps);
        }

        /** Returns a copy with another lowest learning rate. */
        public Options withMinLr(double value) {
            return new Options(mode, factor, patience, threshold, thresholdMode, cooldown, value, eps);
        }

        /** Returns a copy with another smallest change. */
        public Options withEps(double value) {
            return new Options(mode, factor, patience, threshold, thresholdMode, cooldown, minLr, value);
        }
    }

    private static final String NAME = "ReduceLROnPlateau.";

    private final Optimizer<?> optimizer;
    private final Options options;
    private double best;
    private long badEpochs;
    private long cooldownLeft;
    private long lastEpoch;

    /** Creates the scheduler with its defaults. */
    public ReduceLROnPlateau(Optimizer<?> optimizer) {
        this(optimizer, Options.defaults());
    }

    /** Creates the scheduler; it changes nothing yet. */
    public ReduceLROnPlateau(Optimizer<?> optimizer, Options options) {
        this.optimizer = optimizer;
        this.options = options;
        best = options.mode == Mode.MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    }

    /** Counts an epoch by its measured value, and lowers the learning rates if it was one too many; NaN is no improvement. */
    public void step(double metric) {
        lastEpoch++;
        if (better(metric)) {
            best = metric;
            badEpochs = 0;
        } else {
            badEpochs++;
        }
        if (cooldownLeft > 0) {
            cooldownLeft--;
            badEpochs = 0;
        }
        if (badEpochs > options.patience) {
            reduce();
            cooldownLeft = options.cooldown;
            badEpochs = 0;
        }
    }

    private boolean better(double metric) {
        double sign = options.mode == Mode.MIN ? -1 : 1;
        double bar = switch (options.thresholdMode) {
            case REL -> best * (1 + sign * options.threshold);
            case ABS -> best + sign * options.threshold;
        };
        return options.mode == Mode.MIN ? metric < bar : metric > bar;
    }

    private void reduce() {
        for (Optimizer.Group<?> group : optimizer.groups()) {
            double next = Math.max(group.lr() * options.factor, options.minLr);
            if (group.lr() - next > options.eps) {
                group.setLr(next);
            }
        }
    }

    /** Returns how often {@link #step} was called. */
    public long lastEpoch() {
        return lastEpoch;
    }

    /** Returns the best value so far and all counts; the settings are those of the constructor. */
    public Map<String, Tensor> stateDict() {
        Map<String, Tensor> out = new LinkedHashMap<>();
        out.put(NAME + "best", StateDict.tensor(best));
        out.put(NAME + "num_bad_epochs", StateDict.tensor(badEpochs));
        out.put(NAME + "cooldown_counter", StateDict.tensor(cooldownLeft));
        out.put(NAME + "last_epoch", StateDict.tensor(lastEpoch));
        return out;
    }

    /**
     * Takes over a state of {@link #stateDict()}. Nothing is changed if an exception is thrown.
     *
     * @throws ArgumentException if it is that of another scheduler
     */
    public void loadStateDict(Map<String, Tensor> state) {
        StateDict.Reader reader = new StateDict.Reader("ReduceLROnPlateau", state);
        double value = reader.number(NAME + "best");
        long bad = reader.whole(NAME + "num_bad_epochs");
        long cooling = reader.whole(NAME + "cooldown_counter");
        long epoch = reader.whole(NAME + "last_epoch");
        reader.finish();
        best = value;
        badEpochs = bad;
        cooldownLeft = cooling;
        lastEpoch = epoch;
    }
}
