package dev.jangada.cpu;

import dev.jangada.ArgumentException;
import dev.jangada.backend.Block;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Copies between Java buffers and native memory; heap buffers pass through a direct buffer of the thread. */
final class Transfers {
    private static final int STAGE = 64 << 10;

    private record Stage(ByteBuffer buffer, long address) {
        static Stage create() {
            ByteBuffer b = ByteBuffer.allocateDirect(STAGE);
            return new Stage(b, Native.address(b));
        }
    }

    private static final ThreadLocal<Stage> STAGES = ThreadLocal.withInitial(Stage::create);

    private Transfers() {}

    static void fromHost(Block target, long position, ByteBuffer source) {
        int n = source.remaining();
        long to = address(target, position, n);
        if (n == 0) {
            return;
        }
        if (source.isDirect()) {
            Native.copy(to, Native.address(source), n);
            Reference.reachabilityFence(source);
            return;
        }
        Stage stage = STAGES.get();
        for (long done = 0; done < n; done += STAGE) { // an int would wrap around at 2^31
            int part = (int) Math.min(STAGE, n - done);
            stage.buffer.put(0, source, source.position() + (int) done, part);
            Native.copy(to + done, stage.address, part);
        }
    }

    static void toHost(ByteBuffer target, Block source, long position) {
        int n = target.remaining();
        long from = address(source, position, n);
        if (n == 0) {
            return;
        }
        if (target.isDirect()) {
            Native.copy(Native.address(target), from, n);
            Reference.reachabilityFence(target);
            return;
        }
        Stage stage = STAGES.get();
        for (long done = 0; done < n; done += STAGE) { // an int would wrap around at 2^31
            int part = (int) Math.min(STAGE, n - done);
            Native.copy(stage.address, from + done, part);
            target.put(target.position() + (int) done, stage.buffer, 0, part);
        }
    }

    /** A wrong position must be an exception, not the end of the process. */
    private static long address(Block block, long position, int bytes) {
        if (position < 0 || position + bytes > block.bytes()) {
            throw new ArgumentException("[copy] expected bytes within a block of " + block.bytes() + ", got " + bytes
                    + " from position " + position);
        }
        return block.address() + position;
    }
}
