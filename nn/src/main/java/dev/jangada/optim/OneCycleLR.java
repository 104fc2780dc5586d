package dev.jangada.optim;

import dev.jangada.ArgumentException;
import java.util.List;

/**
 * One cycle over the whole training: up from a low learning rate to {@code maxLr}, then far down, while the momentum moves the other way.
 * {@link #step()} is called after each batch.
 *
 * <p>The first rate is {@code maxLr / divFactor}, the last one {@code maxLr / divFactor / finalDivFactor}.
 *
 * <p>Source: {@code torch.optim.lr_scheduler.OneCycleLR}; Smith, Topin, "Super-Convergence: Very Fast Training of Neural Networks Using
 * Large Learning Rates", arXiv 1708.07120.
 */
public final class OneCycleLR extends EpochScheduler {
    /** How a value moves from one end of a phase to the other. */
    public enum Anneal {
        /** Half a cosine wave. */
        COS,
        /** A line. */
        LINEAR
    }

    /**
     * Settings of {@link OneCycleLR}.
     *
     * @param totalSteps steps of the cycle, at least 1
     * @param pctStart share of the steps on the way up, in [0, 1], default 0.3
     * @param anneal the form of the phases, default COS
     * @param cycleMomentum whether the momentum moves too, default true
     * @param baseMomentum the lowest momentum, default 0.85
     * @param maxMomentum the highest momentum, default 0.95
     * @param divFactor how many times lower than the highest rate the first one is, default 25
     * @param finalDivFactor how many times lower than the first rate the last one is, default 1e4
     * @param threePhase whether the way down returns to the first rate as it came, and only then falls to the last one; default false
     */
    public record Options(
            long totalSteps,
            double pctStart,
            Anneal anneal,
            boolean cycleMomentum,
            double baseMomentum,
            double maxMomentum,
            double divFactor,
            double finalDivFactor,
            boolean threePhase) {
        /** Checks the values. */
        public Options {
            Optimizer.require(totalSteps >= 1, "OneCycleLR", "at least one step", totalSteps);
            Optimizer.require(pctStart >= 0 && pctStart <= 1, "OneCycleLR", "a share in [0, 1]", pctStart);
        }

        /** Returns the defaults for a number of steps. */
        public static Options of(long totalSteps) {
            return new Options(totalSteps, 0.3, Anneal.COS, true, 0.85, 0.95, 25, 1e4, false);
        }

        /** Returns the defaults for a number of epochs. */
        public static Options of(long epochs, long stepsPerEpoch) {
            return of(Math.multiplyExact(epochs, stepsPerEpoch));
        }

        /** Returns a copy with another share of steps on the way up. */
        public Options withPctStart(double value) {
            return new Options(
                    totalSteps,
                    value,
                    anneal,
                    cycleMomentum,
                    baseMomentum,
                    maxMomentum,
                    divFactor,
                    finalDivFactor,
                    threePhase);
        }

        /** Returns a copy with another form of the phases. */
        public Options withAnneal(Anneal value) {
            return new Options(
                    totalSteps,
                    pctStart,
                    value,
                    cycleMomentum,
                    baseMomentum,
                    maxMomentum,
                    divFactor,
                    finalDivFactor,
                    threePhase);
        }

        /** Returns a copy that moves the momentum or leaves it alone. */
        public Options withCycleMomentum(boolean value) {
            return new Options(
                    totalSteps,
                    pctStart,
                    anneal,
                    value,
                    baseMomentum,
                    maxMomentum,
                    divFactor,
                    finalDivFactor,
                    threePhase);
        }

        /** Returns a copy with other bounds of the momentum. */
        public Options withMomentum(double base, double max) {
            return new Options(
                    totalSteps, pctStart, anneal, cycleMomentum, base, max, divFactor, finalDivFactor, threePhase);
        }

        /** Returns a copy with other ratios of the highest to the first, and of the first to the last rate. */
        public Options withDivFactors(double first, double last) {
            return new Options(
                    totalSteps, pctStart, anneal, cycleMomentum, baseMomentum, maxMomentum, first, last, threePhase);
        }

        /** Returns a copy with three phases or two. */
        public Options withThreePhase(boolean value) {
            return new Options(
                    totalSteps,
                    pctStart,
                    anneal,
                    cycleMomentum,
                    baseMomentum,
                    maxMomentum,
                    divFactor,
                    finalDivFactor,
                    value);
        }
    }

    private final double[] maxLrs;
    private final Options options;
    /** The last step of each phase. */
    private final double[] ends;

    /** Creates the schedule with its defaults. */
    public OneCycleLR(Optimizer<?> optimizer, double maxLr, long totalSteps) {
        this(optimizer, List.of(maxLr), Options.of(totalSteps));
    }

    /** Creates the schedule with one highest rate for all groups. */
    public OneCycleLR(Optimizer<?> optimizer, double maxLr, Options options) {
        this(optimizer, List.of(maxLr), options);
    }

    /**
     * Creates the schedule and sets its first learning rates.
     *
     * @param maxLrs the highest rate, one for all groups or one each
     * @throws ArgumentException if the momentum shall move and the optimiser has none
     */
    public OneCycleLR(Optimizer<?> optimizer, List<Double> maxLrs, Options options) {
        super(optimizer);
        this.maxLrs = perGroup("OneCycleLR", "highest rate", maxLrs, optimizer);
        this.options = options;
        double up = options.pctStart * options.totalSteps - 1;
        double last = options.totalSteps - 1.0;
        ends = options.threePhase ? new double[] {up, 2 * up, last} : new double[] {up, last};
        double[] first = this.maxLrs.clone();
        for (int i = 0; i < first.length; i++) {
            first[i] /= options.divFactor;
            if (options.cycleMomentum) {
                optimizer.groups().get(i).momentum(); // an optimiser without one is refused before anything has changed
            }
        }
        setBaseLrs(first);
        start();
    }

    @Override
    protected double next(int group, long epoch, double lr) {
        if (epoch > options.totalSteps) {
            throw new ArgumentException("[OneCycleLR] expected at most " + options.totalSteps + " steps, got " + epoch
                    + "; make the cycle as long as the training");
        }
        double first = baseLr(group);
        double max = maxLrs[group];
        double last = first / options.finalDivFactor;
        return anneal(
                epoch, options.threePhase ? new double[] {first, max, first, last} : new double[] {first, max, last});
    }

    @Override
    protected double nextMomentum(int group, long epoch) {
        double low = options.baseMomentum;
        double high = options.maxMomentum;
        return options.cycleMomentum ? anneal(epoch, new double[] {high, low, high, high}) : Double.NaN;
    }

    /** Returns the value between those at the ends of the phase that a step is in; after the last step, the last one. */
    private double anneal(long step, double[] values) {
        int phase = 0;
        while (phase < ends.length - 1 && step > ends[phase]) {
            phase++;
        }
        double from = phase == 0 ? 0 : ends[phase - 1];
        double done = ends[phase] > from ? Math.min(1, (step - from) / (ends[phase] - from)) : 1;
        double a = values[phase];
        double b = values[phase + 1];
        return switch (options.anneal) {
            case COS -> b + (a - b) / 2 * (1 + Math.cos(Math.PI * done));
            case LINEAR -> a + (b - a) * done;
        };
    }
}
