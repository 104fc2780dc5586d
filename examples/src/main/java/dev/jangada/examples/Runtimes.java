package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.backend.Backends;

/** Applies {@code --threads}, {@code --backend} and {@code --seed} before the first tensor is made. */
final class Runtimes {
    private Runtimes() {}

    /**
     * Opens the backend, so that one that is unknown or unavailable fails before any work.
     *
     * @param backend its name, or null for the best one
     * @param threads how many threads it uses, or null for every core
     * @param seed seeds the default random generator
     * @return the device that tensors are placed on
     */
    static Device configure(String backend, Integer threads, long seed) {
        if (threads != null) {
            System.setProperty("jangada.threads", threads.toString());
        }
        if (backend != null) {
            Backends.setDefaultDevice(Device.of(backend));
        }
        Jangada.manualSeed(seed);
        return Device.best();
    }
}
