package dev.jangada.optim;

/**
 * Lets the learning rate swing between two bounds along lines, and the momentum against it. {@link #step()} is called after each batch.
 *
 * <p>Source: {@code torch.optim.lr_scheduler.CyclicLR}; Smith, "Cyclical Learning Rates for Training Neural Networks", arXiv 1506.01186.
 */
public final class CyclicLR extends EpochScheduler {
    /** How the swings change. */
    public enum Mode {
        /** All swings are alike. */
        TRIANGULAR,
        /** Each swing is half as high as the one before. */
        TRIANGULAR2,
        /** The height shrinks by gamma with every step. */
        EXP_RANGE
    }

    /**
     * Settings of {@link CyclicLR}.
     *
     * @param baseLr the lowest learning rate
     * @param maxLr the highest learning rate
     * @param stepSizeUp steps of the way up, at least 1, default 2000
     * @param stepSizeDown steps of the way down, at least 1, default as up
     * @param mode how the swings change, default TRIANGULAR
     * @param gamma factor per step of EXP_RANGE, default 1
     * @param cycleMomentum whether the momentum swings too, default true
     * @param baseMomentum the lowest momentum, default 0.8
     * @param maxMomentum the highest momentum, default 0.9
     */
    public record Options(
            double baseLr,
            double maxLr,
            long stepSizeUp,
            long stepSizeDown,
            Mode mode,
            double gamma,
            boolean cycleMomentum,
            double baseMomentum,
            double maxMomentum) {
        /** Checks the values. */
        public Options {
            Optimizer.require(stepSizeUp >= 1, "CyclicLR", "at least one step up", stepSizeUp);
            Optimizer.require(stepSizeDown >= 1, "CyclicLR", "at least one step down", stepSizeDown);
        }

        /** Returns the defaults for two bounds. */
        public static Options of(double baseLr, double maxLr) {
            return new Options(baseLr, maxLr, 2000, 2000, Mode.TRIANGULAR, 1, true, 0.8, 0.9);
        }

        /** Returns a copy with other lengths of the ways up and down. */
        public Options withStepSizes(long up, long down) {
            return new Options(baseLr, maxLr, up, down, mode, gamma, cycleMomentum, baseMomentum, maxMomentum);
        }

        /** Returns a copy with swings that change in another way; gamma matters to EXP_RANGE alone. */
        public Options withMode(Mode value, double factor) {
            return new Options(
                    baseLr, maxLr, stepSizeUp, stepSizeDown, value, factor, cycleMomentum, baseMomentum, maxMomentum);
        }

        /** Returns a copy that moves the momentum or leaves it alone. */
        public Options withCycleMomentum(boolean value) {
            return new Options(baseLr, maxLr, stepSizeUp, stepSizeDown, mode, gamma, value, baseMomentum, maxMomentum);
        }

        /** Returns a copy with other bounds of the momentum. */
        public Options withMomentum(double base, double max) {
            return new Options(baseLr, maxLr, stepSizeUp, stepSizeDown, mode, gamma, cycleMomentum, base, max);
        }
    }

    private final Options options;

    /** Creates the schedule with its defaults. */
    public CyclicLR(Optimizer<?> optimizer, double baseLr, double maxLr) {
        this(optimizer, Options.of(baseLr, maxLr));
    }

    /**
     * Creates the schedule and sets its first learning rates.
     *
     * @throws dev.jangada.ArgumentException if the momentum shall swing and the optimiser has none
     */
    public CyclicLR(Optimizer<?> optimizer, Options options) {
        super(optimizer);
        this.options = options;
        if (options.cycleMomentum) {
            optimizer.groups().forEach(Optimizer.Group::momentum); // refuses one without before anything has changed
        }
        start();
    }

    @Override
    protected double next(int group, long epoch, double lr) {
        return options.baseLr + (options.maxLr - options.baseLr) * height(epoch);
    }

    @Override
    protected double nextMomentum(int group, long epoch) {
        return options.cycleMomentum
                ? options.maxMomentum - (options.maxMomentum - options.baseMomentum) * height(epoch)
                : Double.NaN;
    }

    /** Returns how high above the lower bound a step is, from 0 to 1. */
    private double height(long step) {
        long cycle = step / (options.stepSizeUp + options.stepSizeDown);
        long within = step % (options.stepSizeUp + options.stepSizeDown);
        double height = within <= options.stepSizeUp
                ? (double) within / options.stepSizeUp
                : 1 - (double) (within - options.stepSizeUp) / options.stepSizeDown;
        return switch (options.mode) {
            case TRIANGULAR -> height;
            case TRIANGULAR2 -> height * Math.pow(0.5, cycle);
            case EXP_RANGE -> height * Math.pow(options.gamma, step);
        };
    }
}
