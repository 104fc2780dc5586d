package dev.jangada.ops;

import dev.jangada.ArgumentException;
import dev.jangada.AutogradException;
import dev.jangada.DType;
import dev.jangada.FusedUpdate;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** An in-place change of several tensors by one kernel; see {@link FusedUpdate}. */
public final class UpdateOp {
    private record Kernel(long key, MapKernel map) {}

    /** Four bits per tensor in a kernel's key. */
    private static final int MOST_TENSORS = 16;

    private final String name;
    private final int changed;
    private final int read;
    private final int scalars;
    private final FusedUpdate.Body body;
    private volatile Kernel[] kernels = {};

    /** Creates an update; the numbers are those of the tensors and scalars. */
    public UpdateOp(String name, int changed, int read, int scalars, FusedUpdate.Body body) {
        Checks.value(
                changed + read <= MOST_TENSORS,
                name,
                "expected at most " + MOST_TENSORS + " tensors, got " + (changed + read));
        this.name = name;
        this.changed = changed;
        this.read = read;
        this.scalars = scalars;
        this.body = body;
    }

    /** Changes tensors; nothing has changed if an exception is thrown. */
    public void apply(Tensor[] targets, Tensor[] sources, double[] values) {
        checkScalars(values);
        apply(targets, sources, executor -> bits(values));
    }

    /**
     * As {@link #apply(Tensor[], Tensor[], double[])}; the scalars are asked for after all checks, at every run of a captured program.
     *
     * @param wayBack as {@link HostScalars#wayBack}
     */
    public void apply(
            Tensor[] targets, Tensor[] sources, Supplier<double[]> values, Supplier<Optional<Runnable>> wayBack) {
        HostScalars source = new HostScalars() {
            @Override
            public void fill(long[] bits) {
                double[] now = values.get();
                checkScalars(now);
                System.arraycopy(bits(now), 0, bits, 0, bits.length);
            }

            @Override
            public Optional<Runnable> wayBack() {
                return wayBack.get();
            }

            @Override
            public boolean belongsToTensors() {
                return true;
            }
        };
        apply(targets, sources, executor -> executor.scalars(scalars, source));
    }

    private void checkScalars(double[] values) {
        if (values.length != scalars) { // these run at every step: no message is made while all is well
            throw new ArgumentException("[" + name + "] expected " + scalars + " scalars, got " + values.length);
        }
    }

    private static long[] bits(double[] values) {
        long[] bits = new long[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Double.doubleToRawLongBits(values[i]);
        }
        return bits;
    }

    private void apply(Tensor[] targets, Tensor[] sources, Function<Executor, long[]> values) {
        if (targets.length != changed || sources.length != read) {
            throw new ArgumentException("[" + name + "] expected " + changed + " changed tensors and " + read
                    + " read ones, got " + targets.length + " and " + sources.length);
        }
        Operand[] ins = operands(targets, sources);
        Checks.sameDevice(name, ins);
        Operand[] outs = Arrays.copyOf(ins, changed);
        checkTargets(targets, sources, outs);
        Shape shape = outs[0].layout().shape();
        for (int i = changed; i < ins.length; i++) {
            checkOverlap(outs, ins[i], changed);
            Shape given = ins[i].layout().shape();
            if (!given.equals(shape)) {
                Checks.inPlaceShape(name, shape, Shape.broadcast(name, shape, given));
                ins[i] = ins[i].with(ins[i].layout().expand(shape));
            }
        }
        Executor executor = Executor.current();
        executor.map(kernel(ins), outs, ins, values.apply(executor));
        for (Operand out : outs) {
            out.storage().bumpVersion();
        }
    }

    private static Operand[] operands(Tensor[] targets, Tensor[] sources) {
        Operand[] ins = new Operand[targets.length + sources.length];
        for (int i = 0; i < ins.length; i++) {
            ins[i] = Access.operand(i < targets.length ? targets[i] : sources[i - targets.length]);
        }
        return ins;
    }

    private void checkTargets(Tensor[] targets, Tensor[] sources, Operand[] outs) {
        for (int i = 0; i < changed; i++) {
            Checks.floating(name, targets[i]);
            Tape.checkInPlace(name, targets[i], sources);
            if (!targets[i].shape().equals(targets[0].shape())) {
                throw new ShapeException("[" + name + "] expected changed tensors of one shape, got "
                        + targets[0].shape() + " and " + targets[i].shape());
            }
            checkOverlap(outs, outs[i], i);
        }
        if (Tape.needed(targets) || Tape.needed(sources)) {
            throw new AutogradException(
                    "[" + name + "] expected tensors that need no gradient, for this update can't be"
                            + " recorded; do it within Autograd.noGrad()");
        }
    }

    /** A kernel reads and writes element by element, so memory may only be shared element by element, and not with another output. */
    private void checkOverlap(Operand[] outs, Operand operand, int count) {
        for (int i = 0; i < count; i++) {
            boolean shared = operand.storage() == outs[i].storage();
            boolean same = count == changed && operand.layout().equals(outs[i].layout());
            Checks.value(
                    !shared || same,
                    name,
                    "expected tensors with memory of their own, got two on one storage; clone() one of them");
        }
    }

    private MapKernel kernel(Operand[] ins) {
        long key = 0;
        for (Operand in : ins) {
            key = key << 4 | in.dtype().ordinal();
        }
        for (Kernel k : kernels) {
            if (k.key == key) {
                return k.map;
            }
        }
        return build(key, ins);
    }

    private synchronized MapKernel build(long key, Operand[] ins) {
        DType compute = ins[0].dtype().compute();
        List<DType> types = new ArrayList<>();
        Expr[] x = new Expr[ins.length];
        for (int i = 0; i < x.length; i++) {
            types.add(ins[i].dtype());
            x[i] = Expr.input(i, ins[i].dtype()).cast(compute);
        }
        Expr[] s = new Expr[scalars];
        List<DType> scalarTypes = new ArrayList<>();
        for (int i = 0; i < s.length; i++) {
            scalarTypes.add(compute);
            s[i] = Expr.scalar(i, compute);
        }
        Expr[] results = body.apply(x, s);
        Checks.value(results.length == changed, name, "expected " + changed + " expressions, got " + results.length);
        Expr[] outs = new Expr[changed];
        for (int i = 0; i < changed; i++) {
            outs[i] = results[i].cast(ins[i].dtype());
        }
        MapKernel made = new MapKernel(name, Program.of(types, scalarTypes, outs));
        Kernel[] more = Arrays.copyOf(kernels, kernels.length + 1);
        more[kernels.length] = new Kernel(key, made);
        kernels = more;
        return made;
    }
}
