package dev.jangada.optim;

import java.util.List;

/**
 * Multiplies the learning rate by {@code gamma} at given epochs; an epoch given twice counts twice.
 *
 * <p>Source: {@code torch.optim.lr_scheduler.MultiStepLR}.
 */
public final class MultiStepLR extends EpochScheduler {
    private final List<Long> milestones;
    private final double gamma;

    /**
     * Creates the schedule and sets its first learning rates.
     *
     * @param milestones the epochs
     * @param gamma factor of each change, usually 0.1
     */
    public MultiStepLR(Optimizer<?> optimizer, List<Long> milestones, double gamma) {
        super(optimizer);
        this.milestones = List.copyOf(milestones);
        this.gamma = gamma;
        start();
    }

    @Override
    protected double next(int group, long epoch, double lr) {
        long count = milestones.stream().filter(m -> m == epoch).count();
        return epoch == 0 ? lr : lr * Math.pow(gamma, count);
    }
}
