package dev.jangada.conformance;

import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/** A run over the selected cases of a corpus, in order. */
final class CorpusRun {
    private CorpusRun() {}

    /** Runs the selected cases of the areas whose name begins so. */
    static Report run(Corpus corpus, String areas, Predicate<Case> selected) throws IOException {
        CaseRunner runner = new CaseRunner(Table.all(), corpus.folder());
        Report report = new Report();
        for (String area : corpus.areas()) {
            for (Case c : area.startsWith(areas) ? corpus.cases(area) : List.<Case>of()) {
                if (selected.test(c)) {
                    report.add(c, runner.run(c));
                }
            }
        }
        return report;
    }
}
