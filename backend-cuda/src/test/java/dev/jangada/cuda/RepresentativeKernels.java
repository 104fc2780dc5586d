package dev.jangada.cuda;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Layout;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ReduceOp;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Kernels of every family and form, for the tests that compile them: every primitive on every type, and those that training runs. */
final class RepresentativeKernels {
    /** Addresses need only be aligned. */
    private static final long ADDRESS = 1 << 20;

    private final Map<String, KernelSource> sources = new LinkedHashMap<>();

    private RepresentativeKernels() {}

    /** Returns the kernels on hot paths: none of them may spill registers. */
    static List<KernelSource> hot() {
        RepresentativeKernels all = new RepresentativeKernels();
        all.hotMaps();
        all.hotReductions();
        all.hotGroup();
        return List.copyOf(all.sources.values());
    }

    /** Returns every primitive on every type. */
    static List<KernelSource> primitives() {
        RepresentativeKernels all = new RepresentativeKernels();
        for (DType type : DType.values()) {
            for (Op op : Op.values()) {
                all.primitive(op, type);
            }
            for (DType to : DType.values()) {
                all.map(
                        "cast",
                        Program.of(List.of(type), List.of(), Expr.input(0, type).cast(to)),
                        false);
            }
        }
        return List.copyOf(all.sources.values());
    }

    static CallContext context(int scalars, boolean inMemory, boolean guarded) {
        return new CallContext(new long[scalars], inMemory ? ADDRESS : 0, ADDRESS, 1, guarded, 132);
    }

    private void add(Job job) {
        for (Launch l : job.launches()) {
            KernelSource s = l.variant().source();
            sources.put(s.code(), s);
        }
    }

    private static Placed[] placed(List<DType> types, Layout layout) {
        return types.stream().map(t -> Placed.of(ADDRESS, t, layout)).toArray(Placed[]::new);
    }

    private static List<DType> outputs(Program p) {
        List<DType> types = new ArrayList<>();
        for (int i = 0; i < p.outputCount(); i++) {
            types.add(p.outputType(i));
        }
        return types;
    }

    private void map(String name, Program p, boolean strided) {
        Layout layout = strided
                ? Layout.of(Shape.of(9, 5, 7), new long[] {35, 7, 1}, 0).permute(2, 0, 1)
                : Layout.contiguous(Shape.of(1000));
        Layout in = strided ? Layout.of(layout.shape(), new long[] {100, 3, 90}, 1) : layout;
        add(MapSource.job(
                new MapKernel(name, p),
                placed(outputs(p), layout),
                placed(p.inputs(), in),
                context(p.scalars().size(), false, false)));
    }

    private void primitive(Op op, DType type) {
        try {
            Expr a = Expr.input(0, type);
            Expr b = Expr.input(1, type);
            Expr c = Expr.input(2, type);
            Expr y = switch (op.arity()) {
                case 0 -> op == Op.INDEX ? Expr.index() : a;
                case 1 -> op == Op.CAST ? a.cast(DType.FLOAT32) : a.unary(op);
                case 2 -> a.binary(op, b);
                default ->
                    op == Op.SELECT
                            ? Expr.select(a.lt(b), b, c)
                            : op == Op.FMA ? Expr.fma(a, b, c) : Expr.random(a, b, c);
            };
            map(op + " " + type, Program.of(List.of(type, type, type), List.of(), y), false);
        } catch (dev.jangada.DTypeException e) {
            // this primitive has no such type
        }
    }

    private void hotMaps() {
        for (DType t : List.of(DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16, DType.FLOAT64)) {
            Expr x = Expr.input(0, t);
            Expr y = Expr.input(1, t);
            Program add = Program.of(List.of(t, t), List.of(), x.add(y).cast(t));
            map("add " + t, add, false);
            map("add " + t, add, true);
            Expr u = Expr.random(Expr.scalar(0, DType.INT64), Expr.scalar(1, DType.INT64), Expr.index())
                    .binary(Op.SHR, Expr.constant(8, DType.INT64))
                    .cast(DType.FLOAT32)
                    .mul(0x1p-24);
            Expr p = x.cast(t).add(y).sigmoid();
            Expr sample = Expr.select(u.lt(p.cast(DType.FLOAT32)), Expr.constant(1.0, t), Expr.constant(0.0, t));
            map(
                    "sample " + t,
                    Program.of(List.of(t, t), List.of(DType.INT64, DType.INT64), p.cast(t), sample.cast(t)),
                    false);
        }
        map("adam", adam(), false);
    }

    /** Two parameters in one launch, as an optimiser has them. */
    private void hotGroup() {
        MapKernel adam = new MapKernel("adam", adam());
        Layout[] layouts = {Layout.contiguous(Shape.of(784, 512)), Layout.contiguous(Shape.of(512))};
        List<Placed> outs = new ArrayList<>();
        List<Placed> ins = new ArrayList<>();
        for (Layout l : layouts) {
            outs.addAll(List.of(placed(outputs(adam.program()), l)));
            ins.addAll(List.of(placed(adam.program().inputs(), l)));
        }
        CallContext context = context(2 * adam.program().scalars().size(), true, true);
        add(MapGroup.job(List.of(adam, adam), outs.toArray(Placed[]::new), ins.toArray(Placed[]::new), context));
    }

