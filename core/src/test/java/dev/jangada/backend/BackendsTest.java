package dev.jangada.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.Device;
import dev.jangada.DeviceException;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The choice of a backend, each time in a class loader of its own: providers are looked for once per loader. */
class BackendsTest {
    private static final String PROPERTY = "jangada.backend";

    @TempDir
    Path folder;

    /** Unavailable, with a reason and a high priority. */
    public static final class Missing implements BackendProvider {
        @Override
        public String name() {
            return "missing";
        }

        @Override
        public int priority() {
            return 100;
        }

        @Override
        public Availability availability() {
            return Availability.no("libmissing.so was not found", new IllegalStateException("no file"));
        }

        @Override
        public int deviceCount() {
            return 0;
        }

        @Override
        public Backend open(int index) {
            throw new AssertionError("opened although unavailable");
        }
    }

    /** Cannot be created. */
    public static final class Broken extends Named {
        public Broken() {
            super("broken");
            throw new IllegalStateException("broken on purpose");
        }
    }

    /** Throws where it must not. */
    public static final class Rude extends Named {
        public Rude() {
            super("rude");
        }

        @Override
        public Availability availability() {
            throw new UnsatisfiedLinkError("no such library");
        }
    }

    /** Available, but the first try to open it fails, as of a device that another process has. */
    public static final class Taken extends Named {
        private static boolean asked;

        public Taken() {
            super("taken");
        }

        @Override
        public int priority() {
            return 20;
        }

        @Override
        public Backend open(int index) {
            if (!asked) {
                asked = true;
                throw new DeviceException("another process has it");
            }
            return super.open(index);
        }
    }

    /** Available, with two devices, and a higher priority than the reference. */
    public static class Named implements BackendProvider {
        private final String name;

        public Named() {
            this("named");
        }

        Named(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int priority() {
            return 10;
        }

        @Override
        public Availability availability() {
            return Availability.yes("here");
        }

        @Override
        public int deviceCount() {
            return 2;
        }

        @Override
        public Backend open(int index) {
            return new dev.jangada.reference.ReferenceBackend();
        }
    }

    /** What runs inside: the argument is a command, the result a text. */
    public static final class Probe implements UnaryOperator<String> {
        @Override
        public String apply(String command) {
            try {
                return switch (command) {
                    case "default" -> Backends.defaultDevice().toString();
                    case "report" -> Backends.report();
                    case "names" ->
                        Backends.providers().stream()
                                .map(BackendProvider::name)
                                .toList()
                                .toString();
                    default -> Backends.of(Device.of(command)).description();
                };
            } catch (DeviceException e) {
                return "DeviceException " + e.getMessage();
            }
        }
    }

    /** Runs commands where these providers are found in addition to the reference. */
    private List<String> inside(List<String> providers, String property, String... commands) throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.write(services.resolve(BackendProvider.class.getName()), providers);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        String old = System.getProperty(PROPERTY);
        List<String> answers = new ArrayList<>();
        try (URLClassLoader loader = new URLClassLoader(urls(), ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(loader);
            setProperty(property);
            Object probe = loader.loadClass(Probe.class.getName())
                    .getDeclaredConstructor()
                    .newInstance();
            for (String c : commands) {
                @SuppressWarnings("unchecked")
                UnaryOperator<String> operator = (UnaryOperator<String>) probe;
                answers.add(operator.apply(c));
            }
        } finally {
            thread.setContextClassLoader(before);
            setProperty(old);
        }
        return answers;
    }

    private static void setProperty(String value) {
        if (value == null) {
            System.clearProperty(PROPERTY);
        } else {
            System.setProperty(PROPERTY, value);
        }
    }

    private URL[] urls() throws MalformedURLException, IOException {
        List<URL> urls = new ArrayList<>();
        urls.add(folder.toUri().toURL());
        for (Class<?> c : List.of(Backends.class, BackendsTest.class)) {
            URI location = URI.create(
                    c.getProtectionDomain().getCodeSource().getLocation().toString());
            urls.add(new File(location).toURI().toURL());
        }
        return urls.toArray(new URL[0]);
    }

