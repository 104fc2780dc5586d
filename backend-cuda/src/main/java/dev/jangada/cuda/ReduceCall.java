package dev.jangada.cuda;

import dev.jangada.cuda.ReduceVariant.Stage;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.ReduceKernel;
import java.util.ArrayList;
import java.util.List;

/**
 * A call of a reduction: dimensions, pieces and blocks, which follow from the shape alone, so that results do too.
 *
 * <p>Dimensions keep their order. Without kept dimensions behind the last reduced one the outputs are rows, else columns. A block has
 * {@code along} threads along the reduced elements of each of {@code beside} outputs.
 */
final class ReduceCall {
    private static final int BLOCK = LaunchShape.BLOCK;
    /** Reduced elements per thread, at least, before another thread helps. */
    private static final int PER_THREAD = 4;
    /** Reduced elements per thread from which on pieces are worth a second launch, and what they leave to a thread. */
    private static final int LONG = 32;

    private static final int PER_PIECE_THREAD = 16;
    private static final int ENOUGH_BLOCKS = 512;
    private static final int MOST_BLOCKS = 1 << 16;
    /** The largest accumulator: Welford's in double. */
    private static final int ACCUMULATOR_BYTES = 24;

    private static final int WARP = 32;

    private final ReduceKernel kernel;
    private final Placed[] outs;
    private final Placed[] ins;
    private final CallContext context;
    private final boolean rows;
    private final Space reads;
    private final Space writes;
    private final Space reduced;
    private final long keptCount;
    private final long reducedCount;
    private final boolean wide;

    private ReduceCall(ReduceKernel kernel, Placed[] outs, Placed[] ins, CallContext context) {
        this.kernel = kernel;
        this.outs = outs;
        this.ins = ins;
        this.context = context;
        long[] sizes = ins[0].layout().shape().toArray();
        long[] outSizes = outs[0].layout().shape().toArray();
        List<Integer> kept = new ArrayList<>();
        List<Integer> gone = new ArrayList<>();
        for (int d = 0; d < sizes.length; d++) {
            if (sizes[d] != 1) {
                (outSizes[d] == sizes[d] ? kept : gone).add(d);
            }
        }
        this.rows = kept.isEmpty() || gone.isEmpty() || kept.get(kept.size() - 1) < gone.get(gone.size() - 1);
        List<long[]> inStrides = strides(ins);
        if (kernel.program().uses(Op.INDEX)) {
            inStrides.add(Space.rowMajor(sizes));
        }
        this.reads = new Space(sizes, inStrides, array(kept), false);
        this.writes = new Space(sizes, strides(outs), array(kept), false);
        this.reduced = new Space(sizes, inStrides, array(gone), false);
        this.keptCount = writes.count();
        this.reducedCount = reduced.count();
        boolean large = keptCount > Integer.MAX_VALUE || writes.isWide();
        for (int k = 0; k < inStrides.size() && keptCount > 0 && reducedCount > 0; k++) {
            large |= reads.reach(k) + reduced.reach(k) > Integer.MAX_VALUE;
        }
        this.wide = large || reducedCount > Integer.MAX_VALUE / 2;
    }

    private static List<long[]> strides(Placed[] operands) {
        List<long[]> strides = new ArrayList<>();
        for (Placed o : operands) {
            strides.add(o.layout().strides());
        }
        return strides;
    }

