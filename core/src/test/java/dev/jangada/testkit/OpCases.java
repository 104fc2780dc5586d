package dev.jangada.testkit;

import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.ops.Activations;
import dev.jangada.ops.ClassLosses;
import dev.jangada.ops.LinearAlgebra;
import dev.jangada.ops.Losses;
import dev.jangada.ops.Normalization;
import dev.jangada.ops.Recurrence;
import dev.jangada.ops.SequenceSteps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** The table of differentiable operations: one row gives its gradient checks and its comparison with the reference backend. */
public final class OpCases {
    /** An operation of tensors. */
    @FunctionalInterface
    public interface Operation {
        /** Returns the result. */
        Tensor apply(Tensor... inputs);
    }

    /**
     * One row.
     *
     * @param name the operation
     * @param run calls it
     * @param shapes shapes of its inputs
     * @param low lower end of the samples, within the domain where it is differentiable
     * @param high upper end of the samples
     */
    public record OpCase(String name, Operation run, List<long[]> shapes, double low, double high) {
        @Override
        public String toString() {
            return name + shapes.stream().map(java.util.Arrays::toString).toList();
        }
    }

    private static final long[][] ANY_SHAPE = {{3, 4}, {}, {0, 3}, {2, 1, 3}};

    private final List<OpCase> rows = new ArrayList<>();

    private OpCases() {}

    /** Returns all rows. */
    public static List<OpCase> all() {
        OpCases t = new OpCases();
        t.functions();
        t.activations();
        t.arithmetic();
        t.reductions();
        t.products();
        t.losses();
        LayerCases.addTo(t);
        return t.rows;
    }

    void add(String name, double low, double high, Operation run, long[]... shapes) {
        rows.add(new OpCase(name, run, List.of(shapes), low, high));
    }

    private void unary(String name, double low, double high, UnaryOperator<Tensor> run) {
        for (long[] shape : ANY_SHAPE) {
            add(name, low, high, x -> run.apply(x[0]), shape);
        }
    }

    private void binary(String name, double low, double high, BinaryOperator<Tensor> run) {
        Operation op = x -> run.apply(x[0], x[1]);
        add(name, low, high, op, new long[] {3, 4}, new long[] {3, 4});
        add(name, low, high, op, new long[] {3, 4}, new long[] {4});
        add(name, low, high, op, new long[] {3, 1}, new long[] {1, 4});
        add(name, low, high, op, new long[] {}, new long[] {2, 3});
        if (!name.endsWith("mean")) { // the mean of nothing is NaN
            add(name, low, high, op, new long[] {0, 3}, new long[] {1, 3});
        }
    }

    private void functions() {
        unary("exp", -2, 2, Tensor::exp);
        unary("expm1", -2, 2, Tensor::expm1);
        unary("log", 0.2, 3, Tensor::log);
        unary("log1p", -0.5, 3, Tensor::log1p);
        unary("sqrt", 0.2, 3, Tensor::sqrt);
        unary("rsqrt", 0.2, 3, Tensor::rsqrt);
        unary("reciprocal", 0.3, 2, Tensor::reciprocal);
        unary("sin", -2, 2, Tensor::sin);
        unary("tan", -1, 1, Tensor::tan);
        unary("asin", -0.8, 0.8, Tensor::asin);
        unary("atan", -2, 2, Tensor::atan);
        unary("tanh", -2, 2, Tensor::tanh);
        unary("acosh", 1.2, 3, Tensor::acosh);
        unary("atanh", -0.8, 0.8, Tensor::atanh);
        unary("sigmoid", -3, 3, Tensor::sigmoid);
        unary("erf", -2, 2, Tensor::erf);
        unary("abs", 0.2, 2, Tensor::abs);
        unary("square", -2, 2, Tensor::square);
        unary("logit", 0.2, 0.8, Tensor::logit);
        unary("pow", 0.2, 2, x -> x.pow(2.5));
    }

