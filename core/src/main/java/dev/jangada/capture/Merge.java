package dev.jangada.capture;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Plan;
import dev.jangada.kernel.Expr;
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
 * <p>The expressions are put together as they are, with the roundings to the types in between, so every bit stays.
 */
final class Merge {
    private static final int MOST_INSTRUCTIONS = 96;
    private static final int MOST_OPERANDS = 20;

    private final Plan.Launch first;
    private final Plan.Launch second;
    /** Which results of the first are still written. */
    private final boolean[] keep;

    private final List<Plan.Ref> ins = new ArrayList<>();
    private final List<DType> scalarTypes = new ArrayList<>();

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
                made = m.matmulMap(product.alpha(), null, map.kernel());
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
        int elementwise = l.call() instanceof KernelCall.Map ? 0 : l.call() instanceof KernelCall.MatmulMap ? 2 : MOST_OPERANDS;
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

    private Expr input(Plan.Ref r) {
        int at = ins.indexOf(r);
        if (at < 0) {
            at = ins.size();
            ins.add(r);
        }
        return Expr.input(at, r.dtype());
    }

    private Expr[] scalars(Program p) {
        Expr[] out = new Expr[p.scalars().size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = Expr.scalar(scalarTypes.size(), p.scalars().get(i));
            scalarTypes.add(p.scalars().get(i));
        }
        return out;
    }

    /** Returns the results of the first as expressions over elements of another shape in the same order, or null. */
    private Expr[] elements(Program p, List<Plan.Ref> operands, Shape shape) {
        Expr[] x = new Expr[operands.size()];
        for (int i = 0; i < x.length; i++) {
            Optional<Plan.Ref> r = viewed(operands.get(i), shape);
            if (r.isEmpty()) {
                return null;
            }
            x[i] = input(r.get());
        }
        return p.over(x, scalars(p));
    }

