package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Device;
import dev.jangada.IndexException;
import dev.jangada.Jangada;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.nn.init.Init;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModuleTest {
    /** Two parts that share a parameter, a buffer of each kind. */
    private static final class Net extends Layer {
        private final Linear hidden = module("hidden", new Linear(3, 2));
        private final Sequential tail = module("tail", new Sequential(new ReLU(), new Linear(2, 1, false)));
        private final Tensor scale = parameter("scale", Tensor.ones(1));
        private final Tensor shared = parameter("shared", hidden.weight());
        private final Tensor count = buffer("count", Tensor.zeros(DType.INT64, 1));
        private final Tensor cache = buffer("cache", Tensor.zeros(2), false);

        @Override
        public Tensor forward(Tensor x) {
            return tail.forward(hidden.forward(x).add(cache)).mul(scale);
        }
    }

    @Test
    void namesAndOrderArePyTorchs() {
        Net net = new Net();
        assertThat(net.namedParameters().keySet()).containsExactly("scale", "shared", "hidden.bias", "tail.1.weight");
        assertThat(net.namedBuffers().keySet()).containsExactly("count", "cache");
        assertThat(net.namedModules().keySet()).containsExactly("", "hidden", "tail", "tail.0", "tail.1");
        assertThat(net.namedChildren().keySet()).containsExactly("hidden", "tail");
        assertThat(net.modules()).hasSize(5);
        assertThat(net.parameterCount()).isEqualTo(1 + 6 + 2 + 2);
        assertThat(net.shared).isSameAs(net.hidden.weight());
        assertThat(net.stateDict().keySet())
                .containsExactly("scale", "shared", "count", "hidden.weight", "hidden.bias", "tail.1.weight");
    }

    @Test
    void aModuleIsNoPartOfItself() {
        Sequential outer = new Sequential(new ReLU());
        Sequential inner = new Sequential(new Sequential());
        outer.append(inner);
        assertThatThrownBy(() -> outer.append(outer))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("does not hold this Sequential");
        assertThatThrownBy(() -> inner.append(outer)).isInstanceOf(ArgumentException.class);
        assertThat(outer.size()).isEqualTo(2);
        assertThat(inner.toString()).isEqualTo("Sequential(\n  (0): Sequential()\n)");
    }

    @Test
    void printsLikePyTorch() {
        assertThat(new Sequential(new Linear(784, 512), new Sequential(new Tanh(), new Flatten())))
                .hasToString("""
                        Sequential(
                          (0): Linear(in_features=784, out_features=512, bias=True)
                          (1): Sequential(
                            (0): Tanh()
                            (1): Flatten(start_dim=1, end_dim=-1)
                          )
                        )""");
        assertThat(new Sequential()).hasToString("Sequential()");
        assertThat(new Linear(1, 2, false)).hasToString("Linear(in_features=1, out_features=2, bias=False)");
    }

    @Test
    void trainingFlagReachesAllParts() {
        Net net = new Net();
        assertThat(net.isTraining()).isTrue();
        net.eval();
        assertThat(net.modules()).noneMatch(Module::isTraining);
        net.train();
        assertThat(net.modules()).allMatch(Module::isTraining);
        List<String> order = new ArrayList<>();
        net.apply(m -> order.add(m.getClass().getSimpleName()));
        assertThat(order).containsExactly("Linear", "ReLU", "Linear", "Sequential", "Net");
    }

    @Test
    void partThatIsRegisteredTwiceIsVisitedOnce() {
        Linear twice = new Linear(2, 2);
        Sequential net = new Sequential(twice, new ReLU(), twice);
        List<String> visited = new ArrayList<>();
        net.apply(m -> visited.add(m.getClass().getSimpleName()));
        assertThat(visited).containsExactly("Linear", "ReLU", "Sequential");
        assertThat(net.children()).hasSize(2);
        assertThat(net.namedChildren().keySet()).containsExactly("0", "1", "2");
        assertThat(net.stateDict().keySet()).containsExactly("0.weight", "0.bias", "2.weight", "2.bias");
        assertThat(net.parameterCount()).isEqualTo(6);
    }

    @Test
    void stateMovesFromModelToModel() {
        Net a = new Net();
        Net b = new Net();
        b.loadStateDict(a.stateDict());
        assertThat(b.hidden.weight().toFloatArray())
                .containsExactly(a.hidden.weight().toFloatArray());
        assertThat(b.shared).isSameAs(b.hidden.weight());
        assertThat(b.stateDict().get("scale").sharesStorage(b.scale)).isTrue();
        assertThat(b.stateDict().get("scale").requiresGrad()).isFalse();
    }

    @Test
    void wrongStateIsRefusedBeforeAnythingChanges() {
        Linear model = new Linear(2, 1);
        float[] before = model.weight().toFloatArray();
        Map<String, Tensor> wrong =
                Map.of("weight", Tensor.zeros(1, 2), "bias", Tensor.zeros(3), "extra", Tensor.zeros(1));
        assertThatThrownBy(() -> model.loadStateDict(wrong))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("unexpected keys [extra]")
                .hasMessageContaining("shape [3] instead of [1] for bias");
        assertThatThrownBy(() -> model.loadStateDict(wrong, false)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> model.loadStateDict(Map.of())).hasMessageContaining("missing keys [weight, bias]");
        assertThat(model.weight().toFloatArray()).containsExactly(before);
        Module.LoadResult result = model.loadStateDict(Map.of("weight", Tensor.ones(1, 2)), false);
        assertThat(result.missing()).containsExactly("bias");
        assertThat(model.weight().toFloatArray()).containsExactly(1, 1);
    }

    @Test
    void closedAndNullValuesAreRefusedBeforeAnythingChanges() {
        Linear model = new Linear(2, 1);
        float[] before = model.weight().toFloatArray();
        Tensor closed = Tensor.zeros(1);
        closed.close();
        Map<String, Tensor> state = new HashMap<>(Map.of("weight", Tensor.ones(1, 2), "bias", closed));
        assertThatThrownBy(() -> model.loadStateDict(state))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("a closed tensor for bias");
        state.put("bias", null);
        assertThatThrownBy(() -> model.loadStateDict(state, false))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("null for bias");
        assertThat(model.weight().toFloatArray()).containsExactly(before);
    }

    @Test
    void typesChangeInPlaceAndTrainingGoesOn() {
        Net net = new Net();
        Tensor weight = net.hidden.weight();
        net.to(DType.FLOAT64);
        assertThat(weight.dtype()).isEqualTo(DType.FLOAT64);
        assertThat(weight.requiresGrad()).isTrue();
        assertThat(net.count.dtype()).isEqualTo(DType.INT64);
        assertThat(net.cache.dtype()).isEqualTo(DType.FLOAT64);
        Tensor x = Tensor.ones(DType.FLOAT64, 4, 3);
        net.forward(x).sum().backward();
        assertThat(net.scale.grad().dtype()).isEqualTo(DType.FLOAT64);
        assertThatThrownBy(() -> net.to(DType.INT32)).isInstanceOf(DTypeException.class);
        net.zeroGrad();
        assertThat(net.parameters()).noneMatch(Tensor::hasGrad);
        net.requiresGrad_(false);
        assertThat(net.parameters()).noneMatch(Tensor::requiresGrad);
    }

    @Test
    void deviceChangesInPlace() {
        Linear model = new Linear(2, 1);
        float[] before = model.weight().toFloatArray();
        model.to(Device.of("reference"));
        assertThat(model.weight().device()).isEqualTo(Device.of("reference"));
        assertThat(model.weight().toFloatArray()).containsExactly(before);
    }

    @Test
    void parametersOutliveTheScopeTheyWereMadeIn() {
        Linear model;
        Tensor buffer;
        try (TensorScope scope = new TensorScope()) {
            model = new Linear(2, 3);
            buffer = new Net().cache;
        }
        assertThat(model.weight().isClosed()).isFalse();
        assertThat(buffer.isClosed()).isFalse();
        assertThat(model.weight().toFloatArray()).hasSize(6);
    }

    @Test
    void badNamesAreRefused() {
        Layer layer = new Layer() {
            @Override
            public Tensor forward(Tensor x) {
                return x;
            }
        };
        layer.parameter("a", Tensor.ones(1));
        assertThatThrownBy(() -> layer.parameter("a", Tensor.ones(1))).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> layer.buffer("a.b", Tensor.ones(1))).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> layer.module("", new ReLU())).isInstanceOf(ArgumentException.class);
    }

    @Test
    void linearStartsWithinPyTorchsBounds() {
        Jangada.manualSeed(1);
        Linear linear = new Linear(100, 400);
        double bound = 0.1;
        for (Tensor t : linear.parameters()) {
            double sum = 0;
            double largest = 0;
            for (float x : t.toFloatArray()) {
                sum += (double) x * x;
                largest = Math.max(largest, Math.abs(x));
            }
            assertThat(largest).isBetween(0.98 * bound, bound);
            assertThat(sum / t.numel()).isCloseTo(bound * bound / 3, within(0.1 * bound * bound / 3));
        }
        Jangada.manualSeed(1);
        assertThat(new Linear(100, 400).weight().toFloatArray())
                .containsExactly(linear.weight().toFloatArray());
    }

    @Test
    void initialisersFillInPlace() {
        Tensor t = new Linear(30, 20).weight();
        assertThat(Init.xavierUniform_(t, 1)).isSameAs(t);
        for (float x : t.toFloatArray()) {
            assertThat(Math.abs(x)).isLessThan((float) Math.sqrt(6.0 / 50) + 1e-6f);
        }
        assertThat(Init.ones_(t).toFloatArray()).containsOnly(1);
        assertThat(Init.normal_(t, 5, 0).toFloatArray()).containsOnly(5);
        assertThat(t.requiresGrad()).isTrue();
        assertThatThrownBy(() -> Init.kaimingUniform_(Tensor.ones(3), 0)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Init.xavierUniform_(t, 0)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void layersComputeWhatTheySay() {
        Linear linear = new Linear(2, 1);
        linear.loadStateDict(Map.of("weight", Tensor.of(new float[][] {{2, 3}}), "bias", Tensor.of(new float[] {1})));
        Sequential model = new Sequential(linear).append("act", new ReLU());
        Tensor x = Tensor.of(new float[][] {{1, 1}, {-1, -1}});
        assertThat(model.forward(x).toFloatArray()).containsExactly(6, 0);
        assertThat(model.get(-1)).isInstanceOf(ReLU.class);
        assertThat(model.namedParameters().keySet()).containsExactly("0.weight", "0.bias");
        assertThatThrownBy(() -> model.get(2)).isInstanceOf(IndexException.class);
        assertThat(new Flatten().forward(Tensor.zeros(2, 3, 4)).shape()).isEqualTo(Shape.of(2, 12));
        assertThat(new Flatten(0, 1).forward(Tensor.zeros(2, 3, 4)).shape()).isEqualTo(Shape.of(6, 4));
        assertThatThrownBy(() -> new Flatten().forward(Tensor.zeros(2))).isInstanceOf(IndexException.class);
        assertThat(new Sigmoid().forward(Tensor.zeros(1)).item()).isEqualTo(0.5);
        assertThat(new Tanh().forward(Tensor.zeros(1)).item()).isZero();
        assertThat(new Identity().forward(x)).isSameAs(x);
        assertThatThrownBy(() -> new Linear(-1, 2)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> model.forward(Tensor.zeros(2, 3))).isInstanceOf(ShapeException.class);
    }

    @Test
    void lossesComputeWhatTheySay() {
        Tensor scores = Tensor.of(new float[][] {{0, 0}, {0, 0}});
        Tensor target = Tensor.of(new long[] {0, 1});
        assertThat(new CrossEntropyLoss().forward(scores, target).item()).isCloseTo(Math.log(2), within(1e-6));
        Tensor weight = Tensor.of(new float[] {1, 3});
        CrossEntropyLoss weighted =
                new CrossEntropyLoss(ClassLossOptions.DEFAULT.withWeight(weight).withReduction("sum"));
        assertThat(weighted.forward(scores, target).item()).isCloseTo(4 * Math.log(2), within(1e-5));
        assertThat(weighted.namedBuffers()).containsOnlyKeys("weight");
        Tensor a = Tensor.of(new float[] {1, 2});
        Tensor b = Tensor.of(new float[] {3, 2});
        assertThat(new MSELoss().forward(a, b).item()).isEqualTo(2);
        assertThat(new MSELoss("none").forward(a, b).toFloatArray()).containsExactly(4, 0);
    }
}
