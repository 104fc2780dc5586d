package dev.jangada.backend;

/**
 * Offers a backend; found through {@link java.util.ServiceLoader}.
 *
 * <p>Creating a provider and asking for name and priority loads no native library and has no side effect.
 */
public interface BackendProvider {
    /** Returns the name, which is the {@link dev.jangada.Device#type()} of its devices. */
    String name();

    /** Returns the priority: the available provider with the highest one is the default. */
    int priority();

    /** Tells whether the backend can be used here; never throws, and may be called often. */
    Availability availability();

    /** Returns the number of devices; 0 when unavailable. */
    int deviceCount();

    /**
     * Opens a device; called once per device.
     *
     * @param index number of the device, below {@link #deviceCount()}
     */
    Backend open(int index);
}
