package dev.jangada.ops;

import dev.jangada.Tensor;
import dev.jangada.backend.Operand;

/**
 * The door through which this package reaches inside {@link Tensor}, which does not show its operand and gradient state to users.
 *
 * <p>{@code Tensor} installs the only instance in its static initialiser.
 */
public abstract class Access {
    private static Access instance;

    /** Installs the instance; called once by {@code Tensor}. */
    public static void install(Access access) {
        instance = access;
    }

    private static Access get() {
        if (instance == null) {
            try {
                Class.forName(Tensor.class.getName());
            } catch (ClassNotFoundException e) {
                throw new AssertionError(e);
            }
        }
        return instance;
    }

    /** Returns the operand of an open tensor; a closed one is a {@code ClosedTensorException}. */
    public static Operand operand(Tensor t) {
        return get().operandOf(t);
    }

    /** Returns the gradient state, never null. */
    public static GradState state(Tensor t) {
        return get().stateOf(t);
    }

    /** Returns a new tensor that takes over one handle of the operand's storage, registered in the open scope. */
    public static Tensor wrap(Operand operand) {
        return get().create(operand, true);
    }

    /** Returns a new tensor on the same storage with a handle of its own, registered in the open scope. */
    public static Tensor alias(Operand operand) {
        operand.storage().retain();
        return get().create(operand, true);
    }

    /** As {@link #alias}, but no scope closes it. */
    public static Tensor aliasUnscoped(Operand operand) {
        operand.storage().retain();
        return get().create(operand, false);
    }

    /** Returns the tensor, which no scope closes from now on. */
    public static Tensor unscoped(Tensor t) {
        get().leaveScope(t);
        return t;
    }

    /** Makes a tensor show the memory of an operand, for which it gets a handle of its own, and gives up the old one. */
    static void replaceOperand(Tensor t, Operand operand) {
        operand.storage().retain();
        get().replace(t, operand);
    }

    /** Returns the operand of a tensor. */
    protected abstract Operand operandOf(Tensor t);

    /** Returns the gradient state of a tensor. */
    protected abstract GradState stateOf(Tensor t);

    /** Creates a tensor that owns one handle. */
    protected abstract Tensor create(Operand operand, boolean scoped);

    /** Takes a tensor out of the scope that would close it. */
    protected abstract void leaveScope(Tensor t);

    /** Replaces the operand of an open tensor, taking over one handle of the new one. */
    protected abstract void replace(Tensor t, Operand operand);
}
