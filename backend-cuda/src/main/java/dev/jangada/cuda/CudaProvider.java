package dev.jangada.cuda;

import dev.jangada.DeviceException;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backend;
import dev.jangada.backend.BackendProvider;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.DeviceInfo;
import dev.jangada.cuda.driver.Nvrtc;
import dev.jangada.cuda.driver.Probe;

/** Offers NVIDIA GPUs as the devices {@code cuda:0}, {@code cuda:1} and so on. */
public final class CudaProvider implements BackendProvider {
    /** Creates the provider; loads nothing. */
    public CudaProvider() {}

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public Availability availability() {
        Probe.Result found = Probe.result();
        if (!found.devices().isEmpty()) {
            return Availability.yes(found.reason());
        }
        return found.cause() == null ? Availability.no(found.reason()) : Availability.no(found.reason(), found.cause());
    }

    @Override
    public int deviceCount() {
        return Probe.result().devices().size();
    }

    @Override
    public Backend open(int index) {
        DeviceInfo info = Probe.result().devices().get(index);
        if (Nvrtc.target(info.architecture()) < 0) {
            throw new DeviceException("[device] expected a device that NVRTC " + Nvrtc.version()
                    + " compiles for, got cuda:" + index + ", " + info + "; use another device, or a newer CUDA");
        }
        Context context = Context.open(info);
        boolean made = false;
        try {
            Backend backend = new CudaBackend(context);
            made = true;
            return backend;
        } finally {
            if (!made) {
                context.close(); // a program that goes on without the device leaves its memory to others
            }
        }
    }
}
