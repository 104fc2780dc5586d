package dev.jangada.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.Pointer;

/** An address as the presets want it: a pointer that owns nothing, so that JavaCPP tracks nothing. */
final class Raw extends Pointer {
    private Raw(long address) {
        this.address = address;
    }

    static Raw of(long address) {
        return new Raw(address);
    }

    /** Returns the address of a direct buffer's first byte, whatever its position. */
    static long address(ByteBuffer direct) {
        return getDirectBufferAddress(direct);
    }

    /** Returns a view of native memory. */
    static ByteBuffer view(long address, int bytes) {
        Raw raw = new Raw(address);
        raw.limit = bytes;
        raw.capacity = bytes;
        return raw.asByteBuffer().order(ByteOrder.nativeOrder());
    }
}
