package dev.jangada.reference;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;

/** The elements of an operand, at positions counted in elements as its layout does. */
final class Elements {
    private final HeapMemory memory;
    private final DType type;
    private final Layout layout;

    Elements(HeapMemory memory, DType type, Layout layout) {
        this.memory = memory;
        this.type = type;
        this.layout = layout;
    }

    static Elements of(Operand operand) {
        return new Elements((HeapMemory) operand.storage().memory(), operand.dtype(), operand.layout());
    }

    static Elements[] of(Operand... operands) {
        Elements[] all = new Elements[operands.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = of(operands[i]);
        }
        return all;
    }

    DType type() {
        return type;
    }

    boolean isFloat() {
        return type.isFloatingPoint();
    }

    Layout layout() {
        return layout;
    }

    Shape shape() {
        return layout.shape();
    }

    double getDouble(long position) {
        return memory.getDouble(position * type.size(), type);
    }

    long getLong(long position) {
        return memory.getLong(position * type.size(), type);
    }

    void put(long position, double x) {
        memory.putDouble(position * type.size(), type, x);
    }

    void put(long position, long x) {
        memory.putLong(position * type.size(), type, x);
    }

    /** Copies an element of the same type. */
    void copy(long position, Elements from, long fromPosition) {
        if (isFloat()) {
            put(position, from.getDouble(fromPosition));
        } else {
            put(position, from.getLong(fromPosition));
        }
    }
}
