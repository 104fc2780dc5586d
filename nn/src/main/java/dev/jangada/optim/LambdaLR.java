package dev.jangada.optim;

import dev.jangada.ArgumentException;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/**
 * The base learning rate times a function of the epoch.
 *
 * <p>The functions are no part of the state: make the schedule with the same ones.
 * <p>Source: {@code torch.optim.lr_scheduler.LambdaLR}.
 */
public final class LambdaLR extends EpochScheduler {
    private final List<LongToDoubleFunction> factors;

    /** Creates the schedule with one function for all groups. */
    public LambdaLR(Optimizer<?> optimizer, LongToDoubleFunction factor) {
        this(optimizer, List.of(factor));
    }

    /**
     * Creates the schedule and sets its first learning rates.
     *
     * @param factors of the epoch, one for all groups or one each
     */
    public LambdaLR(Optimizer<?> optimizer, List<LongToDoubleFunction> factors) {
        super(optimizer);
        int groups = optimizer.groups().size();
        if (factors.size() != 1 && factors.size() != groups) {
            throw new ArgumentException("[LambdaLR] expected one function or " + groups + ", one per group, got "
                    + factors.size() + "; pass as many");
        }
        this.factors = List.copyOf(factors);
        start();
    }

    @Override
    protected double next(int group, long epoch, double lr) {
        return baseLr(group) * factors.get(factors.size() == 1 ? 0 : group).applyAsDouble(epoch);
    }
}
