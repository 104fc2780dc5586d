package dev.jangada.nn;

import dev.jangada.IndexException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * Modules in a list, called {@code 0}, {@code 1} and so on, so that their parameters are found; what is done with them is up to the owner.
 *
 * <pre>{@code
 * private final ModuleList<Linear> layers = module("layers", new ModuleList<>(new Linear(8, 8), new Linear(8, 8)));
 * }</pre>
 *
 * <p>Source: {@code torch.nn.ModuleList}.
 */
public final class ModuleList<M extends Module> extends Module implements Iterable<M> {
    private final List<M> modules = new ArrayList<>();

    /** Creates a list. */
    @SafeVarargs
    public ModuleList(M... modules) {
        for (M m : modules) {
            append(m);
        }
    }

    /** Adds a module at the end. */
    public ModuleList<M> append(M module) {
        modules.add(module(Integer.toString(modules.size()), module));
        return this;
    }

    /** Returns the number of modules. */
    public int size() {
        return modules.size();
    }

    /**
     * Returns a module; a negative number counts from the end.
     *
     * @throws IndexException if there is none
     */
    public M get(int index) {
        int i = index < 0 ? index + modules.size() : index;
        if (i < 0 || i >= modules.size()) {
            throw new IndexException("[ModuleList] expected an index in [" + -modules.size() + ", "
                    + (modules.size() - 1) + "], got " + index);
        }
        return modules.get(i);
    }

    @Override
    public Iterator<M> iterator() {
        return Collections.unmodifiableList(modules).iterator();
    }
}
