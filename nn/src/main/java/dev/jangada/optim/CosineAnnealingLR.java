package dev.jangada.optim;

/**
 * Half a cosine wave from the base learning rate down to {@code etaMin} within {@code tMax} epochs, and up again in the next ones:
 * {@code etaMin + (baseLr - etaMin) * (1 + cos(pi * epoch / tMax)) / 2}, computed from the rate before so that schedules multiply.
 *
 * <p>Source: {@code torch.optim.lr_scheduler.CosineAnnealingLR}; Loshchilov, Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts",
 * arXiv 1608.03983.
 */
public final class CosineAnnealingLR extends EpochScheduler {
    private final long tMax;
    private final double etaMin;

    /** As {@link #CosineAnnealingLR(Optimizer, long, double)}, down to 0. */
    public CosineAnnealingLR(Optimizer<?> optimizer, long tMax) {
        this(optimizer, tMax, 0);
    }

    /**
     * Creates the schedule and sets its first learning rates.
     *
     * @param tMax epochs down, at least 1
     * @param etaMin the lowest learning rate
     */
    public CosineAnnealingLR(Optimizer<?> optimizer, long tMax, double etaMin) {
        super(optimizer);
        Optimizer.require(tMax >= 1, "CosineAnnealingLR", "at least one epoch", tMax);
        this.tMax = tMax;
        this.etaMin = etaMin;
        start();
    }

    private double wave(long epoch) {
        return 1 + Math.cos(Math.PI * epoch / tMax);
    }

    @Override
    protected double next(int group, long epoch, double lr) {
        if (epoch == 0) {
            return lr;
        }
        if ((epoch - 1) % (2 * tMax) == tMax) { // from etaMin a ratio leads nowhere
            return lr + (baseLr(group) - etaMin) * (1 - Math.cos(Math.PI / tMax)) / 2;
        }
        return etaMin + (lr - etaMin) * wave(epoch) / wave(epoch - 1);
    }
}
