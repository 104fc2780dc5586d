package dev.jangada.conformance;

import dev.jangada.ArgumentException;
import dev.jangada.AutogradException;
import dev.jangada.DTypeException;
import dev.jangada.DeviceException;
import dev.jangada.FormatException;
import dev.jangada.IndexException;
import dev.jangada.ShapeException;

/** Which exceptions of Jangada answer to the error families of the corpus. */
final class ErrorKind {
    private ErrorKind() {}

    /** Tells whether an exception belongs to a family. Bad states ({@link IllegalStateException}) and bad files count as bad values. */
    static boolean matches(String kind, Throwable thrown) {
        return switch (kind) {
            case "shape" -> thrown instanceof ShapeException;
            case "index" -> thrown instanceof IndexException;
            case "dtype" -> thrown instanceof DTypeException;
            case "device" -> thrown instanceof DeviceException;
            case "autograd" -> thrown instanceof AutogradException;
            case "value" ->
                thrown instanceof ArgumentException
                        || thrown instanceof FormatException
                        || thrown instanceof IllegalStateException;
            default -> throw new IllegalArgumentException("unknown error kind '" + kind + "'");
        };
    }
}
