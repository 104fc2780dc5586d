package dev.jangada.kernel;

import java.util.function.Supplier;

/**
 * A kernel description with room for what a backend makes of it.
 *
 * <p>Descriptions are created once per operation and combination of types and live as long as the program; the compiled form is kept here
 * so that a launch needs no look-up.
 */
public abstract class Kernel {
    private record Compiled(Object owner, Object code, Compiled next) {}

    private final String name;
    private volatile Compiled compiled;

    Kernel(String name) {
        this.name = name;
    }

    /** Returns the name that profiles show. */
    public String name() {
        return name;
    }

    /**
     * Returns what {@code owner} compiled this kernel to, compiling it on the first call.
     *
     * @param owner the backend, compared by identity
     * @param compiler makes the compiled form; called once per owner
     */
    @SuppressWarnings("unchecked")
    public <T> T compiled(Object owner, Supplier<T> compiler) {
        for (Compiled c = compiled; c != null; c = c.next) {
            if (c.owner == owner) {
                return (T) c.code;
            }
        }
        synchronized (this) {
            for (Compiled c = compiled; c != null; c = c.next) {
                if (c.owner == owner) {
                    return (T) c.code;
                }
            }
            T code = compiler.get();
            compiled = new Compiled(owner, code, compiled);
            return code;
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
