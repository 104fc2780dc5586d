package dev.jangada.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/** Runs cases of the corpus on the best device, in a process that {@link SimulatedCorpusTest} starts. */
public final class SimulatedCorpus {
    private SimulatedCorpus() {}

    /** The folder of the corpus, and {@code all} or {@code choice}. Prints a line for each failed case, then the summary. */
    public static void main(String[] args) throws IOException {
        Report report = CorpusRun.run(new Corpus(Path.of(args[0])), "", args[1].equals("all") ? c -> true : choice());
        for (Report.Entry e : report.with(Outcome.Status.FAILED)) {
            System.out.println("failed " + e.test().id() + " " + e.test().op() + ": "
                    + e.outcome().reason().replace('\n', ' '));
        }
        System.out.println(report.summary());
    }

    /** Of each operation the first case, and the first one that fails. */
    private static Predicate<Case> choice() {
        Set<String> seen = new HashSet<>();
        return c -> seen.add(c.area() + " " + c.op() + " " + c.expectsError());
    }
}
