package dev.jangada.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** What a run has found, counted per area and operation. */
final class Report {
    /** A case and how it ended. */
    record Entry(Case test, Outcome outcome) {}

    /** Passed and all cases of a group, the required ones apart. */
    static final class Count {
        private int passed;
        private int total;
        private int corePassed;
        private int core;
        private int different;

        private void add(Entry e) {
            boolean ok = e.outcome.passed();
            total++;
            passed += ok ? 1 : 0;
            core += e.test.isCore() ? 1 : 0;
            corePassed += e.test.isCore() && ok ? 1 : 0;
            different += e.outcome.status() == Outcome.Status.DIFFERENT ? 1 : 0;
        }

        int passed() {
            return passed;
        }

        int total() {
            return total;
        }

        private void write(ObjectNode to) {
            to.put("passed", passed).put("total", total);
            to.putObject("core").put("passed", corePassed).put("total", core);
            to.putObject("extra").put("passed", passed - corePassed).put("total", total - core);
            to.put("different", different);
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final Count all = new Count();
    private final Map<String, Count> areas = new TreeMap<>();
    private final Map<String, Map<String, Count>> operations = new TreeMap<>();

    void add(Case test, Outcome outcome) {
        Entry e = new Entry(test, outcome);
        entries.add(e);
        all.add(e);
        areas.computeIfAbsent(test.area(), a -> new Count()).add(e);
        operations
                .computeIfAbsent(test.area(), a -> new TreeMap<>())
                .computeIfAbsent(test.op(), o -> new Count())
                .add(e);
    }

    Map<String, Count> areas() {
        return areas;
    }

    /** Returns the cases that ended in one way, in order. */
    List<Entry> with(Outcome.Status status) {
        return entries.stream().filter(e -> e.outcome.status() == status).toList();
    }

    /** Returns one line per area, then the groups that are reported apart, then the line of the contract. */
    String summary() {
        StringBuilder out = new StringBuilder();
        areas.forEach((name, c) -> out.append(String.format(
                Locale.ROOT,
                "%-16s %5d of %5d   core %5d of %5d   extra %4d of %4d%n",
                name,
                c.passed,
                c.total,
                c.corePassed,
                c.core,
                c.passed - c.corePassed,
                c.total - c.core)));
        if (all.different > 0) {
            out.append("different where the tag allows it, not counted as passed: ")
                    .append(all.different)
                    .append(System.lineSeparator());
        }
        return out.append(String.format(
                        Locale.ROOT,
                        "conformance: passed %d of %d (core %d of %d)",
                        all.passed,
                        all.total,
                        all.corePassed,
                        all.core))
                .toString();
    }

    /** Writes everything as JSON, to a temporary file first. */
    void write(Path file, String backend, Path corpus, double seconds) throws IOException {
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        ObjectNode root = mapper.createObjectNode();
        root.put("backend", backend).put("corpus", corpus.toString()).put("seconds", seconds);
        all.write(root);
        ObjectNode byArea = root.putObject("areas");
        areas.forEach((name, count) -> {
            ObjectNode area = byArea.putObject(name);
            count.write(area);
            ObjectNode ops = area.putObject("operations");
            operations.get(name).forEach((op, c) -> c.write(ops.putObject(op)));
        });
        list(root.putArray("failed"), Outcome.Status.FAILED);
        list(root.putArray("different_cases"), Outcome.Status.DIFFERENT);
        Path folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Path part = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".part"); // others may read it
        try {
            Files.write(part, mapper.writeValueAsBytes(root));
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private void list(ArrayNode to, Outcome.Status status) {
        for (Entry e : with(status)) {
            ObjectNode o = to.addObject();
            o.put("id", e.test.id())
                    .put("op", e.test.op())
                    .put("tier", e.test.isCore() ? "core" : "extra")
                    .put("reason", e.outcome.reason());
            if (!e.test.tag().isEmpty()) {
                o.put("tag", e.test.tag());
            }
        }
    }
}
