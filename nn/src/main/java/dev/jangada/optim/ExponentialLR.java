package dev.jangada.optim;

/**
 * Multiplies the learning rate by {@code gamma} every epoch.
 *
 * <p>Source: {@code torch.optim.lr_scheduler.ExponentialLR}.
 */
public final class ExponentialLR extends EpochScheduler {
    private final double gamma;

    /**
     * Creates the schedule and sets its first learning rates.
     *
     * @param gamma factor of each epoch
     */
    public ExponentialLR(Optimizer<?> optimizer, double gamma) {
        super(optimizer);
        this.gamma = gamma;
        start();
    }

    @Override
    protected double next(int group, long epoch, double lr) {
        return epoch == 0 ? lr : lr * gamma;
    }
}
