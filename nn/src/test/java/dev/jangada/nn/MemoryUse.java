package dev.jangada.nn;

import dev.jangada.Device;
import java.util.concurrent.locks.LockSupport;

/** The bytes in use without the garbage of earlier tests, which would vanish at any moment. */
public final class MemoryUse {
    private MemoryUse() {}

    /** Returns the bytes in use of a device after garbage collections that free nothing more. */
    public static long settled(Device device) {
        long before = -1;
        long now = device.memory().inUse();
        int quiet = 0;
        for (int i = 0; i < 100 && quiet < 3; i++) {
            System.gc();
            LockSupport.parkNanos(5_000_000);
            before = now;
            now = device.memory().inUse();
            quiet = now == before ? quiet + 1 : 0;
        }
        return now;
    }
}
