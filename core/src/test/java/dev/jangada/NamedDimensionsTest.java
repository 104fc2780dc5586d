package dev.jangada;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamedDimensionsTest {
    private static Tensor named(String... names) {
        long[] sizes = new long[names.length];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = 2 + i;
        }
        return Tensor.ones(sizes).refineNames(names);
    }

    @Test
    void operationsKeepThem() {
        Tensor x = named("N", "C");
        assertThat(x.names()).containsExactly("N", "C");
        assertThat(Tensor.ones(2, 3).names()).containsExactly("_", "_");
        assertThat(x.exp().names()).containsExactly("N", "C");
        assertThat(x.mul(2).add(x).names()).containsExactly("N", "C");
        assertThat(x.add(Tensor.ones(2, 3)).names()).containsExactly("N", "C");
        assertThat(x.add(Tensor.ones(4, 2, 3)).names()).containsExactly("_", "N", "C");
        assertThat(x.transpose(0, 1).names()).containsExactly("C", "N");
        assertThat(x.permute(1, 0).names()).containsExactly("C", "N");
        assertThat(x.narrow(0, 0, 1).names()).containsExactly("N", "C");
        assertThat(x.select("N", 1).names()).containsExactly("C");
        assertThat(x.clone().names()).containsExactly("N", "C");
        assertThat(x.detach().to(DType.FLOAT64).names()).containsExactly("N", "C");
        assertThat(x.reshape(6).names()).containsExactly("_");
        assertThat(x.add_(1).names()).containsExactly("N", "C");
        assertThat(x.size("C")).isEqualTo(3);
    }

    @Test
    void reductionsByName() {
        Tensor x = named("N", "C", "T");
        Tensor sum = x.sum("C");
        assertThat(sum.names()).containsExactly("N", "T");
        assertThat(sum.toFloatArray()).containsOnly(3).hasSize(8);
        assertThat(x.mean("N", "T").names()).containsExactly("C");
        assertThat(x.sum(1, true).names()).containsExactly("N", "C", "T");
        assertThat(x.sum().names()).isEmpty();
    }

    @Test
    void namesChange() {
        Tensor x = named("N", "_", "T");
        assertThat(x.refineNames("N", "C", "T").names()).containsExactly("N", "C", "T");
        assertThat(x.rename("A", "B", "C").names()).containsExactly("A", "B", "C");
        assertThat(x.rename().names()).containsExactly("_", "_", "_");
        assertThat(x.names()).containsExactly("N", "_", "T");
        Tensor y = named("N", "C").alignTo("C", "H", "N");
        assertThat(y.names()).containsExactly("C", "H", "N");
        assertThat(y.shape()).isEqualTo(Shape.of(3, 1, 2));
    }

    @Test
    void differentNamesAtOnePlaceAreAnError() {
        Tensor x = Tensor.ones(3, 3).refineNames("N", "C");
        assertThatThrownBy(() -> x.add(x.transpose(0, 1)))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("[add]")
                .hasMessageContaining("[N, C] and [C, N]");
        assertThatThrownBy(() -> x.add_(x.transpose(0, 1))).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> x.add(Tensor.ones(3, 3).refineNames("C", "_")))
                .hasMessageContaining("got N and C")
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("alignTo");
        assertThatThrownBy(() -> Tensor.ones(3, 3)
                        .refineNames("C", "_")
                        .add(Tensor.ones(3).refineNames("C")))
                .hasMessageContaining("two places");
        assertThat(x.toFloatArray()).containsOnly(1);
        assertThat(x.add(x.transpose(0, 1).alignTo("N", "C")).names()).containsExactly("N", "C");
    }

    @ParameterizedTest
    @CsvSource({"N", "N,N", "N,C,T", "N,a b", "N,''", "N,1x"})
    void senselessNamesAreRefused(String names) {
        String[] split = java.util.Arrays.stream(names.split(","))
                .map(n -> n.replace("'", ""))
                .toArray(String[]::new);
        assertThatThrownBy(() -> Tensor.ones(2, 3).refineNames(split)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Tensor.ones(2, 3).rename(split)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void namesThatDoNotExistAreRefused() {
        Tensor x = named("N", "_");
        assertThatThrownBy(() -> x.sum("C")).isInstanceOf(IndexException.class).hasMessageContaining("[N, _]");
        assertThatThrownBy(() -> x.size("_")).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> x.refineNames("C", "_")).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> x.alignTo("N", "C")).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> named("N", "C").alignTo("N")).isInstanceOf(ArgumentException.class);
    }

    @Test
    void printedAsInPyTorch() {
        assertThat(Tensor.zeros(2, 2).refineNames("N", "_"))
                .hasToString("tensor([[0., 0.],\n        [0., 0.]], names=('N', None))");
        assertThat(Tensor.of(new long[] {1, 2}).rename("C")).hasToString("tensor([1, 2], names=('C',))");
    }

    @Test
    void gradientsPassThrough() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).requiresGrad_();
        Tensor n = x.rename("N", "C");
        Tensor y =
                n.mul(n).transpose(0, 1).sum("C").sum().add(x.rename("A", "B").sum());
        y.backward();
        assertThat(x.grad().toFloatArray()).containsExactly(3, 5, 7, 9);
        assertThat(x.grad().names()).containsExactly("_", "_");
        Tensor leaf = Tensor.ones(2, 2).refineNames("N", "C").detach().requiresGrad_();
        leaf.mul(leaf.select("N", 0)).sum().backward();
        assertThat(leaf.grad().toFloatArray()).containsExactly(3, 3, 1, 1);
    }
}
