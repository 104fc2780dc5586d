package dev.jangada.backend;

import dev.jangada.Device;
import dev.jangada.OutOfMemoryException;
import dev.jangada.reference.ReferenceBackend;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;

/**
 * The reference backend, which lacks memory when it is told to; it takes the place of the device {@code reference} until it is closed.
 *
 * <p>A kernel that fails has written all its results before: the worst that can happen.
 */
public final class FailingBackend implements AutoCloseable {
    private static final Device DEVICE = new Device("reference", 0);
    private static final Set<String> KERNELS = Set.of("map", "reduce", "matmul", "scan", "gather", "scatter", "sort");

    private final ReferenceBackend right = new ReferenceBackend();
    private final Backend before = Backends.of(DEVICE);
    private long kernels = -1;
    private long allocations = -1;
    private long denied;

    /** Takes the place of the reference backend. */
    public FailingBackend() {
        Backends.OPEN.put(DEVICE, (Backend) Proxy.newProxyInstance(
                FailingBackend.class.getClassLoader(), new Class<?>[] {Backend.class}, this::answer));
    }

    private Object answer(Object proxy, Method method, Object[] args) throws Throwable {
        if (method.getName().equals("compile")) {
            return InvocationHandler.invokeDefault(proxy, method, args);
        }
        if (method.getName().equals("allocate") && allocations >= 0 && allocations-- == 0) {
            allocations = 0; // from here on there is none
            denied++;
            throw new OutOfMemoryException("[test] expected memory, got none");
        }
        Object result;
        try {
            result = method.invoke(right, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (KERNELS.contains(method.getName()) && kernels >= 0 && kernels-- == 0) {
            denied++;
            throw new OutOfMemoryException("[test] expected memory in " + method.getName() + ", got none");
        }
        return result;
    }

    /** Lets the kernel after the next {@code granted} ones fail, and only that one; none for a negative number. */
    public void failKernel(long granted) {
        kernels = granted;
    }

    /** Lets all allocations fail after the next {@code granted} ones; none for a negative number. */
    public void denyAllocations(long granted) {
        allocations = granted;
    }

    /** Returns how much was denied since this was asked last. */
    public long denied() {
        long n = denied;
        denied = 0;
        return n;
    }

    @Override
    public void close() {
        Backends.OPEN.put(DEVICE, before);
    }
}
