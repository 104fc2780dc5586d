package dev.jangada.cuda.driver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalDouble;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.cuda.nvml.nvmlUtilization_t;
import org.bytedeco.javacpp.BytePointer;

/**
 * The driver's monitor of one device (NVML), which is asked for nothing but how busy the device is. It is loaded when it is asked first; a
 * machine without it only lacks this figure.
 *
 * <p>NVML numbers devices in another order than CUDA, so the device is found by its place on the bus.
 */
public final class Nvml {
    private static final int BUS_ID_LENGTH = 32;
    private static final double PERCENT = 100;

    private final nvmlDevice_st device;

    private static final class Holder {
        static final boolean STARTED = start();
    }

    private Nvml(nvmlDevice_st device) {
        this.device = device;
    }

    private static boolean start() {
        try {
            Presets.loadNvml();
            return nvml.nvmlInit_v2() == 0;
        } catch (LinkageError | RuntimeException | IOException e) {
            System.getLogger("dev.jangada.cuda")
                    .log(System.Logger.Level.INFO, "NVML is not there, devices are not monitored: " + e);
            return false;
        }
    }

    /** Returns the monitor of a device, which knows nothing if there is no NVML. */
    public static Nvml of(DeviceInfo info) {
        byte[] busId = new byte[BUS_ID_LENGTH];
        int[] number = new int[1];
        nvmlDevice_st found = new nvmlDevice_st();
        boolean known = Holder.STARTED
                && cudart.cuDeviceGet(number, info.ordinal()) == Status.SUCCESS
                && cudart.cuDeviceGetPCIBusId(busId, busId.length, number[0]) == Status.SUCCESS;
        if (known) {
            int length = 0;
            while (length < busId.length && busId[length] != 0) {
                length++;
            }
            try (BytePointer text = new BytePointer(new String(busId, 0, length, StandardCharsets.UTF_8))) {
                known = nvml.nvmlDeviceGetHandleByPciBusId_v2(text, found) == 0;
            }
        }
        return new Nvml(known ? found : null);
    }

    /** Returns the share of the last moments (a sixth of a second to a second) in which a kernel ran, from 0 to 1, or nothing. */
    public synchronized OptionalDouble utilisation() {
        if (device == null) {
            return OptionalDouble.empty();
        }
        try (nvmlUtilization_t rates = new nvmlUtilization_t()) {
            return nvml.nvmlDeviceGetUtilizationRates(device, rates) == 0
                    ? OptionalDouble.of(rates.gpu() / PERCENT)
                    : OptionalDouble.empty();
        }
    }
}
