package dev.jangada.cpu;

import dev.jangada.DType;
import dev.jangada.kernel.Instruction;
import dev.jangada.kernel.Program;
import java.lang.ref.Reference;
import java.util.List;

/**
 * A program as the native library holds it.
 *
 * @param address where it lives, for as long as the process
 */
record NativeProgram(long address) {
    /** Builds the native form of a program. */
    static NativeProgram of(Program p) {
        int words = 4 + p.inputs().size() + p.scalars().size() + 6 * p.code().size() + p.outputCount();
        Arguments code = Arguments.separate().room(words); // a call may be half written
        types(code, p.inputs());
        types(code, p.scalars());
        code.put(p.code().size());
        for (Instruction i : p.code()) {
            code.put(i.op().ordinal())
                    .put(i.type())
                    .put(i.a())
                    .put(i.b())
                    .put(i.c())
                    .put(i.bits());
        }
        code.put(p.outputCount());
        for (int i = 0; i < p.outputCount(); i++) {
            code.put(p.output(i));
        }
        long address = Native.program(code.address(), code.size());
        Reference.reachabilityFence(code);
        if (address == -1) {
            throw Failures.ofProgram();
        }
        if (address == 0) {
            throw new AssertionError("the native library refuses the program\n" + p);
        }
        return new NativeProgram(address);
    }

    private static void types(Arguments code, List<DType> types) {
        code.put(types.size());
        for (DType t : types) {
            code.put(t);
        }
    }
}