    /** Returns the operands of the second: results of the first where it reads them, or null if it sees them in another order. */
    private Expr[] consumed(Expr[] results, boolean constant) {
        Expr[] x = new Expr[second.ins().size()];
        for (int i = 0; i < x.length; i++) {
            Plan.Ref r = second.ins().get(i);
            int k = produced(r);
            if (k < 0) {
                x[i] = input(r);
            } else if (r.dtype() == first.outs().get(k).dtype()
                    && (constant || sameOrder(r, first.outs().get(k)))) {
                x[i] = results[k];
            } else {
                return null;
            }
        }
        return x;
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

    private String name(String a, String b) {
        String both = a + "+" + b;
        return both.length() <= 60 ? both : both.substring(0, 57) + "...";
    }

    private Optional<Plan.Launch> launch(KernelCall call, List<Plan.Ref> outs) {
        return Optional.of(
                new Plan.Launch(call, outs, ins, new long[first.scalars().length + second.scalars().length]));
    }

    private static boolean tooLong(Program p) {
        return p.code().size() > MOST_INSTRUCTIONS;
    }

    // ---- the kinds

    private Optional<Plan.Launch> mapMap(MapKernel a, MapKernel b) {
        Shape shape = second.outs().get(0).layout().shape();
        boolean constant = isConstant(first);
        if (!fitsTypes(a.program(), first.outs())) {
            return Optional.empty();
        }
        Expr[] made = elements(a.program(), first.ins(), shape);
        Expr[] x = made == null ? null : consumed(made, constant);
        if (x == null) {
            return Optional.empty();
        }
        List<Expr> results = new ArrayList<>();
        List<Plan.Ref> outs = new ArrayList<>();
        for (int i = 0; i < made.length; i++) {
            if (keep[i]) {
                Optional<Plan.Ref> r = viewed(first.outs().get(i), shape);
                if (r.isEmpty()) {
                    return Optional.empty();
                }
                results.add(made[i]);
                outs.add(r.get());
            }
        }
        results.addAll(List.of(b.program().over(x, scalars(b.program()))));
        outs.addAll(second.outs());
        Program p = program(results);
        return tooLong(p)
                ? Optional.empty()
                : launch(new KernelCall.Map(FusedKernels.map(name(a.name(), b.name()), p)), outs);
    }

    private Program program(List<Expr> results) {
        return Program.of(ins.stream().map(Plan.Ref::dtype).toList(), scalarTypes, results.toArray(new Expr[0]));
    }

    private boolean keepsAny() {
        for (boolean k : keep) {
            if (k) {
                return true;
            }
        }
        return false;
    }

    private Optional<Plan.Launch> mapReduce(MapKernel a, ReduceKernel b) {
        Shape shape = second.ins().get(0).layout().shape();
        if (keepsAny() || !fitsTypes(a.program(), first.outs())) {
            return Optional.empty();
        }
        Expr[] made = elements(a.program(), first.ins(), shape);
        Expr[] x = made == null ? null : consumed(made, isConstant(first));
        if (x == null || ins.isEmpty()) {
            return Optional.empty();
        }
        Expr[] parameters = scalars(b.program());
        Program values = program(List.of(b.program().over(x, parameters)));
        Program epilogue =
                Program.of(b.epilogue().inputs(), scalarTypes, b.epilogue().over(results(b), parameters));
        return tooLong(values)
                ? Optional.empty()
                : launch(
                        new KernelCall.Reduce(FusedKernels.reduce(name(a.name(), b.name()), b.op(), values, epilogue)),
                        second.outs());
    }

    private static Expr[] results(ReduceKernel k) {
        Expr[] out = new Expr[k.epilogue().inputs().size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = Expr.input(i, k.epilogue().inputs().get(i));
        }
        return out;
    }

    private Optional<Plan.Launch> reduceMap(ReduceKernel a, MapKernel b) {
        Shape kept = first.outs().get(0).layout().shape();
        if (second.outs().get(0).layout().numel() != kept.numel()
                || !fitsTypes(a.epilogue(), first.outs())
                || second.ins().stream().anyMatch(r -> produced(r) < 0)) {
            return Optional.empty();
        }
        Expr[] over = new Expr[first.ins().size()];
        for (int i = 0; i < over.length; i++) {
            ins.add(first.ins().get(i));
            over[i] = Expr.input(i, first.ins().get(i).dtype());
        }
        Expr[] parameters = scalars(a.program());
        Expr[] made = a.epilogue().over(results(a), parameters);
        Expr[] x = consumed(made, false);
        if (x == null) {
            return Optional.empty();
        }
        List<Expr> results = new ArrayList<>();
        List<Plan.Ref> outs = new ArrayList<>();
        for (int i = 0; i < made.length; i++) {
            if (keep[i]) {
                results.add(made[i]);
                outs.add(first.outs().get(i));
            }
        }
        results.addAll(List.of(b.program().over(x, scalars(b.program()))));
        for (Plan.Ref r : second.outs()) {
            Optional<Plan.Ref> view = viewed(r, kept);
            if (view.isEmpty()) {
                return Optional.empty();
            }
            outs.add(view.get());
        }
        Program values = Program.of(
                ins.stream().map(Plan.Ref::dtype).toList(),
                scalarTypes,
                a.program().over(over, parameters));
        Program epilogue = Program.of(a.epilogue().inputs(), scalarTypes, results.toArray(new Expr[0]));
        return tooLong(epilogue)
                ? Optional.empty()
                : launch(
                        new KernelCall.Reduce(FusedKernels.reduce(name(a.name(), b.name()), a.op(), values, epilogue)),
                        outs);
    }

    /** The product is input 0 of the epilogue; a and b of the product are no inputs of a program. */
    private Optional<Plan.Launch> matmulMap(double alpha, MapKernel before, MapKernel b) {
        DType type = first.ins().get(0).dtype();
        Shape shape = first.outs().get(0).layout().shape();
        List<DType> types = new ArrayList<>(List.of(type));
        List<Plan.Ref> extra = new ArrayList<>();
        Expr[] made = {Expr.input(0, type)};
        if (before != null) {
            Expr[] x = new Expr[before.program().inputs().size()];
            x[0] = made[0];
            for (int i = 1; i < x.length; i++) {
                x[i] = extra(first.ins().get(i + 1), types, extra);
            }
            made = before.program().over(x, scalars(before.program()));
        }
        Expr[] x = new Expr[second.ins().size()];
        for (int i = 0; i < x.length; i++) {
            Plan.Ref r = second.ins().get(i);
            int k = produced(r);
            if (k >= 0 ? !sameOrder(r, first.outs().get(k)) : viewed(r, shape).isEmpty()) {
                return Optional.empty();
            }
            x[i] = k >= 0 ? made[k] : extra(viewed(r, shape).get(), types, extra);
        }
        List<Expr> results = new ArrayList<>();
        List<Plan.Ref> outs = new ArrayList<>();
        for (int i = 0; i < made.length; i++) {
            if (keep[i]) {
                results.add(made[i]);
                outs.add(first.outs().get(i));
            }
        }
        results.addAll(List.of(b.program().over(x, scalars(b.program()))));
        for (Plan.Ref r : second.outs()) {
            Optional<Plan.Ref> target = r.layout().isContiguous() ? viewed(r, shape) : Optional.empty();
            if (target.isEmpty()) {
                return Optional.empty();
            }
            outs.add(target.get());
        }
        Program epilogue = Program.of(types, scalarTypes, results.toArray(new Expr[0]));
        if (tooLong(epilogue) || !fitsTypes(epilogue, outs)) {
            return Optional.empty();
        }
        ins.add(first.ins().get(0));
        ins.add(first.ins().get(1));
        ins.addAll(extra);
        String name = before == null ? b.name() : name(before.name(), b.name());
        return launch(new KernelCall.MatmulMap(alpha, FusedKernels.map(name, epilogue)), outs);
    }

    private static Expr extra(Plan.Ref r, List<DType> types, List<Plan.Ref> extra) {
        int at = extra.indexOf(r);
        if (at < 0) {
            at = extra.size();
            extra.add(r);
            types.add(r.dtype());
        }
        return Expr.input(at + 1, r.dtype());
    }
}
