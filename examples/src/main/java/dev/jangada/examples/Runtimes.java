package dev.jangada.examples;

/** Applies {@code --backend}, {@code --threads} and {@code --seed} before the first tensor is made. */
final class Runtimes {
    private Runtimes() {}

    static void configure(String backend, Integer threads, long seed) {
        if (backend != null) {
            System.setProperty("jangada.backend", backend);
        }
        if (threads != null) {
            System.setProperty("jangada.threads", threads.toString());
        }
    }
}
