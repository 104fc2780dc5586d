package dev.jangada;

import dev.jangada.backend.Backends;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a tensor lives: the name of a backend and the number of one of its devices.
 *
 * <p>Source: PyTorch {@code torch.device}.
 *
 * @param type name of the backend: {@code cpu}, {@code cuda} or {@code reference}
 * @param index number of the device, from 0
 */
public record Device(String type, int index) {
    private static final Pattern TEXT = Pattern.compile("([a-z]+)(?::(0|[1-9]\\d{0,8}))?");

    /**
     * Returns the device of a text such as {@code cpu} or {@code cuda:1}.
     *
     * @throws DeviceException if the text has another form or no backend of this name is on the class path
     */
    public static Device of(String text) {
        Matcher m = TEXT.matcher(text);
        if (!m.matches()) {
            throw new DeviceException("[device] expected a text such as cpu or cuda:1, got '" + text + "'");
        }
        Device device = new Device(m.group(1), m.group(2) == null ? 0 : Integer.parseInt(m.group(2)));
        Backends.requireKnown(device.type);
        return device;
    }

    /** Returns the CPU. */
    public static Device cpu() {
        return new Device("cpu", 0);
    }

    /** Returns the device that new tensors are placed on: see {@link Backends#defaultDevice()}. */
    public static Device best() {
        return Backends.defaultDevice();
    }

    /**
     * Returns how many bytes of this device's memory are in use.
     *
     * @throws DeviceException if the device is unavailable
     */
    public dev.jangada.backend.MemoryStats memory() {
        return Backends.of(this).memory();
    }

    /**
     * Gives memory that is cached for reuse back to the system.
     *
     * @throws DeviceException if the device is unavailable
     */
    public void emptyCache() {
        Backends.of(this).emptyCache();
    }

    /**
     * Waits until everything that was asked of this device is done.
     *
     * @throws DeviceException if the device is unavailable
     */
    public void synchronize() {
        Backends.of(this).synchronize();
    }

    @Override
    public String toString() {
        return index == 0 && !type.equals("cuda") ? type : type + ":" + index;
    }
}
