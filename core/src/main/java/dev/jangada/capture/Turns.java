package dev.jangada.capture;

import java.util.function.LongSupplier;

/** The number of turns of a loop, asked at each run, and what it was in the last one. */
final class Turns implements LongSupplier {
    private final LongSupplier source;
    private long last;

    Turns(LongSupplier source) {
        this.source = source;
    }

    @Override
    public long getAsLong() {
        last = source.getAsLong();
        return last;
    }

    long last() {
        return last;
    }
}
