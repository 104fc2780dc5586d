package dev.jangada.cuda.sim;

import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs tests in a process of its own, on a simulated device with other settings: {@code dev.jangada.X}, {@code dev.jangada.X#method}, or
 * {@code dev.jangada.X#method:0,3} for the first and the fourth invocation of a parameterized test. Tags do not matter here.
 *
 * <p>The last line reads {@code passed P of N, S skipped, F failures}; those before tell of failures.
 */
public final class TestRun {
    private TestRun() {}

    /** What to run. */
    public static void main(String[] args) {
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
        for (String arg : args) {
            request.selectors(selectors(arg));
        }
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        try (LauncherSession session = LauncherFactory.openSession()) {
            Launcher launcher = session.getLauncher();
            launcher.execute(request.build(), listener);
        }
        TestExecutionSummary s = listener.getSummary();
        s.printFailuresTo(new PrintWriter(System.out, true), 12);
        System.out.println("passed " + s.getTestsSucceededCount() + " of " + s.getTestsFoundCount() + ", "
                + (s.getTestsAbortedCount() + s.getTestsSkippedCount()) + " skipped, " + s.getTotalFailureCount()
                + " failures");
        System.exit(s.getTotalFailureCount() == 0 ? 0 : 1);
    }

    private static List<DiscoverySelector> selectors(String arg) {
        int hash = arg.indexOf('#');
        if (hash < 0) {
            return List.of(DiscoverySelectors.selectClass(arg));
        }
        int colon = arg.indexOf(':');
        Class<?> type = load(arg.substring(0, hash));
        String name = arg.substring(hash + 1, colon < 0 ? arg.length() : colon);
        DiscoverySelector method = DiscoverySelectors.selectMethod(type, method(type, name));
        List<DiscoverySelector> out = new ArrayList<>();
        if (colon < 0) {
            out.add(method);
        } else {
            int[] numbers = Arrays.stream(arg.substring(colon + 1).split(","))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            out.add(DiscoverySelectors.selectIteration(method, numbers));
        }
        return out;
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("expected a test class, got " + name, e);
        }
    }

    private static Method method(Class<?> type, String name) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            for (Method m : c.getDeclaredMethods()) {
                if (m.getName().equals(name) && !m.isSynthetic()) {
                    return m;
                }
            }
        }
        throw new IllegalArgumentException("expected a method of " + type.getName() + ", got " + name);
    }
}