    private void hotReductions() {
        DType t = DType.FLOAT32;
        for (ReduceOp op : List.of(ReduceOp.SUM, ReduceOp.MAX, ReduceOp.ARGMAX, ReduceOp.VARIANCE)) {
            for (DType in : List.of(t, DType.FLOAT16)) {
                Program value =
                        Program.of(List.of(in), List.of(), Expr.input(0, in).cast(t));
                ReduceKernel kernel =
                        ReduceKernel.of(op + " " + in, op, value, op == ReduceOp.ARGMAX ? DType.INT64 : in);
                reduce(kernel, Shape.of(64, 784), 1);
                reduce(kernel, Shape.of(64, 784), 0);
                reduce(kernel, Shape.of(1_000_000), 0);
                reduce(kernel, Shape.of(9, 5, 7, 3), 2);
            }
        }
    }

    /** Every combination on every type. */
    static List<KernelSource> reductions() {
        RepresentativeKernels all = new RepresentativeKernels();
        for (DType type : DType.values()) {
            for (ReduceOp op : ReduceOp.values()) {
                boolean logical = op == ReduceOp.ANY || op == ReduceOp.ALL;
                if (!type.isHalf() && (op != ReduceOp.VARIANCE || type.isFloatingPoint())) {
                    Expr x = Expr.input(0, type);
                    Program value = Program.of(List.of(type), List.of(), logical ? x.cast(DType.BOOL) : x);
                    DType out = op == ReduceOp.ARGMAX || op == ReduceOp.ARGMIN ? DType.INT64 : value.outputType(0);
                    ReduceKernel kernel = ReduceKernel.of(op + " " + type, op, value, out);
                    all.reduce(kernel, Shape.of(3, 784), 1);
                    all.reduce(kernel, Shape.of(50_000, 3), 0);
                }
            }
        }
        return List.copyOf(all.sources.values());
    }

    /** Scans, gathers and scatters of every type. */
    static List<KernelSource> others() {
        RepresentativeKernels all = new RepresentativeKernels();
        for (DType type : DType.values()) {
            for (ScanOp op : List.of(ScanOp.SUM, ScanOp.MAX)) {
                all.scan(op, type, Shape.of(64, 784), 0);
                all.scan(op, type, Shape.of(64, 784), 1);
                all.scan(op, type, Shape.of(100_000), 0);
            }
            Placed data = placed(type, Shape.of(100, 7));
            Placed index = placed(DType.INT64, Shape.of(1000, 7));
            Placed values = placed(type, Shape.of(1000, 7));
            all.add(IndexSource.gather(values, data, index, 0, context(0, false, false)));
            for (boolean descending : new boolean[] {false, true}) {
                Placed numbers = placed(DType.INT64, Shape.of(3, 5000));
                Placed row = placed(type, Shape.of(3, 5000));
                all.add(SortSource.job(row, numbers, row, 0, descending, context(0, false, true)));
                all.add(SortSource.job(row, numbers, row, 1, descending, context(0, false, true)));
            }
            if (!type.isFloatingPoint()) {
                Placed matrix = placed(type, Shape.of(1, 64, 64));
                all.add(IntegerMatmulSource.job(matrix, matrix, matrix, 1, 0, context(0, false, true)));
            }
            for (ScatterOp op : ScatterOp.values()) {
                all.add(IndexSource.scatter(op, data, index, values, 0, context(0, false, false)));
            }
        }
        return List.copyOf(all.sources.values());
    }

    private static Placed placed(DType type, Shape shape) {
        return Placed.of(ADDRESS, type, Layout.contiguous(shape));
    }

    private void scan(ScanOp op, DType type, Shape shape, int dim) {
        add(ScanSource.job(op, placed(type, shape), placed(type, shape), dim, context(0, false, true)));
    }

    private void reduce(ReduceKernel kernel, Shape shape, int dim) {
        Layout in = Layout.contiguous(shape);
        Layout out = Layout.contiguous(shape.with(dim, 1));
        add(ReduceCall.job(
                kernel,
                placed(outputs(kernel.epilogue()), out),
                placed(kernel.program().inputs(), in),
                context(kernel.program().scalars().size(), false, false)));
    }

    /** Adam's update of a parameter and its two moments. */
    static Program adam() {
        DType t = DType.FLOAT32;
        Expr g = Expr.input(1, t);
        Expr m = Expr.input(2, t).mul(Expr.scalar(1, t)).add(g.mul(Expr.scalar(2, t)));
        Expr v = Expr.input(3, t).mul(Expr.scalar(3, t)).add(g.mul(g).mul(Expr.scalar(4, t)));
        Expr step = m.mul(Expr.scalar(0, t)).div(v.sqrt().add(Expr.scalar(5, t)));
        return Program.of(
                List.of(t, t, t, t), List.of(t, t, t, t, t, t), Expr.input(0, t).sub(step), m, v);
    }
}
