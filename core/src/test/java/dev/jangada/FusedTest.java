package dev.jangada;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.autograd.Autograd;
import dev.jangada.kernel.Expr;
import org.junit.jupiter.api.Test;

class FusedTest {
    private static final Fused SCALED_PRODUCT =
            Fused.of("ScaledProduct", 2, 1, (x, s) -> x[0].mul(x[1]).mul(s[0]));
    private static final FusedUpdate MOMENTUM = FusedUpdate.of("momentum", 2, 1, 2, (x, s) -> {
        Expr velocity = x[1].mul(s[1]).add(x[2]);
        return new Expr[] {x[0].sub(velocity.mul(s[0])), velocity};
    });

    @Test
    void operandsBroadcastAndScalarsChange() {
        Tensor a = Tensor.of(new float[][] {{1}, {2}});
        Tensor b = Tensor.of(new int[] {3, 4});
        assertThat(SCALED_PRODUCT.apply(new Tensor[] {a, b}, 2).toFloatArray()).containsExactly(6, 8, 12, 16);
        assertThat(SCALED_PRODUCT.apply(new Tensor[] {a, b}, 0.5).toFloatArray())
                .containsExactly(1.5f, 2, 3, 4);
    }

    @Test
    void gradientIsDerived() {
        Tensor a = Tensor.of(new float[] {1, 2}).requiresGrad_();
        Tensor b = Tensor.scalar(3.0).requiresGrad_();
        Tensor y = SCALED_PRODUCT.apply(new Tensor[] {a, b}, 2);
        assertThat(y.gradFn().orElseThrow().name()).isEqualTo("ScaledProductBackward0");
        y.sum().backward();
        assertThat(a.grad().toFloatArray()).containsExactly(6, 6);
        assertThat(b.grad().item()).isEqualTo(6);
    }

    @Test
    void wrongNumbersOfArgumentsAreRefused() {
        Tensor a = Tensor.of(new float[] {1});
        assertThatThrownBy(() -> SCALED_PRODUCT.apply(a, a)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> SCALED_PRODUCT.apply(new Tensor[] {a}, 1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Fused.of("none", 0, 0, (x, s) -> s[0])).isInstanceOf(ArgumentException.class);
    }

    @Test
    void updateSeesOldValuesAndChangesAll() {
        Tensor p = Tensor.of(new float[] {1, 2});
        Tensor v = Tensor.of(new float[] {10, 20});
        MOMENTUM.apply(new Tensor[] {p, v}, new Tensor[] {Tensor.scalar(1.0)}, 0.5, 0.5);
        assertThat(v.toFloatArray()).containsExactly(6, 11);
        assertThat(p.toFloatArray()).containsExactly(-2, -3.5f);
    }

    @Test
    void updateWorksOnStridedAndHalfTensors() {
        Tensor p = Tensor.of(new float[][] {{1, 2}, {3, 4}}).to(DType.FLOAT16);
        Tensor v = Tensor.zeros(DType.FLOAT64, 2, 2);
        MOMENTUM.apply(new Tensor[] {p.transpose(0, 1), v}, new Tensor[] {Tensor.of(new float[] {1, 2})}, 1, 0);
        assertThat(p.toFloatArray()).containsExactly(0, 1, 1, 2);
        assertThat(v.toFloatArray()).containsExactly(1, 2, 1, 2);
    }

    @Test
    void badUpdatesChangeNothing() {
        Tensor p = Tensor.of(new float[] {1, 2});
        Tensor v = Tensor.of(new float[] {1, 2});
        Tensor[] none = {};
        assertRefused(ShapeException.class, p, Tensor.of(new float[] {1}), p.clone());
        assertRefused(ShapeException.class, p, v, Tensor.of(new float[] {1, 2, 3}));
        assertRefused(ShapeException.class, p, v, Tensor.of(new float[][] {{1, 2}, {3, 4}}));
        assertRefused(DTypeException.class, p, Tensor.of(new int[] {1, 2}), p.clone());
        assertRefused(ArgumentException.class, p, p.detach(), v);
        assertThatThrownBy(() -> MOMENTUM.apply(new Tensor[] {p, v}, none, 1, 1))
                .isInstanceOf(ArgumentException.class);
        Tensor leaf = Tensor.of(new float[] {1, 2}).requiresGrad_();
        assertRefused(AutogradException.class, leaf, v, p.clone());
        assertRefused(AutogradException.class, v.clone(), v, leaf);
        assertThat(p.toFloatArray()).containsExactly(1, 2);
        assertThat(v.toFloatArray()).containsExactly(1, 2);
        try (Autograd.Mode off = Autograd.noGrad()) {
            MOMENTUM.apply(new Tensor[] {leaf, v}, new Tensor[] {p}, 1, 0);
        }
        assertThat(leaf.toFloatArray()).containsExactly(0, 0);
    }

    private static void assertRefused(Class<?> type, Tensor p, Tensor v, Tensor g) {
        assertThatThrownBy(() -> MOMENTUM.apply(new Tensor[] {p, v}, new Tensor[] {g}, 1, 1))
                .isInstanceOf(type);
    }

    @Test
    void setDataReplacesMemoryAndDropsTheGradient() {
        Tensor p = Tensor.of(new float[] {1, 2}).requiresGrad_();
        p.mul(2).sum().backward();
        Tensor data = Tensor.of(new double[][] {{1}, {2}, {3}}).to(DType.FLOAT64);
        p.setData(data);
        data.close();
        assertThat(p.hasGrad()).isFalse();
        assertThat(p.shape()).isEqualTo(Shape.of(3, 1));
        p.mul(3).sum().backward();
        assertThat(p.grad().dtype()).isEqualTo(DType.FLOAT64);
        assertThat(p.grad().toFloatArray()).containsExactly(3, 3, 3);
        assertThatThrownBy(() -> p.mul(2).setData(p)).isInstanceOf(AutogradException.class);
        assertThatThrownBy(() -> p.setData(Tensor.of(new int[] {1}))).isInstanceOf(AutogradException.class);
    }
}
