package dev.jangada.nn;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.Tensor;
import dev.jangada.backend.Backends;
import dev.jangada.nn.BothWays.Program;
import dev.jangada.nn.BothWays.Training;
import dev.jangada.optim.ASGD;
import dev.jangada.optim.Adadelta;
import dev.jangada.optim.Adagrad;
import dev.jangada.optim.Adam;
import dev.jangada.optim.Adamax;
import dev.jangada.optim.NAdam;
import dev.jangada.optim.OneCycleLR;
import dev.jangada.optim.Optimizer;
import dev.jangada.optim.RAdam;
import dev.jangada.optim.RMSprop;
import dev.jangada.optim.Rprop;
import dev.jangada.optim.SGD;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps of every optimiser count in a captured program as they do eagerly. */
class OptimizersBothWaysTest {
    static Stream<Program> programs() {
        return Stream.of(
                of("Adam with amsgrad", p -> new Adam(p, Adam.Options.of(0.01).withAmsgrad(true))),
                of("Adamax", p -> new Adamax(p, 0.01)),
                of("NAdam", p -> new NAdam(p, 0.01)),
                of("RAdam, adaptive from its sixth step on", p -> new RAdam(p, 0.01)),
                of("Adagrad", p -> new Adagrad(p, Adagrad.Options.of(0.1).withLrDecay(0.1))),
                of("Adadelta", p -> new Adadelta(p)),
                of(
                        "RMSprop, centered",
                        p -> new RMSprop(
                                p, RMSprop.Options.of(0.01).withCentered(true).withMomentum(0.5))),
                of("Rprop", p -> new Rprop(p, 0.01)),
                of("ASGD", p -> new ASGD(p, ASGD.Options.of(0.1).withT0(3))),
                new Program("a schedule of learning rate and momentum", OptimizersBothWaysTest::oneCycle),
                new Program("a state loaded between steps", OptimizersBothWaysTest::loading),
                new Program("groups with options of their own", OptimizersBothWaysTest::groups),
                new Program("gradients from outside", OptimizersBothWaysTest::gradientsFromOutside));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void onTheCpu(Program program) {
        assumeTrue(Backends.defaultDevice().type().equals("cpu"), "needs the backend cpu");
        BothWays.check(program, "cpu", 12);
    }

    @ParameterizedTest
    @MethodSource("programs")
    void onTheReferenceBackend(Program program) {
        BothWays.check(program, "reference", 8);
    }

    private static Program of(String name, Function<List<Tensor>, Optimizer<?>> make) {
        return new Program(name, () -> {
            Sequential m = network();
            return training(m, make.apply(m.parameters()));
        });
    }

    private static Sequential network() {
        return new Sequential(new Linear(6, 5), new Tanh(), new Linear(5, 3));
    }

    private static Training training(Sequential m, Optimizer<?> o) {
        return new Training(
                m,
                o,
                args -> {
                    Tensor loss = m.forward(args.tensor(0)).square().mean();
                    o.zeroGrad();
                    loss.backward();
                    o.step();
                    return List.of(loss);
                },
                i -> new Object[] {Tensor.randn(4, 6)});
    }

    private static Training oneCycle() {
        Sequential m = network();
        SGD o = new SGD(m.parameters(), SGD.Options.of(0.1).withMomentum(0.9));
        OneCycleLR schedule = new OneCycleLR(o, 0.5, 20);
        return training(m, o).between(i -> schedule.step());
    }

    private static Training loading() {
        Sequential m = network();
        Adam o = new Adam(m.parameters(), 0.05);
        Map<String, Tensor> saved = new LinkedHashMap<>();
        return training(m, o).between(i -> {
            if (i == 2) {
                o.stateDict().forEach((name, t) -> saved.put(name, t.clone()));
            } else if (i == 5) {
                o.loadStateDict(saved);
            }
        });
    }

    private static Training gradientsFromOutside() {
        Sequential m = network();
        Adam o = new Adam(m.parameters(), 0.05);
        Tensor bias = m.parameters().get(1);
        return new Training(
                        m,
                        o,
                        args -> {
                            o.step();
                            return List.of(args.tensor(0).sum());
                        },
                        i -> new Object[] {Tensor.randn(4, 6)})
                .between(i -> {
                    m.zeroGrad();
                    m.forward(Tensor.randn(4, 6)).square().mean().backward();
                    if (i % 3 == 1) {
                        bias.zeroGrad();
                    }
                });
    }

    private static Training groups() {
        Sequential m = network();
        SGD o = new SGD(m.parameters().subList(0, 2), SGD.Options.of(0.1).withWeightDecay(0.1));
        o.addGroup(
                m.parameters().subList(2, 4),
                SGD.Options.of(0.2).withMomentum(0.9).withNesterov(true));
        return training(m, o);
    }
}