    private static String name(Class<?> provider) {
        return provider.getName();
    }

    @Test
    void theHighestAvailablePriorityIsTheDefault() throws Exception {
        List<String> all = List.of(name(Missing.class), name(Named.class));
        assertThat(inside(all, null, "default", "names")).containsExactly("named", "[missing, named, reference]");
        assertThat(inside(List.of(), null, "default")).containsExactly("reference");
    }

    @Test
    void thePropertyChooses() throws Exception {
        List<String> all = List.of(name(Missing.class), name(Named.class));
        assertThat(inside(all, "reference", "default")).containsExactly("reference");
        assertThat(inside(all, " named:1 ", "default")).containsExactly("named:1");
        assertThat(inside(all, "", "default")).containsExactly("named");
        assertThat(inside(all, "missing", "default").get(0))
                .contains("DeviceException", "libmissing.so was not found", "reference");
        assertThat(inside(all, "nonsense", "default").get(0))
                .contains("DeviceException", "(missing, named, reference)", "'nonsense'", "jangada-backend-nonsense");
    }

    @Test
    void devicesAreChecked() throws Exception {
        List<String> all = List.of(name(Missing.class), name(Named.class));
        List<String> answers = inside(all, null, "named:1", "named:2", "missing", "unknown", "Not a device");
        assertThat(answers.get(0)).contains("pure Java");
        assertThat(answers.get(1)).contains("below 2", "got 2");
        assertThat(answers.get(2)).contains("libmissing.so was not found");
        assertThat(answers.get(3)).contains("'unknown'");
        assertThat(answers.get(4)).contains("'Not a device'", "cuda:1");
    }

    @Test
    void brokenProvidersAreReportedAndHideNoOthers() throws Exception {
        List<String> all =
                List.of(name(Broken.class), "dev.jangada.NoSuchProvider", name(Rude.class), name(Named.class));
        List<String> answers = inside(all, null, "default", "report", "rude");
        assertThat(answers.get(0)).isEqualTo("named");
        assertThat(answers.get(1))
                .contains("* named", "broken on purpose", "NoSuchProvider", "reference", "no such library");
        assertThat(answers.get(2)).contains("DeviceException", "no such library");
    }

    /** The default is then the next one, for good; the report says why, until somebody asks for the device by name and gets it. */
    @Test
    void aDeviceThatCannotBeOpenedIsNotTheDefault() throws Exception {
        List<String> all = List.of(name(Taken.class), name(Named.class));
        List<String> answers = inside(all, null, "default", "report", "taken", "default", "report");
        assertThat(answers.get(0)).isEqualTo("named");
        assertThat(answers.get(1))
                .contains("  taken      priority  20  unavailable: another process has it", "* named", "used: named");
        assertThat(answers.get(2)).contains("pure Java");
        assertThat(answers.get(3)).isEqualTo("named");
        assertThat(answers.get(4)).contains("  taken      priority  20  available: here", "* named");
        assertThat(inside(all, "taken", "default", "report"))
                .first()
                .asString()
                .contains("DeviceException", "another process has it");
    }

    @Test
    void theReportSaysWhatIsUsed() throws Exception {
        List<String> answers = inside(List.of(name(Missing.class)), null, "report", "default", "report");
        assertThat(answers.get(0)).contains("none used yet", "-D" + PROPERTY);
        assertThat(answers.get(2))
                .contains("* reference", "used: reference", "unavailable: libmissing.so was not found", "priority 100");
    }

    @Test
    void textsOfDevices() {
        assertThat(new Device("cuda", 0)).hasToString("cuda:0");
        assertThat(new Device("cpu", 0)).hasToString("cpu");
        assertThat(new Device("cpu", 2)).hasToString("cpu:2");
        assertThat(Device.of("reference:0")).isEqualTo(new Device("reference", 0));
        for (String wrong : List.of("", "cpu:", "cpu:-1", "cpu:01", "cpu:1:2", "cpu:99999999999", " cpu")) {
            assertThatThrownBy(() -> Device.of(wrong)).isInstanceOf(DeviceException.class);
        }
    }
}
