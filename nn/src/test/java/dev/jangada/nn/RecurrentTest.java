package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.autograd.Gradcheck;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecurrentTest {
    private static final RecurrentOptions ONE = RecurrentOptions.DEFAULT;
    private static final RecurrentOptions DEEP =
            ONE.withNumLayers(2).withBidirectional(true).withBatchFirst(true);

    /** The kinds of layers behind one face: output, then the last states. */
    enum Kind {
        TANH,
        RELU,
        GRU,
        LSTM,
        PROJECTED;

        Module make(long in, long hidden, RecurrentOptions options) {
            return switch (this) {
                case TANH -> new RNN(in, hidden, options);
                case RELU -> new RNN(in, hidden, "relu", options);
                case GRU -> new GRU(in, hidden, options);
                case LSTM -> new LSTM(in, hidden, options);
                case PROJECTED -> new LSTM(in, hidden, options, hidden - 1);
            };
        }

        int states() {
            return this == LSTM || this == PROJECTED ? 2 : 1;
        }

        long stateSize(int state, long hidden) {
            return this == PROJECTED && state == 0 ? hidden - 1 : hidden;
        }
    }

    private static List<Tensor> run(Module m, Tensor x, List<Tensor> states) {
        if (m instanceof RNN rnn) {
            RNN.Output y = states.isEmpty() ? rnn.forward(x) : rnn.forward(x, states.get(0));
            return List.of(y.output(), y.h());
        }
        if (m instanceof GRU gru) {
            GRU.Output y = states.isEmpty() ? gru.forward(x) : gru.forward(x, states.get(0));
            return List.of(y.output(), y.h());
        }
        LSTM lstm = (LSTM) m;
        LSTM.Output y = states.isEmpty() ? lstm.forward(x) : lstm.forward(x, states.get(0), states.get(1));
        return List.of(y.output(), y.h(), y.c());
    }

    private static List<Tensor> runPacked(Module m, PackedSequence x) {
        if (m instanceof RNN rnn) {
            RNN.PackedOutput y = rnn.forward(x);
            return List.of(y.output().data(), y.h());
        }
        if (m instanceof GRU gru) {
            GRU.PackedOutput y = gru.forward(x);
            return List.of(y.output().data(), y.h());
        }
        LSTM.PackedOutput y = ((LSTM) m).forward(x);
        return List.of(y.output().data(), y.h(), y.c());
    }

    private static Tensor sumOfSquares(List<Tensor> results) {
        Tensor sum = results.get(0).square().sum();
        for (Tensor t : results.subList(1, results.size())) {
            sum = sum.add(t.square().sum());
        }
        return sum;
    }

    @BeforeEach
    void seed() {
        Jangada.manualSeed(7);
    }

    @ParameterizedTest
    @EnumSource
    void oneElementAtATimeIsTheWholeSequence(Kind kind) {
        Module m = kind.make(5, 8, ONE.withNumLayers(2));
        Tensor x = Tensor.randn(11, 3, 5);
        List<Tensor> whole = run(m, x, List.of());
        List<Tensor> outputs = new ArrayList<>();
        List<Tensor> states = List.of();
        for (int t = 0; t < 11; t++) {
            List<Tensor> y = run(m, x.narrow(0, t, 1), states);
            outputs.add(y.get(0));
            states = y.subList(1, y.size());
        }
        assertThat(difference(Tensor.cat(outputs, 0), whole.get(0))).isLessThan(1e-6);
        for (int i = 0; i < states.size(); i++) {
            assertThat(difference(states.get(i), whole.get(1 + i))).isLessThan(1e-6);
        }
    }

    private static double difference(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item();
    }

    /** Changes one weight in the layer itself, so that gradients of the fused kernels meet central differences of the whole. */
    @ParameterizedTest
    @EnumSource
    void gradientsAreThoseOfDifferences(Kind kind) {
        Module m = kind.make(2, 3, ONE.withBidirectional(true)).to(DType.FLOAT64);
        List<Tensor> inputs = new ArrayList<>();
        inputs.add(Tensor.randn(DType.FLOAT64, 3, 2, 2).requiresGrad_());
        for (int i = 0; i < kind.states(); i++) {
            inputs.add(Tensor.randn(DType.FLOAT64, 2, 2, kind.stateSize(i, 3)).requiresGrad_());
        }
        Gradcheck.Checked f = x -> sumOfSquares(run(m, x[0], List.of(x).subList(1, x.length)));
        Gradcheck.gradcheck(f, inputs.toArray(new Tensor[0]));
        Gradcheck.gradgradcheck(f, inputs.toArray(new Tensor[0]));
        checkWeights(m, () -> f.apply(inputs.toArray(new Tensor[0])));
    }

    @ParameterizedTest
    @EnumSource
    void gradientsOfPackedSequencesAreThoseOfDifferences(Kind kind) {
        Module m = kind.make(2, 3, ONE.withBidirectional(true)).to(DType.FLOAT64);
        Tensor input = Tensor.randn(DType.FLOAT64, 4, 3, 2).requiresGrad_();
        Gradcheck.Checked f =
                x -> sumOfSquares(runPacked(m, Sequences.packPaddedSequence(x[0], new long[] {2, 4, 1}, false, false)));
        Gradcheck.gradcheck(f, input);
        Gradcheck.gradgradcheck(f, input);
        checkWeights(m, () -> f.apply(input));
    }

    private static void checkWeights(Module m, java.util.function.Supplier<Tensor> loss) {
        m.zeroGrad();
        loss.get().backward();
        double eps = 1e-6;
        m.namedParameters().forEach((name, p) -> {
            Tensor direction = Tensor.randn(DType.FLOAT64, p.shape().toArray());
            double expected;
            try (Autograd.Mode off = Autograd.noGrad()) {
                p.add_(direction.mul(eps));
                double up = loss.get().item();
                p.sub_(direction.mul(2 * eps));
                double down = loss.get().item();
                p.add_(direction.mul(eps));
                expected = (up - down) / (2 * eps);
            }
            assertThat(p.grad().mul(direction).sum().item())
                    .as(name)
                    .isCloseTo(expected, within(1e-6 + 1e-5 * Math.abs(expected)));
        });
    }

    /** The node's backward pass against the composition that higher derivatives use. */
    @ParameterizedTest
    @EnumSource
    void bothBackwardPassesAgree(Kind kind) {
        Module m = kind.make(3, 4, DEEP);
        Tensor x = Tensor.randn(3, 6, 3).requiresGrad_();
        List<Tensor> all = new ArrayList<>(m.parameters());
        all.add(x);
        List<Tensor> fused = Autograd.grad(List.of(sumOfSquares(run(m, x, List.of()))), all, false);
        List<Tensor> composed = Autograd.grad(List.of(sumOfSquares(run(m, x, List.of()))), all, true);
        for (int i = 0; i < all.size(); i++) {
            assertThat(difference(fused.get(i), composed.get(i))).isLessThan(2e-5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPackedBatchIsItsSequencesOneByOne(Kind kind) {
        Module m = kind.make(3, 4, DEEP);
        Tensor x = Tensor.randn(3, 6, 3);
        long[] lengths = {2, 6, 3};
        PackedSequence packed = Sequences.packPaddedSequence(x, lengths, true, false);
        List<Tensor> y = runPacked(m, packed);
        Tensor output =
                Sequences.padPackedSequence(packed.with(y.get(0)), true, 0).output();
        for (int i = 0; i < lengths.length; i++) {
            List<Tensor> alone = run(m, x.narrow(0, i, 1).narrow(1, 0, lengths[i]), List.of());
            assertThat(difference(
                            output.select(0, i).narrow(0, 0, lengths[i]),
                            alone.get(0).select(0, 0)))
                    .isLessThan(1e-6);
            for (int s = 1; s < y.size(); s++) {
                assertThat(difference(y.get(s).select(1, i), alone.get(s).select(1, 0)))
                        .isLessThan(1e-6);
            }
        }
    }

    @Test
    void withoutABatchShapesHaveOneDimensionLess() {
        LSTM lstm = new LSTM(3, 4, DEEP);
        LSTM.Output y = lstm.forward(Tensor.randn(5, 3), Tensor.zeros(4, 4), Tensor.zeros(4, 4));
        assertThat(y.output().shape().toArray()).containsExactly(5, 8);
        assertThat(y.h().shape().toArray()).containsExactly(4, 4);
        assertThat(y.c().shape().toArray()).containsExactly(4, 4);
    }

    @Test
    void cellsAreLayersOfOneStep() {
        LSTM lstm = new LSTM(3, 4);
        LSTMCell cell = new LSTMCell(3, 4);
        for (String name : List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh")) {
            cell.namedParameters()
                    .get(name)
                    .detach()
                    .copy_(lstm.namedParameters().get(name + "_l0").detach());
        }
        Tensor x = Tensor.randn(2, 5, 3);
        LSTM.Output y = lstm.forward(x);
        LSTMCell.State s = cell.forward(x.select(0, 0));
        s = cell.forward(x.select(0, 1), s.h(), s.c());
        assertThat(difference(s.h(), y.h().select(0, 0))).isZero();
        assertThat(difference(s.c(), y.c().select(0, 0))).isZero();
        LSTMCell.State one = cell.forward(Tensor.ones(3));
        assertThat(one.h().shape().toArray()).containsExactly(4);
    }

    @Test
    void dropoutActsBetweenLayersInTrainingOnly() {
        GRU gru = new GRU(3, 16, ONE.withNumLayers(2).withDropout(0.5));
        Tensor x = Tensor.randn(4, 2, 3);
        Tensor first = gru.forward(x).output();
        assertThat(difference(first, gru.forward(x).output())).isGreaterThan(1e-3);
        gru.eval();
        assertThat(difference(gru.forward(x).output(), gru.forward(x).output())).isZero();
        GRU one = new GRU(3, 16, ONE.withDropout(0.5));
        assertThat(difference(one.forward(x).output(), one.forward(x).output())).isZero();
    }

    @Test
    void namesAndTextAreThoseOfPyTorch() {
        LSTM lstm = new LSTM(3, 4, DEEP.withDropout(0.25), 2);
        assertThat(lstm.namedParameters().keySet())
                .startsWith(
                        "weight_ih_l0",
                        "weight_hh_l0",
                        "bias_ih_l0",
                        "bias_hh_l0",
                        "weight_hr_l0",
                        "weight_ih_l0_reverse")
                .contains("weight_hr_l1_reverse")
                .hasSize(20);
        assertThat(lstm.namedParameters().get("weight_ih_l1").shape().toArray()).containsExactly(16, 4);
        assertThat(lstm)
                .hasToString(
                        "LSTM(3, 4, proj_size=2, num_layers=2, batch_first=True, dropout=0.25, bidirectional=True)");
        assertThat(new RNNCell(3, 4, false, "relu")).hasToString("RNNCell(3, 4, bias=False, nonlinearity=relu)");
        double bound = lstm.parameters().stream()
                .mapToDouble(p -> p.detach().abs().max().item())
                .max()
                .orElseThrow();
        assertThat(bound).isBetween(0.45, 0.5);
    }

    @Test
    void onlyTheLastStateMayHaveAGradient() {
        LSTM lstm = new LSTM(2, 3);
        lstm.forward(Tensor.randn(4, 2, 2)).h().sum().backward();
        assertThat(lstm.namedParameters().get("weight_hh_l0").grad().abs().sum().item())
                .isGreaterThan(0);
        lstm.zeroGrad();
        lstm.forward(Tensor.randn(4, 2, 2)).c().sum().backward();
        assertThat(lstm.namedParameters().get("weight_hh_l0").grad().abs().sum().item())
                .isGreaterThan(0);
    }

    @Test
    void halfTypesWork() {
        Module lstm = new LSTM(3, 4).to(DType.BFLOAT16);
        Tensor x = Tensor.randn(5, 2, 3).to(DType.BFLOAT16);
        List<Tensor> y = run(lstm, x, List.of());
        assertThat(y.get(0).dtype()).isEqualTo(DType.BFLOAT16);
        sumOfSquares(y).backward();
        assertThat(lstm.parameters().get(0).grad().dtype()).isEqualTo(DType.BFLOAT16);
    }

    @Test
    void wrongInputsAreRefused() {
        LSTM lstm = new LSTM(3, 4);
        Tensor x = Tensor.zeros(5, 2, 3);
        assertThatThrownBy(() -> lstm.forward(Tensor.zeros(5, 2, 4)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[LSTM] expected inputSize 3");
        assertThatThrownBy(() -> lstm.forward(Tensor.zeros(3))).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> lstm.forward(Tensor.zeros(5, 0, 3)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("at least one sequence");
        assertThatThrownBy(() -> lstm.forward(Tensor.zeros(0, 2, 3))).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> lstm.forward(x, Tensor.zeros(1, 3, 4), Tensor.zeros(1, 3, 4)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[1, 2, 4]");
        assertThatThrownBy(() -> lstm.forward(x, Tensor.zeros(1, 2, 4), Tensor.zeros(2, 4)))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> lstm.forward(x.to(DType.FLOAT64))).isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> lstm.forward(x, Tensor.zeros(1, 2, 4), Tensor.zeros(DType.FLOAT64, 1, 2, 4)))
                .isInstanceOf(DTypeException.class);
        LSTMCell cell = new LSTMCell(3, 4);
        assertThatThrownBy(() -> cell.forward(Tensor.zeros(2, 4))).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> cell.forward(Tensor.zeros(2, 3), Tensor.zeros(3, 4), Tensor.zeros(2, 4)))
                .isInstanceOf(ShapeException.class);
    }

    @Test
    void parametersOfOtherShapesAreRefusedBeforeTheyAreRead() {
        Tensor x = Tensor.ones(5, 2, 3);
        for (String name : List.of("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")) {
            for (Tensor wrong :
                    List.of(Tensor.zeros(1), Tensor.zeros(2, 2), Tensor.zeros(16, 9), Tensor.zeros(12, 4))) {
                LSTM lstm = new LSTM(3, 4);
                lstm.namedParameters().get(name).setData(wrong);
                assertThatThrownBy(() -> lstm.forward(x))
                        .as(name + wrong.shape())
                        .isInstanceOf(ShapeException.class);
                GRU gru = new GRU(3, 5);
                gru.namedParameters().get(name).setData(wrong);
                assertThatThrownBy(() -> gru.forward(x))
                        .as(name + wrong.shape())
                        .isInstanceOf(ShapeException.class);
            }
        }
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThatThrownBy(() -> new LSTM(0, 4)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new LSTM(3, 4, ONE, 4)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new GRU(3, 4, ONE.withNumLayers(0))).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new GRU(3, 4, ONE.withDropout(1.5))).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new RNN(3, 4, "sigmoid", ONE)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new GRUCell(3, -1)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void stepsKeepNoMemory() {
        AddingProblem problem = new AddingProblem(5, 8, 4, 1e-2);
        problem.train(5);
        long before = MemoryUse.settled(Device.best());
        problem.train(20);
        assertThat(MemoryUse.settled(Device.best())).isEqualTo(before);
    }

    /** The adding problem in small: the sum of two marked numbers of six. */
    @Test
    void theLossOfTheAddingProblemFalls() {
        AddingProblem problem = new AddingProblem(6, 16, 32, 2e-2);
        double first = problem.train(10);
        double last = problem.train(200);
        assertThat(last).isLessThan(first / 3);
    }

    /** PyTorch 1.13 reaches 0.0034 with as many steps. */
    @Test
    @Tag("slow")
    void theAddingProblemOfFiftyNumbersIsSolved() {
        AddingProblem problem = new AddingProblem(50, 64, 128, 4e-3);
        assertThat(problem.train(1_500)).isLessThan(0.01);
    }
}
