package dev.jangada.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.AutogradException;
import dev.jangada.CaptureException;
import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.nn.MemoryUse;
import dev.jangada.nn.Parameter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {
    private static Tensor parameter(float... values) {
        return Parameter.of(Tensor.of(values, values.length));
    }

    private static void setGrad(Tensor p, float... values) {
        p.setGrad(Tensor.of(values, values.length));
    }

    /** Its state would outlast the run that made it, and the next run go on with it. */
    @Test
    void isMadeOutsideOfCapturedFunctions() {
        Tensor p = parameter(1, 2);
        Captured f = Capture.of(args -> {
            Adam adam = new Adam(List.of(p), 0.1);
            Tensor loss = p.square().sum();
            loss.backward();
            adam.step();
            return loss;
        });
        assertThatThrownBy(f::run)
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("[Adam] expected to be called outside of captured functions");
        assertThat(p.toFloatArray()).containsExactly(1, 2);
        assertThat(p.hasGrad()).isFalse();
        SGD sgd = new SGD(List.of(p), 0.1);
        Captured adds = Capture.of(args -> {
            sgd.addGroup(List.of(parameter(1)), SGD.Options.of(1));
            return p.sum();
        });
        assertThatThrownBy(adds::run).isInstanceOf(CaptureException.class);
        assertThat(sgd.groups()).hasSize(1);
    }

    // ---- trajectories recorded from PyTorch

    static Stream<Arguments> trajectories() throws IOException {
        try (InputStream stream = OptimizerTest.class.getResourceAsStream("trajectories.txt")) {
            List<String> lines = new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            Stream.Builder<Arguments> cases = Stream.builder();
            for (Iterator<String> i = lines.iterator(); i.hasNext(); ) {
                cases.add(Arguments.of(i.next(), numbers(i.next()), numbers(i.next()), numbers(i.next())));
            }
            return cases.build();
        }
    }

    private static float[] numbers(String line) {
        String[] words = line.split(" ");
        float[] out = new float[words.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = Float.parseFloat(words[i]);
        }
        return out;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("trajectories")
    void stepsAreThoseOfPyTorch(String what, float[] start, float[] grads, float[] values) {
        Tensor p = parameter(start);
        Optimizer<?> optimizer = optimizer(what.split(" "), p);
        for (int step = 0; step * 3 < grads.length; step++) {
            setGrad(p, Arrays.copyOfRange(grads, 3 * step, 3 * step + 3));
            optimizer.step();
            float[] actual = p.toFloatArray();
            for (int i = 0; i < 3; i++) {
                float expected = values[3 * step + i];
                assertThat(actual[i])
                        .as("step %d, element %d; expected values come from trajectories.py", step, i)
                        .isCloseTo(expected, within(4e-6f + 1e-5f * Math.abs(expected)));
            }
        }
    }

    private static Optimizer<?> optimizer(String[] words, Tensor p) {
        SGD.Options sgd = SGD.Options.of(0.1);
        Adam.Options adam = Adam.Options.defaults();
        for (int i = 1; i < words.length; i++) {
            String value = words[i].substring(words[i].indexOf('=') + 1);
            double number = value.matches("[0-9.e-]+") ? Double.parseDouble(value) : Double.NaN;
            switch (words[i].substring(0, words[i].indexOf('='))) {
                case "lr" -> {
                    sgd = sgd.withLr(number);
                    adam = adam.withLr(number);
                }
                case "weight_decay" -> {
                    sgd = sgd.withWeightDecay(number);
                    adam = adam.withWeightDecay(number);
                }
                case "maximize" -> {
                    sgd = sgd.withMaximize(value.equals("True"));
                    adam = adam.withMaximize(value.equals("True"));
                }
                case "momentum" -> sgd = sgd.withMomentum(number);
                case "dampening" -> sgd = sgd.withDampening(number);
                case "nesterov" -> sgd = sgd.withNesterov(value.equals("True"));
                case "eps" -> adam = adam.withEps(number);
                case "amsgrad" -> adam = adam.withAmsgrad(value.equals("True"));
                case "betas" -> {
                    String[] two = value.substring(1, value.length() - 1).split(",");
                    adam = adam.withBetas(Double.parseDouble(two[0]), Double.parseDouble(two[1]));
                }
                default -> throw new AssertionError(words[i]);
            }
        }
        // Nesterov needs the momentum, which may stand before or after it in a line: the records check each copy.
        return words[0].equals("SGD") ? new SGD(List.of(p), sgd) : new Adam(List.of(p), adam);
    }

    // ---- groups and gradients

    @Test
    void groupsHaveOptionsOfTheirOwn() {
        Tensor a = parameter(1, 1);
        Tensor b = parameter(1);
        SGD sgd = new SGD(List.of(a), 0.5);
        sgd.addGroup(List.of(b), SGD.Options.of(0.25));
        setGrad(a, 1, 2);
        setGrad(b, 1);
        sgd.step();
        assertThat(a.toFloatArray()).containsExactly(0.5f, 0);
        assertThat(b.toFloatArray()).containsExactly(0.75f);
        sgd.setLr(1);
        sgd.step();
        assertThat(a.toFloatArray()).containsExactly(-0.5f, -2);
        assertThat(b.toFloatArray()).containsExactly(-0.25f);
        assertThat(sgd.groups()).hasSize(2);
        assertThat(sgd.lr()).isEqualTo(1);
    }

    /** Values of PyTorch 1.13: the buffer is made when the momentum comes, and then takes the whole gradient in spite of the dampening. */
    @Test
    void momentumMayComeLate() {
        Tensor p = Tensor.of(new float[] {1}).requiresGrad_();
        SGD sgd = new SGD(List.of(p), 0.1);
        double[] expected = {0.9, 0.81, 0.729, 0.61965};
        for (int i = 0; i < expected.length; i++) {
            if (i == 2) {
                SGD.Options late = SGD.Options.of(0.1).withMomentum(0.9).withDampening(0.5);
                sgd.groups().get(0).setOptions(late);
            }
            setGrad(p, p.toFloatArray()[0]);
            sgd.step();
            assertThat((double) p.toFloatArray()[0]).isCloseTo(expected[i], within(1e-6));
        }
    }

    @Test
    void parameterWithoutGradientIsLeftAlone() {
        Tensor a = parameter(1);
        Tensor b = parameter(1);
        Adam adam = new Adam(List.of(a, b), 0.1);
        setGrad(a, 1);
        adam.step();
        setGrad(b, 1);
        adam.step();
        assertThat(b.toFloatArray()[0])
                .as("its first step, with bias correction of step 1")
                .isCloseTo(0.9f, within(1e-6f));
        assertThat(a.toFloatArray()[0]).isCloseTo(0.8f, within(1e-6f));
    }

    @Test
    void zeroGradDropsOrZeroes() {
        Tensor p = parameter(1, 2);
        SGD sgd = new SGD(List.of(p), 0.1);
        setGrad(p, 3, 4);
        sgd.zeroGrad(false);
        assertThat(p.grad().toFloatArray()).containsExactly(0, 0);
        sgd.zeroGrad();
        assertThat(p.hasGrad()).isFalse();
    }

    @Test
    void stepBumpsTheVersionSoThatAStaleGraphIsFound() {
        Tensor p = parameter(2);
        Tensor loss = p.mul(p).sum();
        loss.backward(true, false);
        new SGD(List.of(p), 0.1).step();
        assertThatThrownBy(loss::backward).isInstanceOf(AutogradException.class).hasMessageContaining("in-place");
    }

    @Test
    void tinyMomentsBecomeZero() {
        Tensor p = parameter(1);
        Adam adam = new Adam(List.of(p), 0.1);
        setGrad(p, 1e-28f);
        adam.step();
        adam.groups().get(0).setOptions(Adam.Options.of(0.1).withEps(1e-30));
        setGrad(p, 1e-35f);
        for (int i = 0; i < 100; i++) {
            adam.step();
        }
        float before = p.toFloatArray()[0];
        adam.step();
        assertThat(p.toFloatArray()[0]).isEqualTo(before);
    }

    @Test
    void adamWithoutEpsTakesSmallGradients() {
        Tensor p = parameter(1);
        Adam adam = new Adam(List.of(p), Adam.Options.of(0.1).withEps(0));
        setGrad(p, 1e-16f);
        adam.step();
        assertThat(p.toFloatArray()[0]).isCloseTo(0.9f, within(1e-4f));
    }

    @Test
    void stateOutlivesTheScopeOfAStep() {
        Tensor p = parameter(1, 2);
        Adam adam = new Adam(List.of(p), 0.1);
        long before = 0;
        for (int i = 0; i < 4; i++) {
            try (TensorScope scope = new TensorScope()) {
                adam.zeroGrad();
                p.square().sum().backward();
                adam.step();
            }
            adam.zeroGrad();
            if (i > 0) {
                assertThat(p.device().memory().inUse()).isEqualTo(before);
            }
            before = MemoryUse.settled(p.device());
        }
        assertThat(p.toFloatArray()[0]).isCloseTo(0.6f, within(0.01f));
    }

    @Test
    void float64IsComputedInFloat64() {
        Tensor p = Parameter.of(Tensor.of(new double[] {1}, DType.FLOAT64, 1));
        SGD sgd = new SGD(List.of(p), 0.1);
        p.setGrad(Tensor.of(new double[] {1}, DType.FLOAT64, 1));
        sgd.step();
        assertThat(p.item()).isEqualTo(1 - 0.1);
    }

    // ---- errors

    @Test
    void badArgumentsAreRefused() {
        Tensor p = parameter(1);
        assertThatThrownBy(() -> new SGD(List.of(), 0.1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new SGD(List.of(p), -0.1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new SGD(List.of(p), Double.NaN)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> SGD.Options.of(0.1).withMomentum(-1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> SGD.Options.of(0.1).withNesterov(true))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("momentum 0.0");
        assertThatThrownBy(() -> Adam.Options.defaults().withBetas(1, 0.9)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Adam.Options.defaults().withEps(-1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new SGD(List.of(p, p), 0.1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new SGD(List.of(p.mul(2)), 0.1)).isInstanceOf(AutogradException.class);
    }
}
