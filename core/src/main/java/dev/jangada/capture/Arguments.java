package dev.jangada.capture;

import dev.jangada.ArgumentException;
import dev.jangada.IndexException;
import dev.jangada.Tensor;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What a captured function is called with.
 *
 * <p>Tensors may hold other values at each run; another shape, type, stride or device is another program, which is traced once. So is another
 * value of a plain argument that the function reads, except by {@link #count}.
 */
public final class Arguments {
    private final Object[] values;
    private final IntConsumer read;
    private final Supplier<Object[]> latest;

    /**
     * Creates arguments.
     *
     * @param read hears which plain arguments are read
     * @param latest the arguments of the current run, for what is read at each
     */
    Arguments(Object[] values, IntConsumer read, Supplier<Object[]> latest) {
        this.values = values;
        this.read = read;
        this.latest = latest;
    }

    /** Returns the number of arguments. */
    public int size() {
        return values.length;
    }

    private Object at(int i) {
        if (i < 0 || i >= values.length) {
            throw new IndexException("[arguments] expected an index in [0, " + values.length + "), got " + i
                    + "; pass more arguments to run");
        }
        return values[i];
    }

    private <T> T as(Class<T> type, int i) {
        Object value = at(i);
        if (!type.isInstance(value)) {
            throw new ArgumentException("[arguments] expected argument " + i + " to be a " + type.getSimpleName()
                    + ", got a " + value.getClass().getSimpleName());
        }
        return type.cast(value);
    }

    /**
     * Returns a tensor. Closing it ends only the function's own hold on it.
     *
     * @throws IndexException if there is no such argument
     * @throws ArgumentException if it is no tensor
     */
    public Tensor tensor(int i) {
        return as(Tensor.class, i);
    }

    /** Returns a plain argument of any class; its value chooses the plan. */
    public <T> T value(int i, Class<T> type) {
        T value = as(Objects.requireNonNull(type, "type is null"), i);
        read.accept(i);
        return value;
    }

    /** Returns a whole number; its value chooses the plan. */
    public int intValue(int i) {
        return Math.toIntExact(longValue(i));
    }

    /** Returns a whole number; its value chooses the plan. */
    public long longValue(int i) {
        long whole = whole(i, at(i));
        read.accept(i);
        return whole;
    }

    private static long whole(int i, Object value) {
        if (value instanceof Integer || value instanceof Long || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        throw new ArgumentException("[arguments] expected argument " + i + " to be a whole number, got a "
                + value.getClass().getSimpleName());
    }

    /** Returns a number; its value chooses the plan. */
    public double doubleValue(int i) {
        double value = as(Number.class, i).doubleValue();
        read.accept(i);
        return value;
    }

    /** Returns a truth value; it chooses the plan. */
    public boolean booleanValue(int i) {
        return value(i, Boolean.class);
    }

    /** Returns a whole number that is asked for at each run, for {@link Capture#loop}: another value needs no other plan. */
    public LongSupplier count(int i) {
        whole(i, at(i));
        return () -> whole(i, latest.get()[i]);
    }
}
