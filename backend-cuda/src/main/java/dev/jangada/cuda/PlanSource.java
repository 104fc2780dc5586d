package dev.jangada.cuda;

import java.util.ArrayList;
import java.util.List;

/**
 * The kernels that a plan needs besides its own: moves between memory that each run names and memory that the graph knows, and the start of a
 * loop's turn. They are in the resources {@code move.cu} and {@code turn.cu}.
 *
 * <p>Words of moves: failure record and site; table of addresses; then for each move the known place, the bytes, the number of the other
 * place in the table. Of a turn: table, row, words of a row.
 */
final class PlanSource {
    /** Moves of one launch. */
    private static final int MOST = 32;

    private static final int UNIT = 16;

    private PlanSource() {}

    /**
     * A move.
     *
     * @param place address that the graph knows
     * @param bytes how much
     * @param entry number of the other address in the table
     */
    record Move(long place, long bytes, int entry) {}

    private record Moves(boolean inward, int count) implements Variant {
        @Override
        public KernelSource source() {
            Written w = new Written()
                    .line("struct Move {")
                    .line("    long long place, bytes, entry;")
                    .line("};");
            w.line("struct Arguments {").line("    long long* failure;").line("    long long site;");
            w.line("    const long long* table;")
                    .line("    Move moves[" + count + "];")
                    .line("};");
            if (inward) {
                w.define("INWARD");
            }
            String what = inward ? "move_in_" : "move_out_";
            return w.source(what + count, "memory that changes from run to run", true, true, "move.cu");
        }
    }

    private record Turn() implements Variant {
        @Override
        public KernelSource source() {
            Written w = new Written().line("struct Arguments {").line("    long long* table;");
            w.line("    long long* row;").line("    long long words;").line("};");
            return w.source("turn", "the scalars of the next turn of a loop", true, false, "turn.cu");
        }
    }

    /**
     * Returns the launches that move memory.
     *
     * @param inward whether to the known places
     * @param table address of the table on the device
     */
    static Job moves(boolean inward, long table, List<Move> moves, CallContext context) {
        List<Launch> launches = new ArrayList<>();
        for (int from = 0; from < moves.size(); from += MOST) {
            List<Move> part = moves.subList(from, Math.min(moves.size(), from + MOST));
            Words words = new Words();
            context.addFailure(words);
            words.add(table);
            long most = 0;
            for (Move m : part) {
                words.add(m.place).add(m.bytes).add(m.entry);
                most = Math.max(most, m.bytes);
            }
            int blocks = LaunchShape.flat((most + UNIT - 1) / UNIT, context.multiprocessors())
                    .gridX();
            LaunchShape shape = new LaunchShape(blocks, part.size(), 1, LaunchShape.BLOCK, 1, 0);
            launches.add(new Launch(new Moves(inward, part.size()), shape, words));
        }
        return new Job(launches, 0);
    }

    /**
     * Returns the launch that begins a turn.
     *
     * @param table address of the number of the turn, behind which the rows of all turns stand
     * @param row where the row of this turn goes
     * @param count words of a row
     */
    static Job turn(long table, long row, int count) {
        Words words = new Words().add(table).add(row).add(count);
        return Job.of(new Launch(new Turn(), new LaunchShape(1, 1, 1, LaunchShape.BLOCK, 1, 0), words));
    }
}
