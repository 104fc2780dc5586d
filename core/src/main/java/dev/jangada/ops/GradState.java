package dev.jangada.ops;

import dev.jangada.Tensor;
import dev.jangada.autograd.Node;

/** What autograd knows of a tensor, and names of its dimensions. Plain fields: only this package and {@code autograd} see it. */
public final class GradState {
    /** How a view came to be, which decides whether it may be changed in place. */
    public enum ViewKind {
        /** Not a view that autograd follows. */
        NONE,
        /** An ordinary view. */
        SINGLE,
        /** One of several views made by one call, such as split: recorded ones must not be changed in place. */
        MULTI,
        /** Made while recording was off: must not be changed in place while it is on. */
        NO_GRAD
    }

    /** Whether the user asked for a gradient of this leaf. */
    public boolean requiresGrad;

    /** The node that made this tensor, or null for a leaf. */
    public Node gradFn;

    /** Which output of {@link #gradFn} this is. */
    public int outputNumber;

    /** The accumulated gradient, a handle of this slot's own, or null. */
    public Tensor grad;

    /** The node that accumulates into {@link #grad}, or null until it is needed. */
    public volatile Node accumulator;

    /** The tensor that owns the storage this is a view of, or null. */
    public Tensor viewBase;

    /** See {@link ViewKind}. */
    public ViewKind viewKind = ViewKind.NONE;

    /** Version of the storage for which {@link #gradFn} of a view holds. */
    public int viewVersion;

    /** Whether a non-leaf keeps its gradient. */
    public boolean retainsGrad;

    /** Whether the tensor was made in inference mode. */
    public boolean inference;

    /** Names of the dimensions, or null if none has one; see {@link DimNames}. Never changed, only replaced. */
    String[] names;
}
