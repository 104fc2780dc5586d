package dev.jangada.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jangada.Device;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.autograd.Gradcheck;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What follows from each row of {@link OpCases}, on the default device; a backend's module subclasses it to run it there. */
public class OpCasesTest {
    static List<OpCases.OpCase> cases() {
        return OpCases.all();
    }

    private static Tensor sample(OpCases.OpCase c, int input, long[] shape) {
        Random random = new Random(17 + input);
        double[] data = new double[Math.toIntExact(Shape.of(shape).numel())];
        for (int i = 0; i < data.length; i++) {
            data[i] = c.low() + (c.high() - c.low()) * random.nextDouble();
        }
        return Tensor.of(data).reshape(shape);
    }

    private static Tensor[] inputs(OpCases.OpCase c, boolean strided) {
        Tensor[] out = new Tensor[c.shapes().size()];
        for (int i = 0; i < out.length; i++) {
            Tensor t = sample(c, i, c.shapes().get(i));
            out[i] = (strided ? strided(t) : t).detach().requiresGrad_();
        }
        return out;
    }

    /** The same values with the first two dimensions exchanged in memory, or every second element of a row. */
    private static Tensor strided(Tensor t) {
        if (t.dim() >= 2) {
            return t.transpose(0, 1).contiguous().transpose(0, 1);
        }
        return t.dim() == 1 ? t.unsqueeze(1).expand(t.size(0), 2).contiguous().select(1, 0) : t;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsAgreeWithDifferences(OpCases.OpCase c) {
        try (TensorScope scope = new TensorScope()) {
            Gradcheck.gradcheck(c.run()::apply, inputs(c, false));
            Gradcheck.gradcheck(c.run()::apply, inputs(c, true));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void secondDerivativesAgreeWithDifferences(OpCases.OpCase c) {
        try (TensorScope scope = new TensorScope()) {
            Gradcheck.gradgradcheck(x -> c.run().apply(x).sin(), inputs(c, false));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void resultsAgreeWithTheReference(OpCases.OpCase c) {
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Tensor[] here = inputs(c, true);
            Tensor[] there = new Tensor[here.length];
            for (int i = 0; i < here.length; i++) {
                there[i] = here[i].to(Device.of("reference"));
            }
            Tensor expected = c.run().apply(there);
            Tensor actual = c.run().apply(here);
            assertEquals(expected.shape(), actual.shape());
            assertArrayEquals(
                    expected.contiguous().toDoubleArray(), actual.contiguous().toDoubleArray(), 1e-10);
        }
    }
}
