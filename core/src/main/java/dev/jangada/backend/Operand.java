package dev.jangada.backend;

import dev.jangada.DType;

/**
 * A tensor as a backend sees it: elements of a type, at the positions of a layout, in a storage.
 *
 * <p>Immutable. It knows nothing of gradients, names or lifetimes.
 */
public final class Operand implements Elements {
    private final Storage storage;
    private final DType dtype;
    private final Layout layout;

    /** Creates an operand; the layout must lie within the storage. */
    public Operand(Storage storage, DType dtype, Layout layout) {
        this.storage = storage;
        this.dtype = dtype;
        this.layout = layout;
    }

    /** Returns the storage. */
    public Storage storage() {
        return storage;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public Layout layout() {
        return layout;
    }

    /** Returns the same elements seen through another layout. */
    public Operand with(Layout other) {
        return other == layout ? this : new Operand(storage, dtype, other);
    }

    @Override
    public String toString() {
        return dtype + layout.toString();
    }
}
