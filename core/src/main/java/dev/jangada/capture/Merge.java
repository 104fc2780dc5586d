package dev.jangada.capture;

import dev.jangada.Shape;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Plan;
import dev.jangada.kernel.Kernel;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes one kernel of two: {@code first} gives operands of {@code second}.
 *
 * <p>Here is whether the two fit and which operands the merged kernel has; {@link FusedKernels} makes it.
 */
final class Merge {
    private static final int MOST_OPERANDS = 20;

    private final Plan.Launch first;
    private final Plan.Launch second;
    /** Which results of the first are still written. */
    private final boolean[] keep;
    /** The operands of the merged kernel; of a matrix product, those of its epilogue. */
    private final List<Plan.Ref> ins = new ArrayList<>();

    private Merge(Plan.Launch first, Plan.Launch second, boolean[] keep) {
        this.first = first;
        this.second = second;
        this.keep = keep;
    }

    /** Returns the one launch, with the scalars of the first before those of the second, or empty if they do not fit. */
    static Optional<Plan.Launch> of(Plan.Launch first, Plan.Launch second, boolean[] keep) {
        Merge m = new Merge(first, second, keep);
        KernelCall a = first.call();
        KernelCall b = second.call();
        Optional<Plan.Launch> made = Optional.empty();
        if (b instanceof KernelCall.Map map) {
            if (a instanceof KernelCall.Map producer) {
                made = m.mapMap(producer.kernel(), map.kernel());
            } else if (a instanceof KernelCall.Reduce producer) {
                made = m.reduceMap(producer.kernel(), map.kernel());
            } else if (a instanceof KernelCall.Matmul product && product.beta() == 0) {
                made = m.matmulMap(
                        product.alpha(), Trace.copy(first.outs().get(0).dtype()), map.kernel());
            } else if (a instanceof KernelCall.MatmulMap product) {
                made = m.matmulMap(product.alpha(), product.epilogue(), map.kernel());
            }
        } else if (b instanceof KernelCall.Reduce reduce && a instanceof KernelCall.Map producer) {
            made = m.mapReduce(producer.kernel(), reduce.kernel());
        }
        return made.filter(Merge::isSound);
    }

    /** Outputs lie apart from each other, and are read only element by element. */
    private static boolean isSound(Plan.Launch l) {
        if (l.ins().size() + l.outs().size() > MOST_OPERANDS) {
            return false;
        }
        int elementwise =
                l.call() instanceof KernelCall.Map ? 0 : l.call() instanceof KernelCall.MatmulMap ? 2 : MOST_OPERANDS;
        for (int i = 0; i < l.outs().size(); i++) {
            Plan.Ref out = l.outs().get(i);
            for (int k = 0; k < i; k++) {
                if (Extent.overlap(l.outs().get(k), out)) {
                    return false;
                }
            }
            for (int k = 0; k < l.ins().size(); k++) {
                Plan.Ref in = l.ins().get(k);
                if (Extent.overlap(in, out) && !(k >= elementwise && in.equals(out))) {
                    return false;
                }
            }
        }
        return true;
    }

    // ---- operands

    /** Returns the number of the result of the first that an operand is, -1 if it is none. */
    private int produced(Plan.Ref r) {
        for (int i = 0; i < first.outs().size(); i++) {
            if (first.outs().get(i).slot() == r.slot()) {
                return i;
            }
        }
        return -1;
    }

    /** Tells whether an operand shows a result of the first with its elements in the same order. */
    private boolean sameOrder(Plan.Ref seen, Plan.Ref made) {
        Layout a = seen.layout();
        Layout b = made.layout();
        return seen.dtype() == made.dtype()
                && (a.equals(b)
                        || (a.isContiguous()
                                && b.isContiguous()
                                && a.offset() == b.offset()
                                && a.numel() == b.numel()));
    }

    private static Optional<Plan.Ref> viewed(Plan.Ref r, Shape shape) {
        if (r.layout().shape().equals(shape)) {
            return Optional.of(r);
        }
        if (r.layout().numel() != shape.numel()) {
            return Optional.empty();
        }
        return r.layout().view(shape).map(l -> new Plan.Ref(r.slot(), r.dtype(), l));
    }

    private int input(Plan.Ref r) {
        int at = ins.indexOf(r);
        if (at < 0) {
            at = ins.size();
            ins.add(r);
        }
        return at;
    }

    /** Returns the numbers of operands that the first reads, seen in another shape with the elements in the same order, or null. */
    private int[] read(List<Plan.Ref> operands, Shape shape) {
        int[] out = new int[operands.size()];
        for (int i = 0; i < out.length; i++) {
            Optional<Plan.Ref> r = viewed(operands.get(i), shape);
            if (r.isEmpty()) {
                return null;
            }
            out[i] = input(r.get());
        }
        return out;
    }

    /**
     * Returns the numbers of the operands of the second: -1 - i for result i of the first, or null if it sees them in another order.
     *
     * @param shape which further operands are brought to, null if they have it
     */
    private int[] consumed(boolean constant, Shape shape) {
        int[] out = new int[second.ins().size()];
        for (int i = 0; i < out.length; i++) {
            Plan.Ref r = second.ins().get(i);
            int k = produced(r);
            if (k >= 0) {
                Plan.Ref made = first.outs().get(k);
                if (r.dtype() != made.dtype() || !(constant || sameOrder(r, made))) {
                    return null;
                }
                out[i] = -1 - k;
            } else {
                Optional<Plan.Ref> view = shape == null ? Optional.of(r) : viewed(r, shape);
                if (view.isEmpty()) {
                    return null;
                }
                out[i] = input(view.get());
            }
        }
        return out;
    }

