package dev.jangada.optim;

/**
 * Half a cosine wave from the base learning rate down to {@code etaMin}, again and again; each wave is {@code tMult} times as long as the one
 * before.
 *
 * <p>Source: {@code torch.optim.lr_scheduler.CosineAnnealingWarmRestarts}; Loshchilov, Hutter, "SGDR: Stochastic Gradient Descent with Warm
 * Restarts", arXiv 1608.03983.
 */
public final class CosineAnnealingWarmRestarts extends EpochScheduler {
    private final long t0;
    private final long tMult;
    private final double etaMin;

    /**
     * Creates the schedule and sets its first learning rates.
     *
     * @param t0 epochs of the first wave, at least 1
     * @param tMult how many times longer each next one is, at least 1
     * @param etaMin the lowest learning rate
     */
    public CosineAnnealingWarmRestarts(Optimizer<?> optimizer, long t0, long tMult, double etaMin) {
        super(optimizer);
        Optimizer.require(t0 >= 1, "CosineAnnealingWarmRestarts", "a first wave of at least one epoch", t0);
        Optimizer.require(tMult >= 1, "CosineAnnealingWarmRestarts", "a factor of at least 1", tMult);
        this.t0 = t0;
        this.tMult = tMult;
        this.etaMin = etaMin;
        start();
    }

    @Override
    protected double next(int group, long epoch, double lr) {
        long within = epoch;
        long length = t0;
        while (within >= length) {
            within -= length;
            length *= tMult;
        }
        return etaMin + (baseLr(group) - etaMin) * (1 + Math.cos(Math.PI * within / length)) / 2;
    }
}