    private void activations() {
        unary("relu", 0.1, 2, Tensor::relu);
        unary("leakyRelu", -2, -0.1, x -> Activations.leakyRelu(x, 0.1));
        unary("elu", -2, -0.1, x -> Activations.elu(x, 1.5));
        unary("selu", 0.1, 2, Activations::selu);
        unary("gelu", -2, 2, x -> Activations.gelu(x, false));
        unary("geluTanh", -2, 2, x -> Activations.gelu(x, true));
        unary("silu", -2, 2, Activations::silu);
        unary("mish", -2, 2, Activations::mish);
        unary("softplus", -2, 2, x -> Activations.softplus(x, 1.5, 20));
        unary("hardswish", -2, 2, Activations::hardswish);
        unary("logsigmoid", -2, 2, Activations::logsigmoid);
        unary("softsign", 0.1, 2, Activations::softsign);
        unary("tanhshrink", -2, 2, Activations::tanhshrink);
        unary("softmax", -2, 2, x -> x.softmax(-1));
        unary("logSoftmax", -2, 2, x -> x.logSoftmax(0));
        add(
                "layerNorm",
                -2,
                2,
                x -> Normalization.layerNorm(x[0], new long[] {4}, x[1], x[2], 1e-5),
                new long[] {3, 4},
                new long[] {4},
                new long[] {4});
    }

    private void arithmetic() {
        binary("add", -2, 2, Tensor::add);
        binary("sub", -2, 2, Tensor::sub);
        binary("mul", -2, 2, Tensor::mul);
        binary("div", 0.3, 2, Tensor::div);
        binary("powTensor", 0.3, 2, Tensor::pow);
        binary("maximum", -2, 2, Tensor::maximum);
        binary("atan2", 0.3, 2, Tensor::atan2);
        binary("hypot", 0.3, 2, Tensor::hypot);
        binary("logaddexp", -2, 2, Tensor::logaddexp);
        binary("lerp", -2, 2, (a, b) -> a.lerp(b, 0.3));
    }

    private void reductions() {
        unary("sum", -2, 2, x -> x.sum(new int[] {-1}, true));
        unary("sumAll", -2, 2, Tensor::sum);
        unary("mean", -2, 2, x -> x.mean(new int[] {0}, false));
        unary("prod", -2, 2, x -> x.prod(-1, false));
        unary("prodZero", -2, 2, x -> x.mul(x.detach().gt(0L)).prod(-1, false));
        unary("logsumexp", -2, 2, x -> x.logsumexp(-1));
        unary("norm", 0.2, 2, x -> x.norm(2, new int[] {-1}, false));
        unary("norm3", 0.2, 2, x -> x.norm(3, new int[] {-1}, false));
        unary("cumsum", -2, 2, x -> x.cumsum(0));
        unary("cumprod", 0.3, 2, x -> x.cumprod(-1));
        unary("logcumsumexp", -2, 2, x -> x.logcumsumexp(-1));
        unary("sort", -2, 2, x -> x.sort(-1, true).values());
        for (long[] shape : new long[][] {{3, 4}, {2, 1, 3}}) {
            add("var", -2, 2, x -> x[0].var(new int[] {-1}, 1, false), shape);
            add("std", -2, 2, x -> x[0].std(new int[] {-1}, 1, true), shape);
            add("amax", -2, 2, x -> x[0].amax(-1), shape);
            add("max", -2, 2, x -> x[0].max(-1).values(), shape);
            add("minAll", -2, 2, x -> x[0].min(), shape);
            add("topk", -2, 2, x -> x[0].topk(2).values(), shape);
            add("median", -2, 2, x -> x[0].median(-1, true).values(), shape);
            add("cummax", -2, 2, x -> x[0].cummax(-1).values(), shape);
        }
    }

