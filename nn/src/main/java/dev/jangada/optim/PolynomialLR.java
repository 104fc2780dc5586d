package dev.jangada.optim;

/**
 * Lets the learning rate fall to 0: {@code baseLr * (1 - epoch / totalIters)^power}, 0 after {@code totalIters} epochs.
 *
 * <p>Source: {@code torch.optim.lr_scheduler.PolynomialLR}.
 */
public final class PolynomialLR extends EpochScheduler {
    private final long totalIters;
    private final double power;

    /**
     * Creates the schedule and sets its first learning rates.
     *
     * @param totalIters epochs on the way, at least 1, 5 in PyTorch unless given
     * @param power 1 for a line
     */
    public PolynomialLR(Optimizer<?> optimizer, long totalIters, double power) {
        super(optimizer);
        Optimizer.require(totalIters >= 1, "PolynomialLR", "at least one epoch", totalIters);
        this.totalIters = totalIters;
        this.power = power;
        start();
    }

    @Override
    protected double next(int group, long epoch, double lr) {
        if (epoch == 0 || epoch > totalIters) {
            return lr;
        }
        double left = (1 - (double) epoch / totalIters) / (1 - (epoch - 1.0) / totalIters);
        return lr * Math.pow(left, power);
    }
}
