package dev.jangada;

import dev.jangada.ops.Executor;
import java.util.SplittableRandom;

/**
 * A stream of random numbers: a seed and a position in the Philox4x32-10 sequence that belongs to it.
 *
 * <p>A draw of n words starts at counter {@code offset}: its element i is word {@code i mod 4} of counter {@code offset + i / 4}, and the
 * offset then grows by {@code ceil(n / 4)}. A float32 uniform is {@code (word >>> 8) * 2^-24}; a float64 one takes two words. So the same
 * seed gives the same numbers on every backend, with any number of threads. PyTorch's own streams are not reproduced.
 *
 * <p>All operations that take no generator use {@link #global()}. Safe for use by several threads; which of them gets which numbers then
 * depends on their order.
 *
 * <p>Source: PyTorch {@code torch.Generator}; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
public final class Generator {
    private static final Generator GLOBAL = new Generator(new SplittableRandom().nextLong());

    private long seed;
    private long offset;

    /**
     * A position in a stream.
     *
     * @param seed the key
     * @param offset the next counter
     */
    public record State(long seed, long offset) {}

    /** Creates a generator at the beginning of the stream of a seed. */
    public Generator(long seed) {
        this.seed = seed;
    }

    /** Returns the generator that is used where none is given; it starts at a seed that differs from run to run. */
    public static Generator global() {
        return GLOBAL;
    }

    /** Goes to the beginning of the stream of a seed. Source: {@code torch.Generator.manual_seed}. */
    public Generator manualSeed(long newSeed) {
        Executor.current().atRun(() -> goTo(newSeed, 0), this::wayBack);
        return this;
    }

    private synchronized void goTo(long newSeed, long newOffset) {
        seed = newSeed;
        offset = newOffset;
    }

    private synchronized Runnable wayBack() {
        long oldSeed = seed;
        long oldOffset = offset;
        return () -> goTo(oldSeed, oldOffset);
    }

    private static void requireEager(String op) {
        Executor.requireEager(
                op,
                "the position of a generator that is read or a number that is drawn",
                "do it before or after the run");
    }

    /** Returns the seed. */
    public synchronized long seed() {
        requireEager("seed");
        return seed;
    }

    /** Returns the next counter. */
    public synchronized long offset() {
        requireEager("offset");
        return offset;
    }

    /**
     * Goes to a counter of the stream.
     *
     * @throws ArgumentException if it is negative
     */
    public void setOffset(long newOffset) {
        requireOffset(newOffset);
        Executor.current()
                .atRun(
                        () -> {
                            synchronized (this) {
                                offset = newOffset;
                            }
                        },
                        this::wayBack);
    }

    private static void requireOffset(long offset) {
        if (offset < 0) {
            throw new ArgumentException("[setOffset] expected an offset >= 0, got " + offset);
        }
    }

    /** Returns the position, to come back to it with {@link #setState}. */
    public synchronized State state() {
        requireEager("state");
        return new State(seed, offset);
    }

    /** Goes to a position. */
    public void setState(State state) {
        requireOffset(state.offset());
        Executor.current().atRun(() -> goTo(state.seed(), state.offset()), this::wayBack);
    }

    /**
     * Takes random words: returns the position of the first and goes behind the last.
     *
     * @param words how many, at least 0
     */
    public synchronized State draw(long words) {
        requireEager("draw");
        State at = new State(seed, offset);
        offset += (words >> 2) + ((words & 3) != 0 ? 1 : 0);
        return at;
    }

    @Override
    public synchronized String toString() {
        return "Generator(seed=" + seed + ", offset=" + offset + ")";
    }
}