    private static int[] array(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Returns the launches of a reduction, none if the outputs are empty. */
    static Job job(ReduceKernel kernel, Placed[] outs, Placed[] ins, CallContext context) {
        ReduceCall call = new ReduceCall(kernel, outs, ins, context);
        return call.keptCount == 0 ? Job.NOTHING : call.job();
    }

    private Job job() {
        int along = threads();
        int beside = rows ? BLOCK / along : (int) Math.min(BLOCK / along, powerOfTwo(Math.max(WARP, keptCount)));
        long blocks = (keptCount + beside - 1) / beside;
        long pieces = 1;
        if (reducedCount > (long) LONG * along) {
            long useful = (reducedCount + (long) PER_PIECE_THREAD * along - 1) / ((long) PER_PIECE_THREAD * along);
            pieces = Math.min(useful, (ENOUGH_BLOCKS + blocks - 1) / blocks);
        }
        if (pieces <= 1) {
            return Job.of(launch(Stage.WHOLE, rows, along, beside, 1, reducedCount));
        }
        long unit = rows ? (long) along * ReduceSource.GROUP : along;
        long length = ((reducedCount + pieces - 1) / pieces + unit - 1) / unit * unit;
        pieces = (reducedCount + length - 1) / length;
        int mergers = (int) Math.min(WARP, powerOfTwo((pieces + PER_THREAD - 1) / PER_THREAD));
        return new Job(
                List.of(
                        launch(Stage.PIECES, rows, along, beside, pieces, length),
                        launch(Stage.MERGE, true, mergers, BLOCK / mergers, pieces, length)),
                pieces * keptCount * ACCUMULATOR_BYTES);
    }

    /** Returns how many threads share the elements of an output. */
    private int threads() {
        long wanted = powerOfTwo((reducedCount + PER_THREAD - 1) / PER_THREAD);
        long most = BLOCK;
        if (!rows) {
            long columns = 1; // in one run of neighbours
            for (int d = outs[0].layout().rank() - 1; d >= 0 && outs[0].size(d) == ins[0].size(d); d--) {
                columns *= outs[0].size(d);
            }
            most = BLOCK / Math.min(WARP, powerOfTwo(columns));
        }
        return (int) Math.min(wanted, most);
    }

    /**
     * Returns how the inputs of rows are read in groups, or an empty text if their elements are read one by one, in the same order: that
     * depends on the shape alone, how they are read does not.
     */
    private String access() {
        int group = ReduceSource.GROUP;
        boolean numbered = kernel.program().uses(Op.INDEX);
        if (!rows
                || reduced.rank() != 1
                || reducedCount == 0
                || reducedCount % group != 0
                || numbered && reduced.stride(ins.length, 0) != 1) {
            return "";
        }
        StringBuilder access = new StringBuilder();
        for (int k = 0; k < ins.length; k++) {
            long step = reduced.stride(k, 0);
            if (step != 0 && (step != 1 || !isAligned(k, group))) {
                return "";
            }
            access.append(step == 0 ? 'b' : 'v');
        }
        return access.indexOf("v") < 0 ? "" : access.toString();
    }

    private boolean isAligned(int input, int group) {
        int bytes = ins[input].dtype().size();
        int alignment = MapSource.alignment(group, ins[input].dtype());
        boolean aligned = ins[input].address() % alignment == 0;
        for (int d = 0; d < reads.rank(); d++) {
            aligned &= reads.stride(input, d) * bytes % alignment == 0;
        }
        return aligned;
    }

    private static long powerOfTwo(long atLeast) {
        return atLeast <= 1 ? 1 : Long.highestOneBit(atLeast - 1) << 1;
    }

    private Launch launch(Stage stage, boolean asRows, int along, int beside, long pieces, long length) {
        int rank = Math.max(Math.max(reads.rank(), writes.rank()), reduced.rank());
        ReduceVariant v = new ReduceVariant(
                kernel,
                asRows,
                stage,
                stage == Stage.MERGE ? "" : access(),
                Space.slots(rank),
                wide,
                context.scalarsInMemory(),
                context.guarded());
        Words words = new Words();
        if (v.takesFailure()) {
            context.addFailure(words);
        }
        if (stage != Stage.WHOLE) {
            words.addRelative(0);
        }
        words.add(keptCount).add(stage == Stage.MERGE ? pieces : reducedCount).add(length);
        if (v.writesOutputs()) {
            for (Placed o : outs) {
                words.add(o.address());
            }
            words.add(writes.rank());
            writes.addTo(words, v.slots());
        }
        if (v.readsInputs()) {
            for (Placed o : ins) {
                words.add(o.address());
            }
            words.add(reads.rank());
            reads.addTo(words, v.slots());
            words.add(reduced.rank());
            reduced.addTo(words, v.slots());
        }
        context.addScalars(words);
        long blocks = Math.min(MOST_BLOCKS, (keptCount + beside - 1) / beside);
        int gridY = stage == Stage.PIECES ? (int) pieces : 1;
        LaunchShape shape = asRows
                ? new LaunchShape((int) blocks, gridY, 1, along, beside, 0)
                : new LaunchShape((int) blocks, gridY, 1, beside, along, 0);
        return new Launch(v, shape, words);
    }
}
