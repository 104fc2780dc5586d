package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Block;
import dev.jangada.backend.Layout;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Probe;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.testkit.NeedsBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several element-wise calls in one launch give what they give one by one. */
@NeedsBackend("cuda")
class MapGroupTest {
    private static final Program ADAM = RepresentativeKernels.adam();
    private static final Program CAST = Program.of(
            List.of(DType.FLOAT32),
            List.of(),
            Expr.input(0, DType.FLOAT32).mul(3).cast(DType.FLOAT16));

    private Allocator allocator;
    private Faults faults;
    private Transfers transfers;
    private Launcher launcher;

    private final List<MapKernel> kernels = new ArrayList<>();
    private final List<Layout> layouts = new ArrayList<>();
    private final List<Placed> outs = new ArrayList<>();
    private final List<Placed> ins = new ArrayList<>();
    private final List<Block> results = new ArrayList<>();
    private final List<Long> scalars = new ArrayList<>();

    @BeforeEach
    void open() {
        Context context = Context.open(Probe.result().devices().get(0));
        allocator = new Allocator(context, () -> 0);
        faults = new Faults(context);
        transfers = new Transfers(context, faults);
        launcher = new Launcher(
                context, context.stream(), allocator, new KernelCache(context, new DiskCache(Optional.empty())));
    }

    private Block block(DType type, Layout layout, Random random) {
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) Math.max(1, layout.span()) * type.size())
                .order(ByteOrder.nativeOrder());
        for (int i = 0; type == DType.FLOAT32 && i < layout.span(); i++) {
            bytes.putFloat(4 * i, 0.1f + random.nextFloat());
        }
        Block block = allocator.allocate(bytes.remaining());
        transfers.fromHost(block, 0, bytes);
        return block;
    }

    /** Adds a member: other operands than those before, the same kernel as others of the program or one of its own. */
    private void member(Program program, Layout layout, Random random) {
        kernels.add(new MapKernel("member", program));
        layouts.add(layout);
        for (int i = 0; i < program.outputCount(); i++) {
            Block b = block(program.outputType(i), layout, random);
            results.add(b);
            outs.add(Placed.of(b.address(), program.outputType(i), layout));
        }
        for (DType t : program.inputs()) {
            ins.add(Placed.of(block(t, layout, random).address(), t, layout));
        }
        for (int i = 0; i < program.scalars().size(); i++) {
            scalars.add(Double.doubleToRawLongBits((float) (0.1 + random.nextFloat())));
        }
    }

    /** So that what is not written shows. */
    private void clear() {
        for (Block b : results) {
            transfers.fromHost(b, 0, ByteBuffer.allocateDirect((int) b.bytes()));
        }
    }

    private List<ByteBuffer> contents() {
        List<ByteBuffer> all = new ArrayList<>();
        for (Block b : results) {
            ByteBuffer bytes = ByteBuffer.allocate((int) b.bytes()).order(ByteOrder.nativeOrder());
            transfers.toHost(bytes, b, 0);
            all.add(bytes);
        }
        return all;
    }

    private CallContext context(long scalarAddress) {
        long[] values = scalars.stream().mapToLong(Long::longValue).toArray();
        return new CallContext(values, scalarAddress, faults.address(), 1, true, 4);
    }

    private int run(long scalarAddress) {
        Job job =
                MapGroup.job(kernels, outs.toArray(Placed[]::new), ins.toArray(Placed[]::new), context(scalarAddress));
        launcher.run("group", job, new ConcurrentHashMap<>());
        return job.launches().size();
    }

    /** Runs the members one by one, then as a group with scalars by value and in memory. */
    private int groupEqualsMembers() {
        int out = 0;
        int in = 0;
        int scalar = 0;
        clear();
        for (MapKernel k : kernels) {
            Program p = k.program();
            Placed[] to = outs.subList(out, out += p.outputCount()).toArray(Placed[]::new);
            Placed[] from = ins.subList(in, in += p.inputs().size()).toArray(Placed[]::new);
            CallContext part = context(0).part(scalar, p.scalars().size());
            launcher.run("member", MapSource.job(k, to, from, part), new ConcurrentHashMap<>());
            scalar += p.scalars().size();
        }
        List<ByteBuffer> expected = contents();
        ByteBuffer words = ByteBuffer.allocateDirect(8 * scalars.size()).order(ByteOrder.nativeOrder());
        scalars.forEach(words::putLong);
        Block memory = allocator.allocate(words.capacity());
        transfers.fromHost(memory, 0, words.rewind());
        int launches = 0;
        for (long address : new long[] {0, memory.address()}) {
            clear();
            launches = run(address);
            assertThat(contents()).isEqualTo(expected);
        }
        return launches;
    }

    @Test
    void differentSizesFormsAndPrograms() {
        Random random = new Random(1);
        for (long size : new long[] {1000, 1, 0, 4099, 33}) {
            member(ADAM, Layout.contiguous(Shape.of(size)), random);
            member(CAST, Layout.contiguous(Shape.of(size)), random);
        }
        Layout transposed = Layout.of(Shape.of(9, 5, 7), new long[] {1, 9 * 7, 9}, 0);
        member(ADAM, transposed, random);
        assertThat(groupEqualsMembers()).isEqualTo(1);
    }

    @Test
    void moreMembersThanAParameterHolds() {
        Random random = new Random(2);
        for (int i = 0; i < 60; i++) {
            member(ADAM, Layout.contiguous(Shape.of(1 + i)), random);
        }
        assertThat(groupEqualsMembers()).isGreaterThan(1);
    }
}
