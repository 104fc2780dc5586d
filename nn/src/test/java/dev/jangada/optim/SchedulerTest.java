package dev.jangada.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The courses of single schedules are in the corpus; here is what they do together, their states and their errors. */
class SchedulerTest {
    private static SGD sgd(double lr) {
        return new SGD(
                List.of(Tensor.ones(1).requiresGrad_()), SGD.Options.of(lr).withMomentum(0.9));
    }

    private static Arguments of(Function<Optimizer<?>, LRScheduler> constructor) {
        return Arguments.of(constructor);
    }

    static Stream<Arguments> schedules() {
        return Stream.of(
                of(o -> new StepLR(o, 3, 0.5)),
                of(o -> new MultiStepLR(o, List.of(2L, 7L), 0.1)),
                of(o -> new ExponentialLR(o, 0.9)),
                of(o -> new ConstantLR(o, 0.5, 6)),
                of(o -> new LinearLR(o, 0.1, 1, 8)),
                of(o -> new PolynomialLR(o, 9, 2)),
                of(o -> new CosineAnnealingLR(o, 4, 0.01)),
                of(o -> new CosineAnnealingWarmRestarts(o, 2, 2, 0)),
                of(o -> new LambdaLR(o, e -> 1.0 / (1 + e))),
                of(o -> new MultiplicativeLR(o, e -> e % 2 == 0 ? 0.5 : 1)),
                of(o -> new OneCycleLR(o, 1, 12)),
                of(o -> new CyclicLR(o, CyclicLR.Options.of(0.1, 1).withStepSizes(3, 2))),
                of(o -> new SequentialLR(
                        o, List.of(new LinearLR(o, 0.1, 1, 4), new CosineAnnealingLR(o, 8)), List.of(4L))),
                of(o -> new ChainedScheduler(List.of(new StepLR(o, 2, 0.5), new ExponentialLR(o, 0.9)))));
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void goesOnFromItsState(Function<Optimizer<?>, LRScheduler> constructor) {
        SGD straight = sgd(0.4);
        LRScheduler schedule = constructor.apply(straight);
        for (int i = 0; i < 5; i++) {
            schedule.step();
        }
        Map<String, Tensor> state = schedule.stateDict();
        Map<String, Tensor> ofOptimizer = straight.stateDict();

        SGD resumed = sgd(0.9);
        LRScheduler second = constructor.apply(resumed);
        resumed.loadStateDict(ofOptimizer);
        second.loadStateDict(state);
        for (int i = 0; i < 6; i++) {
            assertThat(second.lastLr()).containsExactly(schedule.lastLr());
            assertThat(resumed.groups().get(0).options())
                    .isEqualTo(straight.groups().get(0).options());
            schedule.step();
            second.step();
        }
        assertThat(resumed.lr()).isEqualTo(straight.lr());
    }

    @Test
    void warmUpThenCosine() {
        SGD sgd = sgd(1);
        LRScheduler schedule = new SequentialLR(
                sgd, List.of(new LinearLR(sgd, 0.25, 1, 3), new CosineAnnealingLR(sgd, 2)), List.of(3L));
        double[] expected = {0.25, 0.5, 0.75, 1, 0.5, 0};
        for (double lr : expected) {
            assertThat(sgd.lr()).isCloseTo(lr, within(1e-12));
            assertThat(schedule.lastLr()).containsExactly(sgd.lr());
            schedule.step();
        }
    }

    @Test
    void effectsOfSeveralMultiply() {
        SGD sgd = sgd(1);
        LRScheduler chain = new ChainedScheduler(List.of(new StepLR(sgd, 2, 0.1), new ExponentialLR(sgd, 0.5)));
        chain.step();
        assertThat(sgd.lr()).isCloseTo(0.5, within(1e-15));
        chain.step();
        assertThat(sgd.lr()).isCloseTo(0.025, within(1e-15));
    }

    @Test
    void oneCycleEndsAndNoFurther() {
        SGD sgd = sgd(1);
        LRScheduler cycle = new OneCycleLR(sgd, 1, 4);
        for (int i = 0; i < 4; i++) {
            cycle.step();
        }
        assertThat(sgd.lr()).isCloseTo(1 / 25e4, within(1e-15));
        assertThatThrownBy(cycle::step).isInstanceOf(ArgumentException.class).hasMessageContaining("at most 4 steps");
        assertThat(sgd.lr()).isCloseTo(1 / 25e4, within(1e-15));
    }

    @Test
    void plateauGoesOnFromItsState() {
        SGD a = sgd(1);
        ReduceLROnPlateau.Options options = ReduceLROnPlateau.Options.defaults()
                .withPatience(1)
                .withFactor(0.5)
                .withCooldown(1);
        ReduceLROnPlateau first = new ReduceLROnPlateau(a, options);
        first.step(3);
        first.step(4);
        SGD b = sgd(9);
        ReduceLROnPlateau second = new ReduceLROnPlateau(b, options);
        b.loadStateDict(a.stateDict());
        second.loadStateDict(first.stateDict());
        for (double value : new double[] {5, 5, 5, 5, 2, 5, 5}) {
            first.step(value);
            second.step(value);
            assertThat(b.lr()).isEqualTo(a.lr());
        }
        assertThat(a.lr()).isEqualTo(0.125);
        assertThat(second.lastEpoch()).isEqualTo(9);
    }

    @Test
    void badArgumentsAndStatesAreRefused() {
        SGD sgd = sgd(1);
        assertThatThrownBy(() -> new StepLR(sgd, 0, 0.1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new LinearLR(sgd, 0, 1, 5)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new CosineAnnealingLR(sgd, 0)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new LambdaLR(sgd, List.of(e -> 1, e -> 1))).isInstanceOf(ArgumentException.class);
        Adagrad adagrad = new Adagrad(List.of(Tensor.ones(1).requiresGrad_()), 0.5);
        assertThatThrownBy(() -> new OneCycleLR(adagrad, 1, 10))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("momentum");
        assertThat(adagrad.lr()).isEqualTo(0.5);
        assertThatThrownBy(() -> new SequentialLR(sgd, List.of(new StepLR(sgd, 1, 1)), List.of(3L)))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new ChainedScheduler(List.of(new StepLR(sgd, 1, 1), new StepLR(sgd(1), 1, 1))))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("index 1");
        assertThatThrownBy(() -> new StepLR(sgd, 1, 1).loadStateDict(new ExponentialLR(sgd, 1).stateDict()))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("names such as [ExponentialLR.");
        SGD two = sgd(1);
        two.addGroup(List.of(Tensor.ones(1).requiresGrad_()), SGD.Options.of(1));
        assertThatThrownBy(() -> new StepLR(sgd, 1, 1).loadStateDict(new StepLR(two, 1, 1).stateDict()))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("shape [2] instead of [1]");
    }
}
