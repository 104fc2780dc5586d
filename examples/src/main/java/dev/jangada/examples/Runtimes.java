package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.backend.Backends;

/** Applies {@code --threads} and {@code --backend} before the first tensor is made. */
final class Runtimes {
    private Runtimes() {}

    /**
     * Opens the backend, so that one that is unknown or unavailable fails before any work.
     *
     * @param backend its name, or null for the best one
     * @param threads how many threads it uses, or null for every core
     * @return the device that tensors are placed on
     */
    static Device configure(String backend, Integer threads) {
        if (threads != null) {
            System.setProperty("jangada.threads", threads.toString());
        }
        if (backend != null) {
            Backends.setDefaultDevice(Device.of(backend));
        }
        return Device.best();
    }
}
