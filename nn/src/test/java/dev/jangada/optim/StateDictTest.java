package dev.jangada.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.io.Npz;
import dev.jangada.io.Safetensors;
import dev.jangada.nn.Linear;
import dev.jangada.nn.Sequential;
import dev.jangada.nn.Tanh;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class StateDictTest {
    private static Sequential model() {
        Jangada.manualSeed(3);
        return new Sequential(new Linear(3, 4), new Tanh(), new Linear(4, 1));
    }

    private static Tensor loss(Sequential model, int step) {
        Tensor x = Tensor.arange(12).reshape(4, 3).div(12.0).add(0.1 * step);
        return model.forward(x).sub(x.sum(1).unsqueeze(1)).square().mean();
    }

    private static void train(Sequential model, Optimizer<?> optimizer, int from, int to) {
        for (int i = from; i < to; i++) {
            int step = i;
            try (TensorScope scope = new TensorScope()) {
                optimizer.step(() -> {
                    optimizer.zeroGrad();
                    Tensor loss = loss(model, step);
                    loss.backward();
                    return loss;
                });
            }
        }
    }

    private static Map<String, Tensor> copies(Map<String, Tensor> state) {
        Map<String, Tensor> out = new LinkedHashMap<>();
        state.forEach((name, t) -> out.put(name, t.clone()));
        return out;
    }

    private static List<float[]> values(Sequential model) {
        return model.parameters().stream().map(Tensor::toFloatArray).toList();
    }

    private static Arguments of(String name, Function<List<Tensor>, Optimizer<?>> constructor) {
        return Arguments.of(name, constructor);
    }

    static Stream<Arguments> optimizers() {
        return Stream.of(
                of("SGD", p -> new SGD(p, 0.1)),
                of(
                        "SGD with momentum",
                        p -> new SGD(p, SGD.Options.of(0.1).withMomentum(0.9).withDampening(0.3))),
                of("Adam", p -> new Adam(p, 0.1)),
                of("Adam amsgrad", p -> new Adam(p, Adam.Options.of(0.1).withAmsgrad(true))),
                of("AdamW", p -> new AdamW(p, 0.1)),
                of("Adamax", p -> new Adamax(p, 0.1)),
                of("NAdam", p -> new NAdam(p, 0.1)),
                of("RAdam", p -> new RAdam(p, 0.1)),
                of("Adagrad", p -> new Adagrad(p, Adagrad.Options.of(0.1).withInitialAccumulatorValue(0.2))),
                of("Adadelta", p -> new Adadelta(p)),
                of("RMSprop", p -> new RMSprop(p, 0.1)),
                of(
                        "RMSprop centered",
                        p -> new RMSprop(
                                p, RMSprop.Options.of(0.01).withCentered(true).withMomentum(0.5))),
                of("Rprop", p -> new Rprop(p, 0.1)),
                of("ASGD", p -> new ASGD(p, ASGD.Options.of(0.1).withT0(2))),
                of(
                        "LBFGS",
                        p -> new LBFGS(p, LBFGS.Options.of(0.5).withMaxIter(3).withHistorySize(3))),
                of(
                        "LBFGS with search",
                        p -> new LBFGS(
                                p, LBFGS.Options.defaults().withMaxIter(2).withStrongWolfe(true))));
    }

    /** What no optimiser writes, but a damaged or hostile file may hold. */
    @ParameterizedTest
    @CsvSource({
        "Adam.groups.0.lr, NaN, NaN for Adam.groups.0.lr",
        "Adam.groups.0.lr, -1, a learning rate >= 0",
        "Adam.state.0.step, -4, -4 for Adam.state.0.step",
        "Adam.state.0.step, NaN, float64 instead of int64",
        "LBFGS.state.history, 1e18, missing",
    })
    @Timeout(20)
    void senselessNumbersAreRefused(String name, double value, String message) {
        Sequential model = model();
        Optimizer<?> optimizer =
                name.startsWith("Adam") ? new Adam(model.parameters(), 0.1) : new LBFGS(model.parameters());
        train(model, optimizer, 0, 2);
        Map<String, Tensor> state = copies(optimizer.stateDict());
        Map<String, Tensor> bad = copies(state);
        DType type = Double.isNaN(value) ? DType.FLOAT64 : state.get(name).dtype();
        assertThat(bad.put(name, Tensor.scalar(value, DType.FLOAT64).to(type))).isNotNull();
        assertThatThrownBy(() -> optimizer.loadStateDict(bad))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining(message);
        optimizer
                .stateDict()
                .forEach((key, t) -> assertThat(t.toDoubleArray())
                        .as(key)
                        .isEqualTo(state.get(key).toDoubleArray()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("optimizers")
    void goesOnBitForBit(String name, Function<List<Tensor>, Optimizer<?>> constructor) {
        Sequential straight = model();
        Optimizer<?> optimizer = constructor.apply(straight.parameters());
        train(straight, optimizer, 0, 7);
        Map<String, Tensor> weights = copies(straight.stateDict());
        Map<String, Tensor> state = copies(optimizer.stateDict());
        train(straight, optimizer, 7, 12);

        Sequential resumed = model();
        resumed.loadStateDict(weights);
        Optimizer<?> second = constructor.apply(resumed.parameters());
        second.setLr(99); // must come from the state
        second.loadStateDict(state);
        train(resumed, second, 7, 12);
        for (int i = 0; i < values(straight).size(); i++) {
            assertThat(values(resumed).get(i)).containsExactly(values(straight).get(i));
        }

        optimizer.loadStateDict(state); // and back, in place
        straight.loadStateDict(weights);
        train(straight, optimizer, 7, 12);
        for (int i = 0; i < values(straight).size(); i++) {
            assertThat(values(straight).get(i)).containsExactly(values(resumed).get(i));
        }
    }

    @Test
    void filesHoldTheState(@TempDir Path folder) throws IOException {
        Sequential straight = model();
        Adam optimizer = new Adam(straight.parameters(), 0.1);
        train(straight, optimizer, 0, 3);
        Map<String, Tensor> weights = copies(straight.stateDict());
        Safetensors.save(folder.resolve("a.safetensors"), optimizer.stateDict());
        Npz.save(folder.resolve("a.npz"), optimizer.stateDict());
        train(straight, optimizer, 3, 6);

        for (Map<String, Tensor> loaded :
                List.of(Safetensors.load(folder.resolve("a.safetensors")), Npz.load(folder.resolve("a.npz")))) {
            Sequential resumed = model();
            resumed.loadStateDict(weights);
            Adam second = new Adam(resumed.parameters(), 9);
            second.loadStateDict(loaded);
            train(resumed, second, 3, 6);
            assertThat(second.lr()).isEqualTo(0.1);
            for (int i = 0; i < values(straight).size(); i++) {
                assertThat(values(resumed).get(i))
                        .containsExactly(values(straight).get(i));
            }
        }
    }

    @Test
    void namesAndNumbers() {
        Sequential model = model();
        Adam adam = new Adam(model.parameters(), 0.25);
        train(model, adam, 0, 2);
        Map<String, Tensor> state = adam.stateDict();
        assertThat(state).containsKeys("Adam.groups.0.lr", "Adam.state.3.exp_avg", "Adam.state.3.exp_avg_sq");
        assertThat(state.get("Adam.state.0.step").itemLong()).isEqualTo(2);
        assertThat(state.get("Adam.groups.0.lr").item()).isEqualTo(0.25);
        assertThat(state.get("Adam.groups.0.parameters").itemLong()).isEqualTo(4);
        assertThat(state.get("Adam.state.0.exp_avg").shape())
                .isEqualTo(model.parameters().get(0).shape());
        assertThat(state).doesNotContainKey("Adam.state.0.max_exp_avg_sq");
    }

    @Test
    void groupsComeBackWithTheirOptions() {
        Tensor a = Tensor.ones(2).requiresGrad_();
        Tensor b = Tensor.ones(3).requiresGrad_();
        SGD sgd = new SGD(List.of(a), SGD.Options.of(0.5).withMomentum(0.9));
        sgd.addGroup(List.of(b), SGD.Options.of(0.25).withWeightDecay(0.1).withMaximize(true));
        SGD other = new SGD(List.of(a), 1);
        other.addGroup(List.of(b), SGD.Options.of(2));
        other.loadStateDict(sgd.stateDict());
        assertThat(other.groups().get(0).options())
                .isEqualTo(sgd.groups().get(0).options());
        assertThat(other.groups().get(1).options())
                .isEqualTo(sgd.groups().get(1).options());
    }

    @Test
    void stateOfAnotherIsRefusedAndNothingChanges() {
        Sequential model = model();
        Adam adam = new Adam(model.parameters(), 0.1);
        train(model, adam, 0, 2);
        Map<String, Tensor> before = copies(adam.stateDict());

        assertThatThrownBy(() -> adam.loadStateDict(new AdamW(model.parameters()).stateDict()))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("expected the state of this Adam")
                .hasMessageContaining("names such as [AdamW.groups.0.");
        assertThatThrownBy(() -> adam.loadStateDict(Map.of()))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("an empty one");
        Tensor single = Tensor.ones(2).requiresGrad_();
        assertThatThrownBy(() -> adam.loadStateDict(new Adam(List.of(single)).stateDict()))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("a group of 1 parameters instead of 4");

        Sequential wider = new Sequential(new Linear(3, 5), new Tanh(), new Linear(5, 1));
        Adam ofWider = new Adam(wider.parameters(), 0.3);
        train(wider, ofWider, 0, 1);
        assertThatThrownBy(() -> adam.loadStateDict(ofWider.stateDict()))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("shape [5, 3] instead of [4, 3] for Adam.state.0.exp_avg");
        Map<String, Tensor> torn = copies(before);
        torn.remove("Adam.state.1.exp_avg_sq");
        assertThatThrownBy(() -> adam.loadStateDict(torn))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("missing [Adam.state.1.exp_avg_sq]");
        Map<String, Tensor> senseless = copies(before);
        senseless.put("Adam.groups.0.lr", Tensor.scalar(-1.0, DType.FLOAT64));
        assertThatThrownBy(() -> adam.loadStateDict(senseless)).isInstanceOf(ArgumentException.class);

        Map<String, Tensor> after = adam.stateDict();
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((name, t) -> assertThat(after.get(name).toDoubleArray()).containsExactly(t.toDoubleArray()));
    }

    @Test
    void aStateWithoutAParameterForgetsIt() {
        Tensor p = Tensor.ones(2).requiresGrad_();
        Adam adam = new Adam(List.of(p), 0.1);
        Map<String, Tensor> fresh = adam.stateDict();
        p.setGrad(Tensor.ones(2));
        adam.step();
        float first = p.toFloatArray()[0];
        try (Autograd.Mode off = Autograd.noGrad()) {
            p.fill_(1);
        }
        adam.loadStateDict(fresh);
        adam.step();
        assertThat(p.toFloatArray()[0]).isEqualTo(first);
    }

    /** The example of FusedOptimizer's documentation. */
    static final class SignDescent extends FusedOptimizer<SGD.Options> {
        private static final Rule RULE = rule("SignDescent", 1, (x, s) ->
                new dev.jangada.kernel.Expr[] {x[0].sub(x[1].sign().mul(s[0]))});

        SignDescent(List<Tensor> parameters, double lr) {
            super(parameters, SGD.Options.of(lr), List.of(), List.of());
        }

        @Override
        protected Rule rule(SGD.Options o) {
            return RULE;
        }

        @Override
        protected double[] scalars(SGD.Options o, State state) {
            return new double[] {o.lr() / state.step()};
        }
    }

    @Test
    void ownOptimizersAreThreeMethods() {
        Tensor p = Tensor.ones(2).requiresGrad_();
        SignDescent optimizer = new SignDescent(List.of(p), 0.5);
        p.setGrad(Tensor.of(new float[] {3, -7}, 2));
        optimizer.step();
        optimizer.step();
        assertThat(p.toFloatArray()).containsExactly(0.25f, 1.75f);
        assertThat(optimizer.stateDict().get("SignDescent.state.0.step").itemLong())
                .isEqualTo(2);
    }
}
