package dev.jangada.optim;

/**
 * A smaller learning rate for the first epochs: {@code baseLr * factor} before epoch {@code totalIters}, then {@code baseLr}.
 *
 * <p>Source: {@code torch.optim.lr_scheduler.ConstantLR}.
 */
public final class ConstantLR extends EpochScheduler {
    private final double factor;
    private final long totalIters;

    /**
     * Creates the schedule and sets its first learning rates.
     *
     * @param factor in (0, 1], 1/3 in PyTorch unless given
     * @param totalIters epochs with the smaller rate, 5 in PyTorch unless given
     */
    public ConstantLR(Optimizer<?> optimizer, double factor, long totalIters) {
        super(optimizer);
        Optimizer.require(factor > 0 && factor <= 1, "ConstantLR", "a factor in (0, 1]", factor);
        this.factor = factor;
        this.totalIters = totalIters;
        start();
    }

    @Override
    protected double next(int group, long epoch, double lr) {
        if (epoch == 0) {
            return lr * factor;
        }
        return epoch == totalIters ? lr / factor : lr;
    }
}
