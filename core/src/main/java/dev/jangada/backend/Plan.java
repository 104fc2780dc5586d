package dev.jangada.backend;

import dev.jangada.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * A whole program of kernels for one device, to be run many times: what a captured function has become.
 *
 * <p>Operands name a {@link Slot}, a piece of memory that is either a part of the plan's arena, at an offset that is known now, or bound
 * anew at every run. {@link Backend#compile} makes something that can be run of it.
 *
 * @param slots the pieces of memory, by number
 * @param steps what is done, in order
 * @param arenaBytes size of the arena
 * @param bound number of storages that each run binds
 * @param shared whether one of the slots that are bound and written to may share memory with another one: what was read of a slot may be
 *     out of date then although nobody has written to this slot
 */
public record Plan(List<Slot> slots, List<Step> steps, long arenaBytes, int bound, boolean shared) {
    /** Parts of the arena start at multiples of this number of bytes. */
    public static final int ALIGNMENT = 64;

    /** Copies the lists. */
    public Plan {
        slots = List.copyOf(slots);
        steps = List.copyOf(steps);
    }

    /** Where a slot lies. */
    public enum Place {
        /** In the arena, from byte {@link Slot#at} on; undefined when a run starts. */
        ARENA,
        /** Storage number {@link Slot#at} of a run, which is mostly the same as at the run before: a parameter, a constant. */
        STABLE,
        /** Storage number {@link Slot#at} of a run, another one each time: an argument. */
        CHANGING,
        /** Storage number {@link Slot#at} of a run, another one each time, undefined when the run starts: a result. */
        FRESH
    }

    /**
     * A piece of memory.
     *
     * @param place where it lies
     * @param bytes its size
     * @param at byte offset in the arena, or number of the bound storage
     */
    public record Slot(Place place, long bytes, long at) {}

    /**
     * An operand: elements of a slot.
     *
     * @param slot number of the slot
     * @param dtype type of the elements
     * @param layout where they lie, counted from the start of the slot
     */
    public record Ref(int slot, DType dtype, Layout layout) implements Elements {}

    /** One thing to do. */
    public sealed interface Step permits Launch, Refresh, Repeat {}

    /** A call of a kernel. The scalars are passed by reference: {@link Refresh} changes them. */
    public static final class Launch implements Step {
        private final KernelCall call;
        private final List<Ref> outs;
        private final List<Ref> ins;
        private final long[] scalars;

        /** Creates a launch; the array of scalars is not copied. */
        public Launch(KernelCall call, List<Ref> outs, List<Ref> ins, long[] scalars) {
            this.call = call;
            this.outs = List.copyOf(outs);
            this.ins = List.copyOf(ins);
            this.scalars = scalars;
        }

        /** Returns what is called. */
        public KernelCall call() {
            return call;
        }

        /** Returns what is written; see {@link KernelCall#readsOutput}. */
        public List<Ref> outs() {
            return outs;
        }

        /** Returns what is read. */
        public List<Ref> ins() {
            return ins;
        }

        /** Returns the scalars of the kernel, the very array that a {@link Refresh} fills if they change. */
        public long[] scalars() {
            return scalars;
        }

        /** Returns the independent launches that this one is made of, those of {@link KernelCall.Several} with copies of their scalars. */
        public List<Launch> members() {
            if (!(call instanceof KernelCall.Several several)) {
                return List.of(this);
            }
            List<Launch> members = new ArrayList<>();
            int out = 0;
            int in = 0;
            int scalar = 0;
            for (KernelCall c : several.calls()) {
                members.add(new Launch(
                        c,
                        outs.subList(out, out += KernelCall.Several.outputs(c)),
                        ins.subList(
                                in, in += KernelCall.Several.program(c).inputs().size()),
                        Arrays.copyOfRange(
                                scalars,
                                scalar,
                                scalar +=
                                        KernelCall.Several.program(c).scalars().size())));
            }
            return members;
        }

        /** Returns what one run of this launch does. */
        public Work work() {
            return Work.of(call, outs, ins);
        }

        @Override
        public String toString() {
            return call.name() + outs + " <- " + ins + (scalars.length == 0 ? "" : Arrays.toString(scalars));
        }
    }

    /**
     * Asks the host for the scalars of the next launches: a step counter, a learning rate, the position of a generator.
     *
     * @param scalars what is filled
     * @param source fills it; called once per run, in a {@link Repeat} once per turn
     */
    public record Refresh(long[] scalars, Source source) implements Step {}

    /**
     * Where scalars come from. The sources of a plan are called in its order; a source that counts steps or draws numbers changes Java's state
     * by that.
     */
    @FunctionalInterface
    public interface Source {
        /** Writes the scalars, as {@link Kernels} takes them. */
        void fill(long[] scalars);

        /**
         * Returns what brings Java's state from after the next call of {@link #fill} back to where it is now: it is run if a kernel fails that
         * comes before. A source that cannot go back returns nothing, and is called only when all kernels before it are done; so the device
         * stops there.
         */
        default Optional<Runnable> wayBack() {
            return Optional.empty();
        }

        /**
         * Returns what does to Java's state as much as so many calls of {@link #fill} whose answers nobody needs, for a source that counts
         * evenly: each of its answers is the one before it plus the same numbers, as the position of a generator grows by what is drawn. A
         * device counts on by itself then. A source that does not count so, or not always, returns nothing.
         */
        default Optional<LongConsumer> skip() {
            return Optional.empty();
        }

        /** Returns a source that changes nothing: it copies scalars of others. */
        static Source copy(Consumer<long[]> fill) {
            return new Source() {
                @Override
                public void fill(long[] scalars) {
                    fill.accept(scalars);
                }

                @Override
                public Optional<Runnable> wayBack() {
                    return Optional.of(() -> {});
                }

                @Override
                public Optional<LongConsumer> skip() {
                    return Optional.of(calls -> {});
                }
            };
        }
    }

    /**
     * Steps that are repeated.
     *
     * @param turns how often, asked whenever the loop starts
     * @param index one element, which holds the number of the turn, from 0
     * @param body the steps of one turn
     */
    public record Repeat(LongSupplier turns, long[] index, List<Step> body) implements Step {
        /** Copies the list. */
        public Repeat {
            body = List.copyOf(body);
        }
    }
}
