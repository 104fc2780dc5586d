package dev.jangada.reference;

import dev.jangada.backend.Availability;
import dev.jangada.backend.Backend;
import dev.jangada.backend.BackendProvider;

/** Offers the reference backend under the name {@code reference}: everywhere, with the lowest priority. */
public final class ReferenceProvider implements BackendProvider {
    /** Creates the provider. */
    public ReferenceProvider() {}

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Availability availability() {
        return Availability.yes("pure Java, for tests: exact but slow");
    }

    @Override
    public int deviceCount() {
        return 1;
    }

    @Override
    public Backend open(int index) {
        return new ReferenceBackend();
    }
}
