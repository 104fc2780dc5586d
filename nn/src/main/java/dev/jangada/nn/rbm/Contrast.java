package dev.jangada.nn.rbm;

import dev.jangada.Tensor;
import dev.jangada.autograd.Function;
import dev.jangada.nn.Functional;
import java.util.function.UnaryOperator;

/**
 * What data and samples of the model give to the hidden units: {@code v @ W^T + bh} and {@code vk @ W^T + bh}.
 *
 * <p>The chain starts from the product that the energy needs too, so that it is computed once. The gradient of W is one product of both
 * batches behind each other, not the sum of two.
 *
 * <p>Inputs v, W, bh; results for v, for vk, and vk itself, which is a constant.
 */
final class Contrast extends Function {
    private final UnaryOperator<Tensor> samples;

    /** Creates the operation; {@code samples} returns vk for {@code v @ W^T + bh}. */
    Contrast(UnaryOperator<Tensor> samples) {
        this.samples = samples;
    }

    @Override
    protected Tensor[] forward(Context context, Tensor... inputs) {
        Tensor hidden = Functional.linear(inputs[0], inputs[1], inputs[2]);
        Tensor vk = samples.apply(hidden);
        Tensor hiddenK = Functional.linear(vk, inputs[1], inputs[2]);
        context.saveForBackward(inputs[0], inputs[1], vk);
        context.markNonDifferentiable(vk);
        return new Tensor[] {hidden, hiddenK, vk};
    }

    @Override
    protected Tensor[] backward(Context context, Tensor... grads) {
        Tensor both = Tensor.cat(0, grads[0], grads[1]);
        return new Tensor[] {
            context.needsInputGrad(0) ? grads[0].matmul(context.saved(1)) : null,
            context.needsInputGrad(1)
                    ? both.transpose(0, 1).matmul(Tensor.cat(0, context.saved(0), context.saved(2)))
                    : null,
            context.needsInputGrad(2) ? both.sum(0) : null
        };
    }
}
