package dev.jangada;

import java.util.Optional;

/**
 * One entry between the brackets of an indexing expression, for {@link Tensor#index}, {@link Tensor#set} and {@link Tensor#indexPut_}.
 *
 * <table>
 * <caption>Python and Java</caption>
 * <tr><td>{@code x[3]}</td><td>{@code x.index(Index.at(3))}</td></tr>
 * <tr><td>{@code x[:, 1:5]}</td><td>{@code x.index(Index.all(), Index.slice(1, 5))}</td></tr>
 * <tr><td>{@code x[..., ::2]}</td><td>{@code x.index(Index.ellipsis(), Index.every(2))}</td></tr>
 * <tr><td>{@code x[:, None]}</td><td>{@code x.index(Index.all(), Index.newAxis())}</td></tr>
 * <tr><td>{@code x[i]}, {@code x[x > 0]}</td><td>{@code x.index(Index.of(i))}, {@code x.index(Index.of(x.gt(0)))}</td></tr>
 * </table>
 */
public final class Index {
    private static final Index ALL = new Index(Kind.SLICE, 0, Long.MAX_VALUE, 1, null);
    private static final Index ELLIPSIS = new Index(Kind.ELLIPSIS, 0, 0, 0, null);
    private static final Index NEW_AXIS = new Index(Kind.NEW_AXIS, 0, 0, 0, null);

    /** What an entry does. */
    public enum Kind {
        /** Picks one index of a dimension, which goes. */
        AT,
        /** Keeps some indices of a dimension, at equal distances. */
        SLICE,
        /** Stands for whole dimensions, as many as are not named by the other entries. */
        ELLIPSIS,
        /** Inserts a dimension of size 1. */
        NEW_AXIS,
        /** Picks by an int64 tensor, or by a bool tensor that has the shape of the dimensions it stands for. */
        TENSOR
    }

    private final Kind kind;
    private final long start;
    private final long end;
    private final long step;
    private final Tensor tensor;

    private Index(Kind kind, long start, long end, long step, Tensor tensor) {
        this.kind = kind;
        this.start = start;
        this.end = end;
        this.step = step;
        this.tensor = tensor;
    }

    /** Returns the entry {@code i}: one index, which may count from the end. */
    public static Index at(long i) {
        return new Index(Kind.AT, i, 0, 0, null);
    }

    /** Returns the entry {@code start:end}; both may count from the end and may lie outside. */
    public static Index slice(long start, long end) {
        return slice(start, end, 1);
    }

    /** Returns the entry {@code start:end:step}; a step that is not positive is an error when the entry is used. */
    public static Index slice(long start, long end, long step) {
        return new Index(Kind.SLICE, start, end, step, null);
    }

    /** Returns the entry {@code start:}. */
    public static Index from(long start) {
        return slice(start, Long.MAX_VALUE);
    }

    /** Returns the entry {@code :end}. */
    public static Index to(long end) {
        return slice(0, end);
    }

    /** Returns the entry {@code ::step}. */
    public static Index every(long step) {
        return slice(0, Long.MAX_VALUE, step);
    }

    /** Returns the entry {@code :}. */
    public static Index all() {
        return ALL;
    }

    /** Returns the entry {@code ...}. */
    public static Index ellipsis() {
        return ELLIPSIS;
    }

    /** Returns the entry {@code None}. */
    public static Index newAxis() {
        return NEW_AXIS;
    }

    /** Returns the entry of a tensor: int64 picks, bool masks. */
    public static Index of(Tensor tensor) {
        return new Index(Kind.TENSOR, 0, 0, 0, tensor);
    }

    /** Returns the entry of a list of indices. */
    public static Index of(long... indices) {
        return of(Tensor.of(indices));
    }

    /** Returns what the entry does. */
    public Kind kind() {
        return kind;
    }

    /** Returns the index of AT, the start of SLICE. */
    public long start() {
        return start;
    }

    /** Returns the end of SLICE. */
    public long end() {
        return end;
    }

    /** Returns the step of SLICE. */
    public long step() {
        return step;
    }

    /** Returns the tensor of TENSOR. */
    public Optional<Tensor> tensor() {
        return Optional.ofNullable(tensor);
    }

    @Override
    public String toString() {
        return switch (kind) {
            case AT -> Long.toString(start);
            case SLICE -> start + ":" + (end == Long.MAX_VALUE ? "" : end) + (step == 1 ? "" : ":" + step);
            case ELLIPSIS -> "...";
            case NEW_AXIS -> "None";
            case TENSOR -> tensor.dtype() + tensor.shape().toString();
        };
    }
}
