package dev.jangada.nn;

import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.ops.Convolution;

/** The convolutions of {@link Functional}, for any number of sliding dimensions. */
final class Convolutions {
    private Convolutions() {}

    private static void checkRank(String op, Tensor weight, int dims) {
        if (weight.dim() != dims + 2) {
            throw new ShapeException(
                    "[" + op + "] expected a weight of " + (dims + 2) + " dimensions, got shape " + weight.shape());
        }
    }

    static void checkInput(String op, int dims, Tensor input) {
        if (input.dim() != dims + 1 && input.dim() != dims + 2) {
            throw new ShapeException("[" + op + "] expected an input of " + (dims + 1) + " or " + (dims + 2)
                    + " dimensions, got shape " + input.shape());
        }
    }

    /** A bias may be null. */
    static Tensor convolution(String op, int dims, Tensor input, Tensor weight, Tensor bias, ConvOptions o) {
        checkRank(op, weight, dims);
        long[] stride = ConvOptions.array(o.stride());
        long[] dilation = ConvOptions.array(o.dilation());
        long[] padding = ConvOptions.array(o.padding());
        long[][] around = o.isSame() ? Convolution.same(op, weight, stride, dilation) : new long[][] {padding, padding};
        return Convolution.convolution(op, input, weight, bias, stride, around[0], around[1], dilation, o.groups());
    }

    /** A bias may be null. */
    static Tensor transposed(String op, int dims, Tensor input, Tensor weight, Tensor bias, ConvOptions o) {
        checkRank(op, weight, dims);
        return Convolution.transposed(
                op,
                input,
                weight,
                bias,
                ConvOptions.array(o.stride()),
                ConvOptions.array(o.padding()),
                ConvOptions.array(o.outputPadding()),
                ConvOptions.array(o.dilation()),
                o.groups());
    }
}
