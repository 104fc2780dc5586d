package dev.jangada.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jangada.AutogradException;
import dev.jangada.Tensor;
import org.junit.jupiter.api.Test;

class GradcheckTest {
    private static Tensor leaf(double... values) {
        return Tensor.of(values).requiresGrad_();
    }

    /** The cube, with a factor of its derivative that is right for 3 only. */
    private static final class Cube extends Function {
        private final double factor;

        Cube(double factor) {
            this.factor = factor;
        }

        @Override
        protected Tensor[] forward(Context context, Tensor... inputs) {
            context.saveForBackward(inputs[0]);
            context.put("factor", factor);
            return new Tensor[] {inputs[0].mul(inputs[0]).mul(inputs[0])};
        }

        @Override
        protected Tensor[] backward(Context context, Tensor... grads) {
            double f = context.get("factor", Double.class);
            return new Tensor[] {grads[0].mul(context.saved(0).square().mul(f))};
        }
    }

    /** Quotient and integer part of the division by 2. */
    private static final class Halves extends Function {
        @Override
        protected Tensor[] forward(Context context, Tensor... inputs) {
            Tensor whole = inputs[0].div(2).floor();
            context.markNonDifferentiable(whole);
            return new Tensor[] {inputs[0].div(2), whole};
        }

        @Override
        protected Tensor[] backward(Context context, Tensor... grads) {
            assertEquals(true, context.needsInputGrad(0));
            return new Tensor[] {grads[0].div(2)};
        }
    }

    @Test
    void acceptsRightGradientsOfBothOrders() {
        Gradcheck.gradcheck(x -> x[0].mul(x[1]).sin(), leaf(0.3, -1.2, 2), leaf(1, 0.5, -0.7));
        Gradcheck.gradgradcheck(x -> x[0].mul(x[1]).sin(), leaf(0.3, -1.2, 2), Tensor.of(new double[] {1, 0.5, -0.7}));
        Gradcheck.gradcheck(x -> new Cube(3).apply(x)[0], leaf(0.3, -1.2));
        Gradcheck.gradgradcheck(x -> new Cube(3).apply(x)[0], leaf(0.3, -1.2));
    }

    @Test
    void reportsAWrongGradient() {
        AutogradException e = assertThrows(
                AutogradException.class, () -> Gradcheck.gradcheck(x -> new Cube(2.9).apply(x)[0], leaf(0.3, -1.2)));
        assertTrue(e.getMessage().contains("gradient of input 0 of shape [2] at element 1"), e.getMessage());
    }

    @Test
    void refusesInputsThatCannotBeChecked() {
        assertThrows(AutogradException.class, () -> Gradcheck.gradcheck(x -> x[0].exp(), Tensor.of(new double[] {1})));
        assertThrows(
                AutogradException.class,
                () -> Gradcheck.gradcheck(
                        x -> x[0].exp(), Tensor.of(new float[] {1}).requiresGrad_()));
        assertTrue(Gradcheck.difference(x -> x[0].detach(), leaf(1)).isPresent());
    }

    @Test
    void marksResultsWithoutGradient() {
        Tensor x = leaf(3, 5);
        Tensor[] y = new Halves().apply(x);
        assertEquals("HalvesBackward", y[0].gradFn().orElseThrow().name());
        y[0].sum().add(y[1].sum().detach()).backward();
        assertEquals(0.5, x.grad().select(0, 1).item());
        assertTrue(!y[1].requiresGrad());
    }

    @Test
    void catchesAChangeOfASavedTensor() {
        Tensor x = leaf(3);
        Tensor z = x.mul(1);
        Tensor y = new Cube(3).apply(z)[0];
        z.add_(1.0);
        assertThrows(AutogradException.class, () -> y.backward());
    }
}
