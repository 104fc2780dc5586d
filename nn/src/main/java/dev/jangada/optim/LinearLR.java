package dev.jangada.optim;

/**
 * A factor of the learning rate that moves from {@code startFactor} to {@code endFactor} along a line of {@code totalIters} epochs: warm-up.
 *
 * <p>Source: {@code torch.optim.lr_scheduler.LinearLR}.
 */
public final class LinearLR extends EpochScheduler {
    private final double startFactor;
    private final double endFactor;
    private final long totalIters;

    /**
     * Creates the schedule and sets its first learning rates.
     *
     * @param startFactor factor of epoch 0, in (0, 1], 1/3 in PyTorch unless given
     * @param endFactor factor from epoch {@code totalIters} on, in [0, 1], 1 in PyTorch unless given
     * @param totalIters epochs on the way, at least 1, 5 in PyTorch unless given
     */
    public LinearLR(Optimizer<?> optimizer, double startFactor, double endFactor, long totalIters) {
        super(optimizer);
        Optimizer.require(startFactor > 0 && startFactor <= 1, "LinearLR", "a start factor in (0, 1]", startFactor);
        Optimizer.require(endFactor >= 0 && endFactor <= 1, "LinearLR", "an end factor in [0, 1]", endFactor);
        Optimizer.require(totalIters >= 1, "LinearLR", "at least one epoch", totalIters);
        this.startFactor = startFactor;
        this.endFactor = endFactor;
        this.totalIters = totalIters;
        start();
    }

    private double factor(long epoch) {
        return startFactor + (endFactor - startFactor) * epoch / totalIters;
    }

    @Override
    protected double next(int group, long epoch, double lr) {
        if (epoch == 0) {
            return lr * startFactor;
        }
        return epoch > totalIters ? lr : lr * (factor(epoch) / factor(epoch - 1));
    }
}
