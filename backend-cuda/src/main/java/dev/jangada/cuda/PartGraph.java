package dev.jangada.cuda;

import dev.jangada.BackendException;
import dev.jangada.OutOfMemoryException;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Graph;
import java.nio.LongBuffer;

/**
 * A part of a plan as graphs: one that runs once, or for a loop several that run the body 1, 8 or 64 times, so that a loop of any length needs
 * few launches.
 *
 * <p>A while node of the driver would need only one, but device code that ends it cannot be linked without the toolkit, and drivers differ in
 * what its body may hold; unrolled graphs run on every driver.
 */
final class PartGraph {
    private static final int[] TURNS = {1, 8, 64};
    /** Kernels that a graph of several turns may have: beyond, instantiating it takes longer than it saves. */
    private static final long MOST_KERNELS = 1024;

    private final Context context;
    private final Graph graph;
    private final int words;
    private final long row;
    private final long table;
    private final int pageWords;
    private final Graph.Executable[] executables = new Graph.Executable[TURNS.length];
    private int largest; // number of the largest graph of TURNS
    private Staging staging;

    /**
     * Creates the graphs of a part.
     *
     * @param graph what was recorded; it belongs to this from now on
     * @param words number of words that the host brings, of a loop for each turn
     * @param row address of the part's words
     * @param table address of the table of a loop, 0 if there is none
     * @param tableWords size of the table
     */
    PartGraph(Context context, Graph graph, int words, long row, long table, int tableWords) {
        this.context = context;
        this.graph = graph;
        this.words = words;
        this.row = row;
        this.table = table;
        this.pageWords = table == 0 ? words : tableWords;
        while (table != 0 && largest + 1 < TURNS.length && TURNS[largest + 1] * graph.kernels() <= MOST_KERNELS) {
            largest++;
        }
    }

    /** Makes what the first launch needs: where the driver refuses it, or has no memory for it, nothing of the plan has run. */
    void prepare() {
        if (isEmpty()) {
            return;
        }
        if (table != 0) {
            staging();
            executables[0] = graph.executable(1);
            return;
        }
        long from = words > 0 ? staging().address() : 0;
        executables[0] = graph.executable(graph.kernels() == 0 ? 0 : 1, row, from, (long) words * Long.BYTES);
        if (words > 0) {
            executables[0].copyFrom(from); // as each launch does
        }
    }

    /** Returns the number of kernels that one run, or one turn, launches. */
    long kernels() {
        return graph.kernels();
    }

    /** Tells whether there is nothing to do for a part without loop. */
    boolean isEmpty() {
        return graph.kernels() == 0 && words == 0;
    }

    private Staging staging() {
        if (staging == null) {
            staging = new Staging(context, pageWords);
        }
        return staging;
    }

    /** Returns a page for the part's words, or the table of a loop: the next launch takes it along. */
    LongBuffer page() {
        return staging().next();
    }

    /** Returns how many turns the table has rows for. */
    long mostTurns() {
        return table == 0 ? Long.MAX_VALUE : (pageWords - PlanGraphs.TABLE_HEAD) / words;
    }

    /** Launches a part without loop, with the words of the page if it has any. */
    void launch() {
        boolean copies = words > 0;
        if (copies) {
            executables[0].copyFrom(staging.address());
        }
        executables[0].launch("capture");
        if (copies) {
            staging.launched();
        }
    }

    /**
     * Launches turns of a loop, with the table of the page if there is one.
     *
     * @param rows of the table
     * @return number of calls of the device
     */
    long launch(long turns, long rows) {
        long calls = 0;
        if (table != 0) {
            context.copyIn(table, staging.address(), (PlanGraphs.TABLE_HEAD + rows * words) * Long.BYTES);
            staging.launched();
            calls++;
        }
        long left = turns;
        for (int i = largest; i >= 0; i--) {
            while (left >= TURNS[i] && isReady(i)) {
                executables[i].launch("capture");
                left -= TURNS[i];
                calls++;
            }
        }
        return calls;
    }

    /** Makes a graph of several turns when it is first wanted; where there can be none, smaller ones do. */
    private boolean isReady(int number) {
        if (executables[number] == null) {
            try {
                executables[number] = graph.executable(TURNS[number]);
            } catch (BackendException | OutOfMemoryException e) {
                if (context.isLost()) {
                    throw e;
                }
                largest = number - 1;
            }
        }
        return executables[number] != null;
    }

    /** Gives graphs and memory back; their work must be done. */
    void close() {
        for (Graph.Executable e : executables) {
            if (e != null) {
                e.close();
            }
        }
        graph.close();
        if (staging != null) {
            staging.close();
        }
    }
}
