package dev.jangada.capture;

import dev.jangada.Tensor;
import java.security.CodeSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Finds out which line of the user's asked for what cannot be had. */
final class SourceLine {
    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final CodeSource CORE = Tensor.class.getProtectionDomain().getCodeSource();
    private static final Set<String> LIBRARY = Set.of(
            "dev.jangada",
            "dev.jangada.autograd",
            "dev.jangada.backend",
            "dev.jangada.capture",
            "dev.jangada.io",
            "dev.jangada.kernel",
            "dev.jangada.ops",
            "dev.jangada.nn",
            "dev.jangada.nn.init",
            "dev.jangada.nn.rbm",
            "dev.jangada.optim",
            "dev.jangada.data",
            "dev.jangada.train");

    private SourceLine() {}

    /** Returns the innermost line within the captured function that is not of this library or of the JDK. */
    static Optional<String> user() {
        List<StackWalker.StackFrame> frames =
                STACK.walk(all -> all.takeWhile(f -> f.getDeclaringClass() != Tracer.class)
                        .filter(f -> !f.getDeclaringClass().getName().startsWith("java."))
                        .collect(Collectors.toList()));
        return first(frames, f -> !LIBRARY.contains(f.getDeclaringClass().getPackageName()))
                .or(() -> first(frames, f -> !isCore(f.getDeclaringClass())));
    }

    /** Returns the innermost line that is not of the machinery. */
    static Optional<String> caller() {
        return STACK.walk(frames ->
                        frames.filter(f -> !isMachinery(f.getDeclaringClass())).findFirst())
                .map(SourceLine::line);
    }

    private static Optional<String> first(
            List<StackWalker.StackFrame> frames, Predicate<StackWalker.StackFrame> condition) {
        return frames.stream().filter(condition).findFirst().map(SourceLine::line);
    }

    private static boolean isMachinery(Class<?> c) {
        String name = c.getPackageName();
        return isCore(c) && (name.equals("dev.jangada.capture") || name.equals("dev.jangada.ops"));
    }

    /** Tests lie in the packages of what they test. */
    private static boolean isCore(Class<?> c) {
        return c.getProtectionDomain().getCodeSource() == CORE
                || Objects.equals(location(c.getProtectionDomain().getCodeSource()), location(CORE));
    }

    private static String location(CodeSource source) {
        return source == null ? "" : String.valueOf(source.getLocation());
    }

    private static String line(StackWalker.StackFrame f) {
        return f.getDeclaringClass().getName() + "." + f.getMethodName() + "(" + f.getFileName() + ":"
                + f.getLineNumber() + ")";
    }
}
