package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.ScatterOp;

/** Reading elements along a dimension by distinct indices, and putting gradients back there; each is the other's gradient. */
final class Picks {
    private Picks() {}

    /** The elements of dimension {@code d} that an index names, which has the shape of the result; recorded under a name. */
    static Tensor pick(String node, Tensor t, Tensor index, int d) {
        Operand in = Axes.atLeast1d(Access.operand(t));
        Operand at = Access.operand(index);
        Operand out = Executor.current()
                .allocate(t.dtype(), at.layout().shape(), in.storage().backend());
        Tensor result = Access.wrap(out);
        Executor.current().gather(Axes.atLeast1d(out), in, Axes.atLeast1d(at), d);
        return recorded(node, result, t, index, d);
    }

    /** Records that values were picked by an index, of their shape, from a tensor. */
    static Tensor recorded(String node, Tensor values, Tensor t, Tensor index, int d) {
        Shape from = t.shape();
        DType type = t.dtype();
        return Tape.attach(node, values, new Tensor[] {t}, new Tensor[] {index}, (g, s, needed) ->
                new Tensor[] {place(g[0], s[0], from, d, type)});
    }

    /** Zeros with elements where an index along dimension {@code d} says; no two of them at one place. */
    static Tensor place(Tensor t, Tensor index, Shape shape, int d, DType type) {
        Tensor source = t.to(type);
        Tensor result = Creation.full(shape, 0.0, type, t.device());
        Executor.current()
                .scatter(
                        ScatterOp.ASSIGN,
                        Axes.atLeast1d(Access.operand(result)),
                        Axes.atLeast1d(Access.operand(index)),
                        Axes.atLeast1d(Access.operand(source)),
                        d);
        return Tape.attach("ScatterBackward0", result, new Tensor[] {source}, new Tensor[] {index}, (g, s, needed) ->
                new Tensor[] {pick("GatherBackward0", g[0], s[0], d)});
    }
}
