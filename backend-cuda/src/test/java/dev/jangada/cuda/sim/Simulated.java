package dev.jangada.cuda.sim;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.List;

/**
 * Runs another main program on the simulated device: {@code java ... dev.jangada.cuda.sim.Simulated CLASS ARGUMENTS}.
 *
 * <p>What the simulator has to report when the program returns is printed, and makes the exit status 3; one that calls {@code System.exit}
 * is not asked.
 */
public final class Simulated {
    private Simulated() {}

    /** The name of a class with a main method, and what to pass to it. */
    public static void main(String[] args) throws ReflectiveOperationException {
        if (!CudaSim.install()) {
            System.err.println("simulation " + CudaSim.reason());
            System.exit(2);
        }
        try {
            Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object)
                    Arrays.copyOfRange(args, 1, args.length));
        } catch (InvocationTargetException e) {
            e.getCause().printStackTrace();
            System.exit(1);
        }
        CudaSim.finish();
        List<String> reports = CudaSim.takeReports();
        if (!reports.isEmpty()) {
            System.err.println(reports.size() + " reports of the simulator, the first: " + reports.get(0));
            System.exit(3);
        }
    }
}
