package dev.jangada.optim;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One schedule after the other, each from its own epoch 0 on: for example a warm-up, then a cosine.
 *
 * <pre>{@code
 * var warmUp = new LinearLR(optimizer, 0.1, 1, 5);
 * var decay = new CosineAnnealingLR(optimizer, 95);
 * var scheduler = new SequentialLR(optimizer, List.of(warmUp, decay), List.of(5L));
 * }</pre>
 *
 * <p>Source: {@code torch.optim.lr_scheduler.SequentialLR}.
 */
public final class SequentialLR implements LRScheduler {
    private final List<EpochScheduler> schedulers;
    private final List<Long> milestones;
    private long lastEpoch;

    /**
     * Creates the sequence; the first schedule begins again.
     *
     * @param schedulers of this optimiser, at least one
     * @param milestones the epochs at which the second and all further schedules begin, rising
     * @throws ArgumentException if the numbers don't fit, milestones don't rise, or a schedule is of another optimiser
     */
    public SequentialLR(Optimizer<?> optimizer, List<? extends EpochScheduler> schedulers, List<Long> milestones) {
        this.schedulers = List.copyOf(schedulers);
        this.milestones = List.copyOf(milestones);
        if (schedulers.isEmpty() || milestones.size() != schedulers.size() - 1) {
            throw new ArgumentException(
                    "[SequentialLR] expected one milestone less than schedulers, got " + milestones.size() + " and "
                            + schedulers.size() + "; pass the epochs at which the second and all further ones begin");
        }
        for (int i = 0; i < milestones.size(); i++) {
            long before = i == 0 ? 0 : milestones.get(i - 1);
            Optimizer.require(
                    milestones.get(i) > before, "SequentialLR", "a milestone above " + before, milestones.get(i));
        }
        Chain.check("SequentialLR", optimizer, schedulers);
        this.schedulers.get(0).restart();
    }

    @Override
    public void step() {
        int at = position(lastEpoch + 1);
        if (at > 0 && milestones.get(at - 1) == lastEpoch + 1) {
            schedulers.get(at).restart();
        } else {
            schedulers.get(at).step();
        }
        lastEpoch++;
    }

    private int position(long epoch) {
        return (int) milestones.stream().filter(m -> m <= epoch).count();
    }

    @Override
    public double[] lastLr() {
        return schedulers.get(position(lastEpoch)).lastLr();
    }

    @Override
    public Map<String, Tensor> stateDict() {
        Map<String, Tensor> out = new LinkedHashMap<>();
        out.put("SequentialLR.last_epoch", StateDict.tensor(lastEpoch));
        Chain.save("SequentialLR", schedulers, out);
        return out;
    }

    @Override
    public void loadStateDict(Map<String, Tensor> state) {
        StateDict.Reader reader = new StateDict.Reader("SequentialLR", state);
        long epoch = reader.whole("SequentialLR.last_epoch");
        Chain.load("SequentialLR", schedulers, reader);
        lastEpoch = epoch;
    }
}
