package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.Index;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.io.PrintStream;
import java.util.Set;

/**
 * A lesson for those who know NumPy: integer tensors, broadcasting, products of matrices, promotion, and views that share their memory.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run tensors-like-numpy</pre>
 *
 * <p>Expect the same text that PyTorch prints for the same program.
 */
final class TensorsLikeNumpy implements Example {
    @Override
    public String name() {
        return "tensors-like-numpy";
    }

    @Override
    public String description() {
        return "Integer tensors, broadcasting, promotion, and views that share memory.";
    }

    @Override
    public Set<Option> options() {
        return Set.of();
    }

    @Override
    public void run(Options options, Metrics metrics) {
        PrintStream out = options.console();
        try (TensorScope scope = new TensorScope()) {
            integers(out);
            broadcasting(out);
            views(out);
            reductions(out);
            metrics.put("backend", Device.best().toString());
        }
    }

    private static void integers(PrintStream out) {
        out.println("== Integers stay integers");
        Tensor a = Tensor.of(new long[][] {{1, 2, 3}, {4, 5, 6}});
        out.println(a);
        out.println(a.dtype() + " " + a.shape());
        out.println(a.matmul(a.t())); // whole numbers, computed exactly
        out.println(a.mul(2).sub(1));
        out.println("== ... until something real comes in");
        out.println(a.mul(Math.PI)); // Math.PI * a in Python
        out.println(a.div(4)); // true division, as in Python 3
        out.println(a.floorDivide(4));
        out.println(a.remainder(4));
    }

    private static void broadcasting(PrintStream out) {
        out.println("== (2, 3, 2) + (3, 2): the smaller one is used twice");
        Tensor a = Tensor.arange(12).reshape(2, 3, 2);
        Tensor b = Tensor.of(new long[][] {{100, 200}, {300, 400}, {500, 600}});
        out.println(a.add(b));
        out.println("== (3, 1) * (4): an outer product");
        out.println(Tensor.arange(1, 4).unsqueeze(1).mul(Tensor.arange(4)));
    }

    private static void views(PrintStream out) {
        out.println("== A view is the same memory: what changes in one changes in the other");
        Tensor a = Tensor.arange(6).reshape(2, 3);
        Tensor turned = a.t();
        Tensor row = a.index(Index.at(0));
        row.set(99, Index.at(1)); // row[1] = 99
        turned.set(-1, Index.at(2), Index.at(1)); // turned[2, 1] = -1
        out.println(a);
        out.println(turned);
        a.fill_(7);
        out.println(row);
        out.println("== A copy is not");
        Tensor copy = a.clone();
        copy.zero_();
        out.println(a.index(Index.at(1), Index.all()));
        out.println("== Picked by numbers or by a condition: copies, too");
        Tensor squares = Tensor.arange(8).square();
        out.println(squares.index(Index.of(1, 3, 5)));
        out.println(squares.index(Index.of(squares.gt(20))));
        out.println(squares.index(Index.every(3)));
    }

    private static void reductions(PrintStream out) {
        out.println("== Sums, means and the largest");
        Tensor a = Tensor.of(new float[][] {{0.5f, 1e-3f, 2}, {1e4f, -1, 3}});
        out.println(a);
        out.println(a.sum());
        out.println(a.sum(0));
        out.println(a.mean(1));
        out.println(a.argmax(1));
        out.println(Tensor.linspace(0, 1, 5));
        out.println(a.gt(1));
    }
}
