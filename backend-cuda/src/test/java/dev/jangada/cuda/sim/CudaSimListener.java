package dev.jangada.cuda.sim;

import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Installs the simulated device before JUnit loads the first test class, which might touch a preset. */
public final class CudaSimListener implements LauncherSessionListener {
    @Override
    public void launcherSessionOpened(LauncherSession session) {
        CudaSim.install();
    }
}
