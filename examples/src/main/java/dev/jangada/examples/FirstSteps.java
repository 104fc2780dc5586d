package dev.jangada.examples;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.DeviceException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Node;
import dev.jangada.nn.Parameter;
import dev.jangada.optim.SGD;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The first lesson: what a tensor is made of (type, device, names of dimensions), the graph that it remembers, and what that is good for.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run first-steps</pre>
 *
 * <p>Expect two errors that say what to do, and at the end a parameter that gradient descent has moved from -3.5 to the minimum at x = 2.
 */
final class FirstSteps implements Example {
    @Override
    public String name() {
        return "first-steps";
    }

    @Override
    public String description() {
        return "Types, devices, named dimensions, the graph, gradients, and a first minimum.";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.ITERATIONS, Option.LR);
    }

    @Override
    public void run(Options options, Metrics metrics) {
        PrintStream out = options.console();
        try (TensorScope scope = new TensorScope()) { // closes all tensors of the lesson
            types(out);
            devices(out);
            names(out);
            graph(out);
            metrics.put("backend", Device.best().toString()).put("x", descend(options));
        }
    }

    private static void types(PrintStream out) {
        out.println("\n== Types: a third, as precisely as each can hold it");
        Tensor third = Tensor.scalar(1.0, DType.FLOAT64).div(3);
        for (DType type : DType.values()) {
            out.println(third.to(type));
        }
        Tensor half = Tensor.ones(DType.FLOAT16, 2, 3);
        out.println(half.mul(1.5).add(half)); // a number does not change the type ...
        out.println(half.add(Tensor.of(new float[] {1, 2, 3})).dtype()); // ... a wider tensor does
    }

    private static void devices(PrintStream out) {
        out.println("\n== Devices: the numbers are the same everywhere, but tensors of two devices do not mix");
        Tensor here = Tensor.of(new float[] {1, 2, 3});
        boolean slow = here.device().equals(Device.of("reference"));
        try {
            Tensor there = here.to(slow ? Device.cpu() : Device.of("reference"));
            out.println(there.mul(2));
            here.add(there);
        } catch (DeviceException e) {
            out.println(e.getMessage());
        }
    }

    private static void names(PrintStream out) {
        out.println("\n== Named dimensions: so that rows and columns are not mixed up");
        Tensor scores = Tensor.of(new float[][] {{1, 2}, {3, 4}}).refineNames("student", "exam");
        out.println(scores);
        out.println(scores.mean("exam"));
        try {
            scores.sub(scores.mean("exam")); // would take the means of the students from the exams
        } catch (ArgumentException e) {
            out.println(e.getMessage());
        }
        out.println(scores.sub(scores.mean("exam").alignTo("student", "exam")));
    }

    private static void graph(PrintStream out) {
        out.println("\n== The graph: a result remembers how it was made");
        Tensor x = Tensor.of(new float[] {1, 2, 3}).requiresGrad_();
        Tensor y = x.square().add(1).mean();
        out.println(y);
        Optional<Node> node = y.gradFn();
        while (node.isPresent()) {
            out.println("  made by " + node.get().name());
            node = node.get().nextFunctions().stream().findFirst().flatMap(next -> next);
        }
        y.backward();
        out.println(x.grad()); // 2x / 3
    }

    private static double descend(Options options) {
        options.console().println("\n== Descent: from -3.5 down to the minimum of (x - 2)^2");
        Tensor x = Parameter.of(Tensor.scalar(-3.5));
        SGD optimizer = new SGD(List.of(x), options.lr(0.1));
        int steps = options.iterations(60);
        for (int i = 1; i <= steps; i++) {
            Tensor loss = x.sub(2).square();
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            if (i % 10 == 0) {
                options.console().printf(Locale.ROOT, "step %d: x = %.5f, loss = %.7f%n", i, x.item(), loss.item());
            }
        }
        return Progress.finite(x.item(), steps);
    }
}
