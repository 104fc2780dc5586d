package dev.jangada.cpu;

import dev.jangada.backend.Availability;
import dev.jangada.backend.Backend;
import dev.jangada.backend.BackendProvider;

/** Offers the processor as the device {@code cpu}. */
public final class CpuProvider implements BackendProvider {
    /** Creates the provider; loads nothing. */
    public CpuProvider() {}

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public int priority() {
        return 50;
    }

    @Override
    public Availability availability() {
        return Libraries.availability();
    }

    @Override
    public int deviceCount() {
        return availability().available() ? 1 : 0;
    }

    @Override
    public Backend open(int index) {
        return new CpuBackend();
    }
}
