package dev.jangada.cuda.driver;

import java.util.LinkedHashSet;
import java.util.Set;

/** The operations that were launched last. It may lose some between threads: it only helps messages. */
final class Recent {
    private static final int MOST = 16;

    private final String[] names = new String[MOST];
    private int count;

    void add(String operation) {
        names[count++ & MOST - 1] = operation;
    }

    /** Returns the names, each once, the oldest first; empty if there are none. */
    String names() {
        Set<String> all = new LinkedHashSet<>();
        for (int i = 0; i < MOST; i++) {
            String name = names[count + i & MOST - 1];
            if (name != null) {
                all.add(name);
            }
        }
        return String.join(", ", all);
    }
}