    private void products() {
        Operation matmul = x -> x[0].matmul(x[1]);
        long[][][] pairs = {
            {{3}, {3}},
            {{2, 3}, {3}},
            {{3}, {3, 2}},
            {{2, 3}, {3, 4}},
            {{2, 2, 3}, {3, 4}},
            {{2, 3}, {2, 3, 4}},
            {{2, 1, 2, 3}, {3, 3, 2}},
            {{0, 3}, {3, 2}},
            {{2, 0}, {0, 3}},
            {{2, 2, 3}, {3}}
        };
        for (long[][] pair : pairs) {
            add("matmul", -2, 2, matmul, pair);
        }
        Operation linear = x -> LinearAlgebra.linear(x[0], x[1], x[2]);
        add("linear", -2, 2, linear, new long[] {3, 4}, new long[] {2, 4}, new long[] {2});
        add("linear", -2, 2, linear, new long[] {2, 3, 4}, new long[] {2, 4}, new long[] {2});
        add("linear", -2, 2, linear, new long[] {4}, new long[] {2, 4}, new long[] {2});
        add(
                "addmm",
                -2,
                2,
                x -> x[0].addmm(x[1], x[2], Scalar.of(0.5), Scalar.of(2.0)),
                new long[] {3},
                new long[] {2, 4},
                new long[] {4, 3});
        add("einsum", -2, 2, x -> Tensor.einsum("bij,kj->bik", x), new long[] {2, 3, 4}, new long[] {2, 4});
        add("einsumDiagonal", -2, 2, x -> Tensor.einsum("ii,i->i", x), new long[] {3, 3}, new long[] {3});
        add("trace", -2, 2, x -> x[0].trace(), new long[] {3, 4});
    }

    private void losses() {
        for (String reduction : new String[] {"mean", "sum", "none"}) {
            binary("mse " + reduction, -2, 2, (a, b) -> Losses.mse(a, b, reduction));
            binary("smoothL1 " + reduction, -2, 2, (a, b) -> Losses.smoothL1(a, b, 0.7, reduction));
            add(
                    "crossEntropy",
                    -2,
                    2,
                    x -> ClassLosses.crossEntropy(
                            x[0], Tensor.of(new long[] {1, 3, 0}).to(x[0].device()), null, 3, reduction, 0),
                    new long[] {3, 4});
            add(
                    "smoothed",
                    -2,
                    2,
                    x -> ClassLosses.crossEntropy(
                            x[0], Tensor.of(new long[] {1, 3, 0}).to(x[0].device()), null, -100, reduction, 0.1),
                    new long[] {3, 4});
            add(
                    "bceWithLogits",
                    0.1,
                    0.9,
                    x -> Losses.bceWithLogits(x[0], x[1], null, null, reduction),
                    new long[] {3, 4},
                    new long[] {3, 4});
            add("bce", 0.1, 0.9, x -> Losses.bce(x[0], x[1], null, reduction), new long[] {3, 4}, new long[] {3, 4});
        }
    }

    /** Inputs x, states, weights, biases; sequences of one length, then of lengths 3 and 2 from their ends. */
    private void recurrent() {
        for (Recurrence.Kind kind : Recurrence.Kind.values()) {
            for (boolean packed : new boolean[] {false, true}) {
                SequenceSteps steps =
                        packed ? SequenceSteps.of(new long[] {2, 2, 1}, true) : SequenceSteps.uniform(3, 2, false);
                List<long[]> shapes = new ArrayList<>();
                shapes.add(new long[] {packed ? 5 : 6, 2});
                for (int i = 0; i < kind.states(); i++) {
                    shapes.add(new long[] {2, 3});
                }
                long gates = 3L * kind.gates();
                shapes.addAll(
                        List.of(new long[] {gates, 2}, new long[] {gates, 3}, new long[] {gates}, new long[] {gates}));
                double low = kind == Recurrence.Kind.RNN_RELU ? 0.1 : -1; // no sum of both signs near the kink
                add(kind.toString(), low, 1, x -> recurrent(kind, steps, x), shapes.toArray(new long[0][]));
            }
        }
    }

    private static Tensor recurrent(Recurrence.Kind kind, SequenceSteps steps, Tensor... x) {
        List<Tensor> all = List.of(x);
        int weights = 1 + kind.states();
        List<Tensor> states = all.subList(1, weights);
        return Tensor.cat(0, Recurrence.run("case", kind, steps, x[0], states, all.subList(weights, x.length)));
    }
}
