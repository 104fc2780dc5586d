package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Backends;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Copies and conversions: {@code to}, {@code clone}, {@code contiguous}, {@code copy_}, between types and devices. */
public final class Copies {
    private static final int TYPES = DType.values().length;
    private static final int TRANSFER_BYTES = 1 << 20;
    private static final MapKernel[] CASTS = new MapKernel[TYPES * TYPES];

    static {
        for (DType from : DType.values()) {
            for (DType to : DType.values()) {
                CASTS[from.ordinal() * TYPES + to.ordinal()] = new MapKernel(
                        from == to ? "copy" : "cast",
                        Program.of(List.of(from), List.of(), Expr.input(0, from).cast(to)));
            }
        }
    }

    private Copies() {}

    /** Copies elements of one shape on one device, converting the type; no checks, no graph. */
    static void raw(Operand target, Operand source) {
        MapKernel cast = CASTS[source.dtype().ordinal() * TYPES + target.dtype().ordinal()];
        Executor.current().map(cast, new Operand[] {target}, new Operand[] {source}, new long[0]);
    }

    private static Tensor copyOf(Operand source, DType type, Backend backend) {
        Operand in = source;
        Operand out = Executor.current().allocate(type, in.layout().shape(), backend);
        Tensor result = Access.wrap(out);
        if (in.storage().backend() == backend) {
            raw(out, in);
        } else {
            transfer(out, in);
        }
        return result;
    }

    /** Copies between devices through the host. */
    private static void transfer(Operand out, Operand in) {
        try (dev.jangada.TensorScope scope = new dev.jangada.TensorScope()) {
            Operand packed = in.layout().isContiguous() && in.dtype() == out.dtype()
                    ? in
                    : Access.operand(copyOf(in, out.dtype(), in.storage().backend()));
            int size = packed.dtype().size();
            long numel = packed.layout().numel();
            int piece = TRANSFER_BYTES / size;
            ByteBuffer host = ByteBuffer.allocateDirect((int) Math.min(numel, piece) * size)
                    .order(ByteOrder.nativeOrder());
            for (long from = 0; from < numel; from += piece) {
                int count = (int) Math.min(piece, numel - from);
                host.clear().limit(count * size);
                Executor.current().read(host, HostData.part(packed, from, count));
                host.position(0);
                Executor.current().write(HostData.part(out, from, count), host);
            }
        }
    }

    /** Returns a contiguous copy. Source: {@code torch.clone}. */
    public static Tensor clone(Tensor t) {
        Operand o = Access.operand(t);
        Tensor out = copyOf(o, o.dtype(), o.storage().backend());
        return DimNames.copy(Tape.attach("CloneBackward0", out, t, g -> g), t);
    }

    /** Returns the tensor itself if it is contiguous, else a contiguous copy. */
    public static Tensor contiguous(Tensor t) {
        return Access.operand(t).layout().isContiguous() ? t : clone(t);
    }

    /** Returns the tensor itself if it has this type and device, else a copy that has. Source: {@code torch.Tensor.to}. */
    public static Tensor to(Tensor t, DType type, Device device) {
        Operand o = Access.operand(t);
        Backend backend = o.storage().device().equals(device) ? o.storage().backend() : Backends.of(device);
        if (o.dtype() == type && o.storage().backend() == backend) {
            return t;
        }
        DType from = o.dtype();
        Device home = t.device();
        Tensor out = copyOf(o, type, backend);
        return DimNames.copy(Tape.attach("ToCopyBackward0", out, t, g -> to(g, from, home)), t);
    }

    /** Copies a tensor that broadcasts to {@code self} into it, converting type and device. Source: {@code torch.Tensor.copy_}. */
    public static Tensor copyInto(Tensor self, Tensor source) {
        if (self == source) {
            return self;
        }
        Shape shape = Shape.broadcast("copy_", self.shape(), source.shape());
        Checks.inPlaceShape("copy_", self.shape(), shape);
        Tape.checkInPlace("copy_", self, source);
        Operand out = Access.operand(self);
        Operand in = Access.operand(source);
        try (dev.jangada.TensorScope scope = new dev.jangada.TensorScope()) {
            boolean same = in.storage() == out.storage();
            boolean already = same && in.dtype() == out.dtype() && in.layout().equals(out.layout());
            if (!already && (same || in.storage().backend() != out.storage().backend())) {
                in = Access.operand(copyOf(in, out.dtype(), out.storage().backend()));
            }
            if (!already) {
                raw(out, in.with(in.layout().expand(self.shape())));
            }
        }
        Shape from = source.shape();
        DType type = source.dtype();
        Device home = source.device();
        Tape.changed(
                "CopyBackwards",
                self,
                new Tensor[] {self, source},
                new Tensor[0],
                false,
                (g, s, needed) -> new Tensor[] {
                    needed[0] ? Shapes.zerosLike(g[0]) : null,
                    needed[1] ? to(Shapes.sumTo(g[0], from), type, home) : null
                });
        return self;
    }
}
