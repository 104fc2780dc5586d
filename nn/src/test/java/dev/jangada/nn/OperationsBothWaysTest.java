package dev.jangada.nn;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.DType;
import dev.jangada.Fused;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.autograd.Function;
import dev.jangada.backend.Backends;
import dev.jangada.capture.Capture;
import dev.jangada.nn.BothWays.Program;
import dev.jangada.nn.BothWays.Training;
import dev.jangada.optim.Adam;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Training steps with operations that are made of several kernels, draw numbers, or are the user's own: captured as they are eagerly. */
class OperationsBothWaysTest {
    private static final Fused SCALED_PRODUCT =
            Fused.of("ScaledProduct", 2, 1, (x, s) -> x[0].mul(x[1]).mul(s[0]));

    private static final class Cube extends Function {
        @Override
        protected Tensor[] forward(Context context, Tensor... inputs) {
            context.saveForBackward(inputs[0]);
            return new Tensor[] {inputs[0].mul(inputs[0]).mul(inputs[0])};
        }

        @Override
        protected Tensor[] backward(Context context, Tensor... grads) {
            return new Tensor[] {grads[0].mul(context.saved(0).square().mul(3))};
        }
    }

    static Stream<Program> programs() {
        return Stream.of(
                loss("a function with its own gradient", (x, y) -> new Cube().apply(y)[0]),
                loss("a kernel of the user's", (x, y) -> SCALED_PRODUCT.apply(new Tensor[] {y, y.sin()}, 0.5)),
                loss("a hook", OperationsBothWaysTest::hooked),
                loss("actions by their weights", (x, y) -> chosen(y, true)),
                loss("different actions by their weights", (x, y) -> chosen(y, false)),
                loss(
                        "one-hot targets",
                        (x, y) -> y.softmax(1).sub(x.argmax(1).remainder(4).oneHot(4))),
                loss(
                        "rows in random order",
                        (x, y) -> y.indexSelect(0, Tensor.randperm(7)).select(0, 0)),
                loss("noise", (x, y) -> y.add(Tensor.randn(7, 4).mul(0.1)).mul(y.detach())),
                loss("masks", (x, y) -> y.maskedFill(y.gt(0.3), 0).abs()),
                loss(
                        "scatter and cat",
                        (x, y) -> Tensor.cat(1, y, Tensor.zeros(7, 4).scatterAdd(1, y.argmax(1, true), y), y.exp())),
                loss(
                        "moments, norm, products",
                        (x, y) -> y.std().add(y.norm()).add(y.cumprod(1).mean())),
                loss(
                        "orders",
                        (x, y) -> y.topk(2)
                                .values()
                                .mean()
                                .add(y.sort(1, true).values().select(1, 1).sum())),
                loss(
                        "batches of products",
                        (x, y) -> y.unsqueeze(0).matmul(y.unsqueeze(0).transpose(1, 2))),
                loss("targets of its own", (x, y) -> y.sub(Autograd.noGrad(y::sign))),
                loss(
                        "a loop before",
                        (x, y) -> y.mul(
                                Capture.loop(5, y.detach(), (v, i) -> v.mul(0.9).add(Tensor.rand(7, 4))))),
                loss("two types", (x, y) -> y.to(DType.FLOAT64).exp().log1p().to(DType.FLOAT32)));
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
        BothWays.check(program, "reference", 6);
    }

    /** A small network whose loss is the mean square of what becomes of its input x and result y. */
    private static Program loss(String name, BiFunction<Tensor, Tensor, Tensor> what) {
        return new Program(name, () -> {
            Sequential m = new Sequential(new Linear(6, 5), new Tanh(), new Linear(5, 4));
            Adam o = new Adam(m.parameters(), 0.05);
            return new Training(
                    m,
                    o,
                    args -> {
                        o.zeroGrad();
                        Tensor x = args.tensor(0);
                        Tensor loss = what.apply(x, m.forward(x)).square().mean();
                        loss.backward();
                        o.step();
                        return List.of(loss);
                    },
                    i -> new Object[] {Tensor.randn(7, 6)});
        });
    }

    private static Tensor hooked(Tensor x, Tensor y) {
        y.registerHook(g -> g.mul(0.5));
        return y.mul(x.sum());
    }

    private static Tensor chosen(Tensor y, boolean replacement) {
        return y.logSoftmax(1).gather(1, y.detach().softmax(1).multinomial(2, replacement));
    }
}
