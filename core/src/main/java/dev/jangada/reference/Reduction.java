package dev.jangada.reference;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Layout;
import dev.jangada.kernel.Element;
import dev.jangada.kernel.ReduceKernel;

/** One run of a reduction: an outer walk over the outputs, an inner one over the elements that each combines. */
final class Reduction {
    private final ReduceKernel kernel;
    private final Elements[] outs;
    private final Elements[] ins;
    private final Interpreter values;
    private final Interpreter epilogue;
    private final DType valueType;
    private final boolean floating;

    Reduction(ReduceKernel kernel, Elements[] outs, Elements[] ins, long[] scalars) {
        this.kernel = kernel;
        this.outs = outs;
        this.ins = ins;
        this.values = new Interpreter(kernel.program(), scalars);
        this.epilogue = new Interpreter(kernel.epilogue(), scalars);
        this.valueType = kernel.program().outputType(0);
        this.floating = valueType.isFloatingPoint();
    }

    void run() {
        Shape out = outs[0].shape();
        Shape in = ins[0].shape();
        long[] kept = new long[in.rank()];
        long[] reduced = new long[in.rank()];
        for (int d = 0; d < kept.length; d++) {
            boolean isReduced = out.size(d) != in.size(d);
            kept[d] = isReduced ? 1 : in.size(d);
            reduced[d] = isReduced ? in.size(d) : 1;
        }
        int n = ins.length;
        Layout[] outer = new Layout[n + 1 + outs.length];
        Layout[] inner = new Layout[n + 1];
        for (int i = 0; i <= n; i++) {
            Layout layout = i < n ? ins[i].layout() : Layout.contiguous(in);
            outer[i] = Layout.of(Shape.of(kept), layout.strides(), layout.offset());
            inner[i] = Layout.of(Shape.of(reduced), layout.strides(), 0);
        }
        for (int j = 0; j < outs.length; j++) {
            outer[n + 1 + j] = outs[j].layout();
        }
        Walk.over(Shape.of(kept), (number, at) -> one(number, at, inner), outer);
    }

    /** Positions are those of the inputs, the row-major number in the inputs' shape, and those of the outputs. */
    private void one(long outNumber, long[] outer, Layout[] inner) {
        int n = ins.length;
        Accumulator sum = new Accumulator(kernel.op(), valueType);
        Walk.over(
                inner[0].shape(),
                (number, at) -> {
                    for (int i = 0; i < n; i++) {
                        values.input(i, ins[i], outer[i] + at[i]);
                    }
                    values.run(outer[n] + at[n]);
                    sum.add(floating ? values.floatOutput(0) : 0, floating ? 0 : values.intOutput(0), number);
                },
                inner);
        if (!sum.isDefined()) {
            throw new ArgumentException(
                    "[" + kernel.name() + "] expected at least one element to reduce, got none of " + ins[0].shape());
        }
        DType result = kernel.resultType();
        for (int i = 0; i < kernel.op().results(); i++) {
            epilogue.input(i, Element.round(sum.floating(i), result), Element.wrap(sum.integer(), result));
        }
        epilogue.run(outNumber);
        for (int j = 0; j < outs.length; j++) {
            epilogue.store(j, outs[j], outer[n + 1 + j]);
        }
    }
}
