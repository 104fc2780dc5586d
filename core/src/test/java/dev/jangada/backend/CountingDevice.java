package dev.jangada.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.ArgumentException;
import dev.jangada.OutOfMemoryException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** A device with a fixed amount of memory, which is only counted. */
final class CountingDevice {
    private static final long DEADLINE_MILLIS = 20_000;

    final AtomicLong left;
    final AtomicInteger freed = new AtomicInteger();
    final AtomicInteger emptied = new AtomicInteger();
    final Backend backend;

    CountingDevice(long bytes) {
        left = new AtomicLong(bytes);
        backend = (Backend) Proxy.newProxyInstance(
                CountingDevice.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, args) -> {
                    switch (method.getName()) {
                        case "allocate":
                            return allocate((Long) args[0]);
                        case "emptyCache":
                            return emptied.incrementAndGet() < 0 ? args : null;
                        default:
                            throw new InvocationTargetException(null, method.getName());
                    }
                });
    }

    private Memory allocate(long bytes) {
        if (bytes < 0) {
            throw new ArgumentException("negative");
        }
        if (left.addAndGet(-bytes) < 0) {
            left.addAndGet(bytes);
            throw new OutOfMemoryException("none left");
        }
        AtomicLong total = left;
        AtomicInteger count = freed;
        return new Memory() {
            @Override
            public long bytes() {
                return bytes;
            }

            @Override
            public void free() {
                total.addAndGet(bytes);
                count.incrementAndGet();
            }
        };
    }

    /** Waits for what the collector must do. */
    static void await(BooleanSupplier condition) {
        long end = System.currentTimeMillis() + DEADLINE_MILLIS;
        while (!condition.getAsBoolean()) {
            assertThat(System.currentTimeMillis()).as("deadline").isLessThan(end);
            System.gc();
            Thread.onSpinWait();
        }
    }
}
