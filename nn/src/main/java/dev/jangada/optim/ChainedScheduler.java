package dev.jangada.optim;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several schedules of one optimiser that step together; their effects multiply.
 *
 * <p>Source: {@code torch.optim.lr_scheduler.ChainedScheduler}.
 */
public final class ChainedScheduler implements LRScheduler {
    private final List<EpochScheduler> schedulers;

    /**
     * Creates the chain.
     *
     * @param schedulers of one optimiser, at least one
     * @throws ArgumentException if there is none, or one is of another optimiser
     */
    public ChainedScheduler(List<? extends EpochScheduler> schedulers) {
        if (schedulers.isEmpty()) {
            throw new ArgumentException(
                    "[ChainedScheduler] expected at least one scheduler, got none; pass those to chain");
        }
        this.schedulers = List.copyOf(schedulers);
        Chain.check("ChainedScheduler", this.schedulers.get(0).optimizer(), schedulers);
    }

    @Override
    public void step() {
        schedulers.forEach(EpochScheduler::step);
    }

    @Override
    public double[] lastLr() {
        return schedulers.get(schedulers.size() - 1).lastLr();
    }

    @Override
    public Map<String, Tensor> stateDict() {
        Map<String, Tensor> out = new LinkedHashMap<>();
        Chain.save("ChainedScheduler", schedulers, out);
        return out;
    }

    @Override
    public void loadStateDict(Map<String, Tensor> state) {
        Chain.load("ChainedScheduler", schedulers, new StateDict.Reader("ChainedScheduler", state));
    }
}
