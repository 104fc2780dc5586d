package dev.jangada.backend;

import dev.jangada.ArgumentException;
import dev.jangada.Device;
import dev.jangada.DeviceException;
import dev.jangada.JangadaException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Finds backends and chooses one.
 *
 * <p>The choice: an explicit {@link Device}, else the system property {@code jangada.backend}, else the environment variable
 * {@code JANGADA_BACKEND}, else the available provider of the highest priority whose first device can be opened: one that is there may still
 * be taken by another process, or have no memory left.
 */
public final class Backends {
    private static final String PROPERTY = "jangada.backend";
    private static final String VARIABLE = "JANGADA_BACKEND";
    /** Not private, so that a test can put a backend of its own into the place of one. */
    static final Map<Device, Backend> OPEN = new ConcurrentHashMap<>();

    /** By name: why the first device of a backend could not be opened when the default was chosen. Asked for by name, it is tried again. */
    private static final Map<String, String> REFUSED = new ConcurrentHashMap<>();

    private static final List<String> BROKEN = new ArrayList<>();
    /** So many failures are one that repeats: the search ends. */
    private static final int MOST_BROKEN = 100;

    private static volatile Device chosen;
    private static volatile int threads;

    private Backends() {}

    private static final class Found {
        static final List<BackendProvider> PROVIDERS = load();
    }

    /** One broken provider must not hide the others, so each step is tried on its own. */
    private static List<BackendProvider> load() {
        List<BackendProvider> found = new ArrayList<>();
        Iterator<BackendProvider> services =
                ServiceLoader.load(BackendProvider.class, loader()).iterator();
        boolean more = true;
        while (more && BROKEN.size() < MOST_BROKEN) {
            try {
                more = services.hasNext();
                if (more) {
                    found.add(services.next());
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                BROKEN.add("broken: " + e.getMessage() + (e.getCause() == null ? "" : " (" + e.getCause() + ")"));
            }
        }
        found.sort(Comparator.comparingInt(BackendProvider::priority).reversed().thenComparing(BackendProvider::name));
        return List.copyOf(found);
    }

    private static ClassLoader loader() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return context != null ? context : Backends.class.getClassLoader();
    }

    /** Returns all providers that were found, the highest priority first. */
    public static List<BackendProvider> providers() {
        return Found.PROVIDERS;
    }

    /**
     * Checks that a backend of this name was found, available or not.
     *
     * @throws DeviceException if not
     */
    public static void requireKnown(String name) {
        provider(name);
    }

    private static BackendProvider provider(String name) {
        for (BackendProvider p : providers()) {
            if (p.name().equals(name)) {
                return p;
            }
        }
        String names = providers().stream().map(BackendProvider::name).collect(Collectors.joining(", "));
        throw new DeviceException(
                "[device] expected one of the backends on the class path (" + names + "), got '" + name
                        + "'; add the artifact dev.jangada:jangada-backend-" + name.toLowerCase(Locale.ROOT)
                        + " if there is one of this name");
    }

    /**
     * Returns the backend of a device, opening it on first use.
     *
     * @throws DeviceException if the backend is unknown or unavailable (with its reason) or has no such device
     */
    public static Backend of(Device device) {
        Backend open = OPEN.get(device);
        return open != null ? open : OPEN.computeIfAbsent(device, Backends::open);
    }

    /** What a provider answers; one that throws, although it must not, is unavailable for that. */
    private static Availability availability(BackendProvider p) {
        try {
            return p.availability();
        } catch (RuntimeException | LinkageError e) {
            return Availability.no("its provider failed: " + e, e);
        }
    }

    private static Backend open(Device device) {
        BackendProvider p = provider(device.type());
        Availability a = availability(p);
        if (!a.available()) {
            throw new DeviceException(
                    "[device] expected an available backend, got '" + device.type() + "', which is not: " + a.reason()
                            + "\n" + report(),
                    a.cause().orElse(null));
        }
        if (device.index() < 0 || device.index() >= p.deviceCount()) {
            throw new DeviceException("[device] expected a device number below " + p.deviceCount() + " for '"
                    + device.type() + "', got " + device.index());
        }
        Backend opened = p.open(device.index());
        if (threads > 0) {
            opened.setNumThreads(threads);
        }
        if (device.index() == 0) {
            REFUSED.remove(device.type());
        }
        return opened;
    }

    /**
     * Sets the number of threads that host kernels use on every backend, those opened later too.
     *
     * @throws ArgumentException if it is less than 1
     */
    public static void setNumThreads(int number) {
        if (number < 1) {
            throw new ArgumentException("[setNumThreads] expected at least 1 thread, got " + number);
        }
        threads = number;
        OPEN.values().forEach(b -> b.setNumThreads(number));
    }

    /**
     * Returns the device that new tensors are placed on unless one is given; the first call chooses and opens it.
     *
     * @throws DeviceException if the property or variable names a backend that is unknown or unavailable
     */
    public static Device defaultDevice() {
        Device d = chosen;
        if (d == null) {
            synchronized (Backends.class) {
                if (chosen == null) {
                    chosen = choose();
                }
                d = chosen;
            }
        }
        return d;
    }

    /**
     * Sets the device that new tensors are placed on.
     *
     * @throws DeviceException if it is unknown or unavailable
     */
    public static void setDefaultDevice(Device device) {
        of(device);
        chosen = device;
    }

    private static Device choose() {
        String named = System.getProperty(PROPERTY);
        if (named == null || named.isBlank()) {
            named = System.getenv(VARIABLE);
        }
        if (named != null && !named.isBlank()) {
            Device d = Device.of(named.strip());
            of(d);
            return d;
        }
        for (BackendProvider p : providers()) {
            Device d = new Device(p.name(), 0);
            if (availability(p).available() && opens(d)) {
                if (p.priority() <= 0) {
                    System.getLogger("dev.jangada")
                            .log(
                                    System.Logger.Level.WARNING,
                                    "the backend ''{0}'' is used, which is slow; add the artifact dev.jangada:jangada-backend-cpu",
                                    p.name());
                }
                return d;
            }
        }
        throw new DeviceException("[device] expected an available backend, got none\n" + report());
    }

    /** Tells whether a device can be opened; if not, the log and the report say why. */
    private static boolean opens(Device d) {
        try {
            of(d);
            return true;
        } catch (JangadaException e) {
            REFUSED.put(d.type(), e.getMessage());
            System.getLogger("dev.jangada")
                    .log(System.Logger.Level.WARNING, "the backend ''{0}'' is not used: {1}", d.type(), e.getMessage());
            return false;
        }
    }

    /** Returns a text that lists each backend found, which one is used, and why each other is not. */
    public static String report() {
        StringBuilder s = new StringBuilder();
        Device d = chosen;
        for (BackendProvider p : providers()) {
            Availability a = availability(p);
            boolean used = d != null && d.type().equals(p.name());
            String refused = REFUSED.get(p.name());
            s.append(String.format(
                    Locale.ROOT,
                    "%s %-10s priority %3d  %s: %s%n",
                    used ? "*" : " ",
                    p.name(),
                    p.priority(),
                    a.available() && refused == null ? "available" : "unavailable",
                    refused == null ? a.reason() : refused));
        }
        BROKEN.forEach(b -> s.append("  ").append(b).append(System.lineSeparator()));
        s.append(
                d != null
                        ? "used: " + d
                        : "none used yet; set -D" + PROPERTY + "=NAME or " + VARIABLE + "=NAME to choose");
        return s.toString();
    }
}
