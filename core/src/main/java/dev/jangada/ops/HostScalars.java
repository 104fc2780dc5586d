package dev.jangada.ops;

import dev.jangada.backend.Plan;

/**
 * Where scalars of a kernel come from that change from run to run: a step counter, a learning rate, the position of a generator.
 *
 * <p>Asked once each time the kernel runs, in the order of the program, just before it: eagerly at once, in a captured program at every run
 * but not while it is traced. So a source may count.
 */
@FunctionalInterface
public interface HostScalars extends Plan.Source {
    /**
     * Tells whether this counts something that belongs to the tensors which the kernel changes, as an optimiser counts its steps: whoever puts
     * those back goes the {@link #wayBack} too. Positions of generators do not belong to tensors.
     */
    default boolean belongsToTensors() {
        return false;
    }
}
