package dev.jangada.cuda;

import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import java.util.ArrayList;
import java.util.List;

/** A call of an element-wise kernel: its operands' common space and the variant that follows. */
final class MapCall {
    private final MapVariant variant;
    private final Placed[] operands;
    /** Not used by the contiguous form. */
    private final Space space;

    private final long turns;

    private MapCall(MapVariant variant, Placed[] operands, Space space, long turns) {
        this.variant = variant;
        this.operands = operands;
        this.space = space;
        this.turns = turns;
    }

    static MapCall of(MapKernel kernel, Placed[] outs, Placed[] ins, CallContext context) {
        Program program = kernel.program();
        Placed[] operands = new Placed[outs.length + ins.length];
        System.arraycopy(outs, 0, operands, 0, outs.length);
        System.arraycopy(ins, 0, operands, outs.length, ins.length);
        long[] sizes = operands[0].layout().shape().toArray();
        List<long[]> strides = new ArrayList<>();
        for (Placed o : operands) {
            strides.add(o.layout().strides());
        }
        boolean usesIndex = program.uses(Op.INDEX);
        if (usesIndex) {
            strides.add(Space.rowMajor(sizes));
        }
        Space space = new Space(sizes, strides, Space.all(sizes.length), true);
        boolean numbered = usesIndex && !isNatural(space, operands.length);
        boolean wide = space.isWide();
        int vector = MapSource.vector(program);
        String access = access(space, operands, vector, numbered);
        boolean many = !access.isEmpty();
        if (!many) {
            vector = 1;
            access = "s".repeat(operands.length);
        }
        boolean contiguous = many && space.rank() == 1;
        if (many && !contiguous) {
            space.group(vector);
        }
        if (usesIndex && !numbered) {
            space.dropLast();
        }
        MapVariant variant = new MapVariant(
                kernel,
                Space.slots(space.rank()),
                vector,
                access,
                wide,
                numbered,
                context.scalarsInMemory(),
                context.guarded());
        return new MapCall(variant, operands, space, space.count());
    }

    /** Tells whether the number of an element is the number of its position in the space. */
    private static boolean isNatural(Space space, int number) {
        long step = 1;
        for (int d = 0; d < space.rank(); d++) {
            if (space.stride(number, d) != step && space.size(d) != 1) {
                return false;
            }
            step *= space.size(d);
        }
        return true;
    }

    /** Returns how each operand takes part in accesses of neighbours, or an empty text where that is not possible. */
    private static String access(Space space, Placed[] operands, int vector, boolean numbered) {
        boolean onlyOne = space.rank() == 1;
        if (vector == 1
                || !onlyOne && space.size(0) % vector != 0
                || numbered && space.stride(operands.length, 0) != 1) {
            return "";
        }
        StringBuilder access = new StringBuilder();
        for (int k = 0; k < operands.length; k++) {
            long step = space.stride(k, 0);
            if (step == 0 && space.size(0) > 1) {
                access.append('b');
                continue;
            }
            int bytes = operands[k].dtype().size();
            int alignment = MapSource.alignment(vector, operands[k].dtype());
            boolean aligned = operands[k].address() % alignment == 0;
            for (int d = 1; d < space.rank(); d++) {
                aligned &= space.stride(k, d) * bytes % alignment == 0;
            }
            if (!aligned || step != 1 && space.size(0) > 1) {
                return "";
            }
            access.append('v');
        }
        return access.toString();
    }

    MapVariant variant() {
        return variant;
    }

    /** Returns the number of threads that have something to do. */
    long turns() {
        return variant.isContiguous() ? (turns + variant.vector() - 1) / variant.vector() : turns;
    }

    Words words(CallContext context) {
        Words words = new Words();
        if (variant.takesFailure()) {
            context.addFailure(words);
        }
        for (Placed o : operands) {
            words.add(o.address());
        }
        words.add(turns);
        if (!variant.isContiguous()) {
            words.add(space.rank());
            space.addTo(words, variant.slots());
        }
        context.addScalars(words);
        return words;
    }
}
