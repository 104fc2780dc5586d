package dev.jangada.cuda;

import dev.jangada.backend.Block;
import java.util.ArrayList;
import java.util.List;

/** Temporary memory of recorded kernels: it is theirs until the recording is given up, and kernels that follow each other share it. */
final class KeptScratch implements Scratch {
    private final Scratch source;
    private final List<Block> all = new ArrayList<>();
    private final List<Block> idle = new ArrayList<>();

    KeptScratch(Scratch source) {
        this.source = source;
    }

    @Override
    public Block allocate(long bytes) {
        Block best = null;
        for (Block b : idle) {
            if (b.bytes() >= bytes && (best == null || b.bytes() < best.bytes())) {
                best = b;
            }
        }
        if (best != null) {
            idle.remove(best);
            return best;
        }
        Block fresh = source.allocate(bytes);
        all.add(fresh);
        return fresh;
    }

    @Override
    public void free(Block block) {
        idle.add(block);
    }

    /** Gives everything back. */
    void close() {
        all.forEach(source::free);
        all.clear();
        idle.clear();
    }
}
