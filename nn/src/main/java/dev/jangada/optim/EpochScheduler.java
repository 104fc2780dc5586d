package dev.jangada.optim;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A schedule by a formula: the learning rate of an epoch from that of the epoch before.
 *
 * <p>A subclass calls {@link #start()} at the end of its constructor.
 */
public abstract class EpochScheduler implements LRScheduler {
    private final Optimizer<?> optimizer;
    private double[] baseLrs;
    private double[] lastLr;
    private long lastEpoch;

    /** Creates a schedule for the present groups of an optimiser, whose learning rates are those to begin with. */
    protected EpochScheduler(Optimizer<?> optimizer) {
        this.optimizer = optimizer;
        baseLrs = new double[optimizer.groups().size()];
        for (int i = 0; i < baseLrs.length; i++) {
            baseLrs[i] = optimizer.groups().get(i).firstLr();
        }
        lastLr = baseLrs.clone();
    }

    /** Returns the learning rate of a group at this epoch, from that at the epoch before, or before the schedule at epoch 0. */
    protected abstract double next(int group, long epoch, double lr);

    /** Returns the momentum of a group at this epoch; NaN, which leaves it alone, unless a subclass says otherwise. */
    protected double nextMomentum(int group, long epoch) {
        return Double.NaN;
    }

    /** Sets the learning rates of epoch 0. */
    protected final void start() {
        go(0);
    }

    /** Begins again, whatever other schedules did in between. */
    final void restart() {
        for (int i = 0; i < baseLrs.length; i++) {
            group(i).setLr(baseLrs[i]);
        }
        start();
    }

    @Override
    public void step() {
        go(lastEpoch + 1);
    }

    private void go(long epoch) {
        double[] lr = new double[baseLrs.length];
        double[] momentum = new double[lr.length];
        for (int i = 0; i < lr.length; i++) {
            lr[i] = next(i, epoch, group(i).lr());
            momentum[i] = nextMomentum(i, epoch);
        }
        for (int i = 0; i < lr.length; i++) {
            group(i).setLr(lr[i]);
            if (!Double.isNaN(momentum[i])) {
                group(i).setMomentum(momentum[i]);
            }
        }
        lastEpoch = epoch;
        lastLr = lr;
    }

    private Optimizer.Group<?> group(int i) {
        return optimizer.groups().get(i);
    }

    /** Returns the learning rate that a group began with. */
    protected final double baseLr(int group) {
        return baseLrs[group];
    }

    /** Makes the schedule begin with other learning rates. */
    final void setBaseLrs(double[] values) {
        baseLrs = values.clone();
    }

    final Optimizer<?> optimizer() {
        return optimizer;
    }

    /** Returns how often {@link #step()} was called since the start. */
    public final long lastEpoch() {
        return lastEpoch;
    }

    @Override
    public final double[] lastLr() {
        return lastLr.clone();
    }

    @Override
    public final Map<String, Tensor> stateDict() {
        Map<String, Tensor> out = new LinkedHashMap<>();
        out.put(key("last_epoch"), StateDict.tensor(lastEpoch));
        out.put(key("base_lrs"), StateDict.tensor(baseLrs));
        out.put(key("last_lr"), StateDict.tensor(lastLr));
        return out;
    }

    @Override
    public final void loadStateDict(Map<String, Tensor> state) {
        StateDict.Reader reader = new StateDict.Reader(name(), state);
        Runnable load = load(reader, "");
        reader.finish();
        load.run();
    }

    /** Reads what {@link #stateDict} wrote, under names that begin so; the result takes it over. */
    final Runnable load(StateDict.Reader reader, String prefix) {
        long epoch = reader.whole(prefix + key("last_epoch"));
        double[] base = reader.numbers(prefix + key("base_lrs"), baseLrs.length);
        double[] last = reader.numbers(prefix + key("last_lr"), lastLr.length);
        return () -> {
            lastEpoch = epoch;
            baseLrs = base;
            lastLr = last;
        };
    }

    private String name() {
        return getClass().getSimpleName();
    }

    private String key(String what) {
        return name() + "." + what;
    }

    /** Returns one number per group: the single one for all of them, or one each. */
    static double[] perGroup(String scheduler, String what, List<Double> values, Optimizer<?> optimizer) {
        int groups = optimizer.groups().size();
        if (values.size() != 1 && values.size() != groups) {
            throw new ArgumentException("[" + scheduler + "] expected one " + what + " or " + groups
                    + ", one per group, got " + values.size() + "; pass as many");
        }
        double[] out = new double[groups];
        for (int i = 0; i < groups; i++) {
            out[i] = values.get(values.size() == 1 ? 0 : i);
        }
        return out;
    }
}
