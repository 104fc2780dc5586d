package dev.jangada.conformance;

import java.io.IOException;
import java.util.function.Predicate;

/** A run over the selected cases of a corpus, in order. */
final class CorpusRun {
    private CorpusRun() {}

    static Report run(Corpus corpus, Predicate<Case> selected) throws IOException {
        CaseRunner runner = new CaseRunner(Table.all(), corpus.folder());
        Report report = new Report();
        for (String area : corpus.areas()) {
            for (Case c : corpus.cases(area)) {
                if (selected.test(c)) {
                    report.add(c, runner.run(c));
                }
            }
        }
        return report;
    }
}
