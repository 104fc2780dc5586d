package dev.jangada.cuda;

import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of the storages that runs bind have a fixed place of their own, which the graph copies them to, or from, at each run.
 *
 * <p>Addresses are a part of a graph. Parameters and optimiser state stay where they are; arguments and results do not. Small ones are copied
 * always: that is cheaper than changing nodes, and works for library kernels and loops too. A large one is used where it lies until it is
 * somewhere else for the first time; mostly a gradient, whose memory the next run reuses, and then it never is.
 */
final class Moved {
    /** Up to this size a copy costs less than a launch. */
    private static final long SMALL = 1 << 16;

    private final Plan plan;
    private final boolean[] changing;
    private final List<Integer> allChanging = new ArrayList<>();
    private final boolean[] read;
    private final boolean[] written;
    private final boolean[] touched;
    private final boolean[] moved;

    Moved(Plan plan) {
        this.plan = plan;
        changing = new boolean[plan.bound()];
        read = new boolean[plan.bound()];
        written = new boolean[plan.bound()];
        touched = new boolean[plan.bound()];
        moved = new boolean[plan.bound()];
        for (Plan.Slot s : plan.slots()) {
            if (s.place() == Plan.Place.CHANGING || s.place() == Plan.Place.FRESH) {
                changing[(int) s.at()] = true;
                moved[(int) s.at()] = s.bytes() <= SMALL;
            }
        }
        for (int i = 0; i < changing.length; i++) {
            if (changing[i]) {
                allChanging.add(i);
            }
        }
        visit(plan.steps(), false);
    }

    private void visit(List<Plan.Step> steps, boolean perhaps) {
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Launch launch) {
                launch.ins().forEach(this::read);
                launch.outs().forEach(r -> write(launch.call(), r, perhaps));
            } else if (step instanceof Plan.Repeat repeat) {
                visit(repeat.body(), true);
            }
        }
    }

    private void read(Plan.Ref ref) {
        Plan.Slot s = plan.slots().get(ref.slot());
        if (s.place() != Plan.Place.ARENA && !touched[(int) s.at()]) {
            touched[(int) s.at()] = true;
            read[(int) s.at()] = true;
        }
    }

    /** Memory that is written in part only, or in a loop that may have no turns, keeps what it held elsewhere. */
    private void write(KernelCall call, Plan.Ref ref, boolean perhaps) {
        Plan.Slot s = plan.slots().get(ref.slot());
        if (s.place() == Plan.Place.ARENA) {
            return;
        }
        Layout l = ref.layout();
        boolean whole =
                l.offset() == 0 && l.isDense() && l.numel() * ref.dtype().size() == s.bytes();
        if (perhaps || !whole || call.readsOutput()) {
            read(ref);
        }
        touched[(int) s.at()] = true;
        written[(int) s.at()] = true;
    }

    /** Tells whether a storage is copied. */
    boolean isMoved(int bound) {
        return moved[bound];
    }

    /** Tells whether its content matters when a run starts. */
    boolean isRead(int bound) {
        return read[bound];
    }

    /** Tells whether a run changes it. */
    boolean isWritten(int bound) {
        return written[bound];
    }

    /** Records that a storage lies elsewhere in this run; from now on it is copied, unless it is one that mostly stays. */
    void elsewhere(int bound) {
        moved[bound] |= changing[bound];
    }

    /** Returns the storages that may lie elsewhere in each run. */
    List<Integer> changing() {
        return allChanging;
    }
}
