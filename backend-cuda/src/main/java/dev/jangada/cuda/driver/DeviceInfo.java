package dev.jangada.cuda.driver;

/**
 * What is known of a device.
 *
 * @param ordinal its number
 * @param name its name, as the driver says it
 * @param architecture its compute capability: 90 for 9.0
 * @param multiprocessors number of its multiprocessors
 * @param bytes size of its memory
 */
public record DeviceInfo(int ordinal, String name, int architecture, int multiprocessors, long bytes) {
    /** Tells whether it is not a real device. */
    public boolean isSimulated() {
        return name.toLowerCase(java.util.Locale.ROOT).contains("simulat");
    }

    @Override
    public String toString() {
        return String.format(
                java.util.Locale.ROOT,
                "%s%s (sm_%d, %.1f GB)",
                isSimulated() ? "simulated device: " : "",
                name,
                architecture,
                bytes / 1e9);
    }
}
