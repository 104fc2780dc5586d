package dev.jangada.cuda.sim;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails each test after which the simulator has something to report: misuse of the API, and in the checking mode what kernels did wrong.
 *
 * <p>A test that plants a mistake takes its reports by {@link CudaSim#takeReports()} or {@link CudaSim#reset()}. Found by JUnit itself, see
 * {@code junit-platform.properties}.
 */
public final class ReportsExtension implements AfterEachCallback, AfterAllCallback {
    @Override
    public void afterEach(ExtensionContext context) {
        expectNone(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        expectNone(context);
    }

    private static void expectNone(ExtensionContext context) {
        if (!CudaSim.reason().isEmpty()) {
            return;
        }
        CudaSim.finish();
        List<String> reports = CudaSim.takeReports();
        if (!reports.isEmpty()) {
            throw new AssertionError("expected no reports of the simulated device after " + context.getDisplayName()
                    + ", got " + reports.size() + ":\n" + String.join("\n", reports));
        }
    }
}