    private static boolean fitsTypes(Program p, List<Plan.Ref> outs) {
        for (int i = 0; i < outs.size(); i++) {
            if (p.outputType(i) != outs.get(i).dtype()) {
                return false;
            }
        }
        return true;
    }

    /** Tells whether a kernel gives the same number everywhere. */
    static boolean isConstant(Plan.Launch l) {
        return l.call() instanceof KernelCall.Map m
                && l.ins().isEmpty()
                && !m.kernel().program().uses(Op.INDEX)
                && !m.kernel().program().uses(Op.RANDOM);
    }

    /** Returns the results of the first that are kept, and those of the second, seen in a shape; empty if that is not possible. */
    private Optional<List<Plan.Ref>> outs(Shape shape) {
        List<Plan.Ref> out = new ArrayList<>();
        for (int i = 0; i < keep.length + second.outs().size(); i++) {
            if (i >= keep.length || keep[i]) {
                Plan.Ref r =
                        i < keep.length ? first.outs().get(i) : second.outs().get(i - keep.length);
                Optional<Plan.Ref> view = viewed(r, shape);
                if (view.isEmpty()) {
                    return Optional.empty();
                }
                out.add(view.get());
            }
        }
        return Optional.of(out);
    }

    private boolean keepsAny() {
        for (boolean k : keep) {
            if (k) {
                return true;
            }
        }
        return false;
    }

    private Optional<Kernel> kernel(Kernel a, Kernel b, int[] readByFirst, int[] readBySecond) {
        return FusedKernels.of(new FusedKernels.Pair(a, b, readByFirst, readBySecond, keep, ins.size()));
    }

    private Plan.Launch launch(KernelCall call, List<Plan.Ref> outs) {
        return new Plan.Launch(call, outs, ins, new long[first.scalars().length + second.scalars().length]);
    }

    // ---- the kinds

    private Optional<Plan.Launch> mapMap(MapKernel a, MapKernel b) {
        Shape shape = second.outs().get(0).layout().shape();
        int[] x = fitsTypes(a.program(), first.outs()) ? read(first.ins(), shape) : null;
        int[] y = x == null ? null : consumed(isConstant(first), null);
        Optional<List<Plan.Ref>> outs = y == null ? Optional.empty() : outs(shape);
        return outs.flatMap(o -> kernel(a, b, x, y).map(k -> launch(new KernelCall.Map((MapKernel) k), o)));
    }

    private Optional<Plan.Launch> mapReduce(MapKernel a, ReduceKernel b) {
        Shape shape = second.ins().get(0).layout().shape();
        if (keepsAny() || !fitsTypes(a.program(), first.outs())) {
            return Optional.empty();
        }
        int[] x = read(first.ins(), shape);
        int[] y = x == null ? null : consumed(isConstant(first), null);
        if (y == null || ins.isEmpty()) {
            return Optional.empty();
        }
        return kernel(a, b, x, y).map(k -> launch(new KernelCall.Reduce((ReduceKernel) k), second.outs()));
    }

    private Optional<Plan.Launch> reduceMap(ReduceKernel a, MapKernel b) {
        Shape kept = first.outs().get(0).layout().shape();
        if (second.outs().get(0).layout().numel() != kept.numel() || !fitsTypes(a.epilogue(), first.outs())) {
            return Optional.empty();
        }
        int[] y = consumed(false, null);
        if (y == null || !ins.isEmpty()) {
            return Optional.empty(); // the epilogue of a reduction has no further operands
        }
        int[] x = new int[first.ins().size()];
        for (int i = 0; i < x.length; i++) {
            x[i] = i;
            ins.add(first.ins().get(i));
        }
        return outs(kept).flatMap(o -> kernel(a, b, x, y).map(k -> launch(new KernelCall.Reduce((ReduceKernel) k), o)));
    }

    /** The product is operand 0 of the epilogue; a and b of the product are no operands of a program. */
    private Optional<Plan.Launch> matmulMap(double alpha, MapKernel before, MapKernel b) {
        Shape shape = first.outs().get(0).layout().shape();
        ins.add(first.outs().get(0)); // stands for the product, whose place this is
        int[] x = new int[before.program().inputs().size()];
        for (int i = 1; i < x.length; i++) {
            x[i] = ins.size(); // each operand of an epilogue is there once
            ins.add(first.ins().get(i + 1));
        }
        int[] y = consumed(false, shape);
        Optional<List<Plan.Ref>> outs = y == null ? Optional.empty() : outs(shape);
        if (outs.isEmpty()
                || !fitsTypes(before.program(), first.outs())
                || !second.outs().stream().allMatch(r -> r.layout().isContiguous())) {
            return Optional.empty();
        }
        return kernel(before, b, x, y).map(k -> {
            ins.remove(0);
            ins.addAll(0, first.ins().subList(0, 2));
            return launch(new KernelCall.MatmulMap(alpha, (MapKernel) k), outs.get());
        });
    }
}
