package dev.jangada.optim;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What schedulers made of schedulers share: the states of the parts under numbered names. */
final class Chain {
    private Chain() {}

    static void check(String owner, Optimizer<?> optimizer, List<? extends EpochScheduler> parts) {
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).optimizer() != optimizer) {
                throw new ArgumentException("[" + owner + "] expected schedulers of one optimizer, got another one at "
                        + "index " + i + "; make each with the same optimizer");
            }
        }
    }

    static void save(String owner, List<EpochScheduler> parts, Map<String, Tensor> out) {
        for (int i = 0; i < parts.size(); i++) {
            String prefix = owner + "." + i + ".";
            parts.get(i).stateDict().forEach((name, value) -> out.put(prefix + name, value));
        }
    }

    /** Loads the parts and ends the reading; nothing has changed if it throws. */
    static void load(String owner, List<EpochScheduler> parts, StateDict.Reader reader) {
        List<Runnable> loads = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            loads.add(parts.get(i).load(reader, owner + "." + i + "."));
        }
        reader.finish();
        loads.forEach(Runnable::run);
    }
}
