package dev.jangada.optim;

/**
 * Multiplies the learning rate by {@code gamma} every {@code stepSize} epochs.
 *
 * <p>Source: {@code torch.optim.lr_scheduler.StepLR}.
 */
public final class StepLR extends EpochScheduler {
    private final long stepSize;
    private final double gamma;

    /**
     * Creates the schedule and sets its first learning rates.
     *
     * @param stepSize epochs between two changes, at least 1
     * @param gamma factor of each change, usually 0.1
     */
    public StepLR(Optimizer<?> optimizer, long stepSize, double gamma) {
        super(optimizer);
        Optimizer.require(stepSize >= 1, "StepLR", "a step size of at least 1", stepSize);
        this.stepSize = stepSize;
        this.gamma = gamma;
        start();
    }

    @Override
    protected double next(int group, long epoch, double lr) {
        return epoch == 0 || epoch % stepSize != 0 ? lr : lr * gamma;
    }
}
