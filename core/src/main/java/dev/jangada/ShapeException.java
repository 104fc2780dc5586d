package dev.jangada;

/** Sizes or ranks of tensors do not fit the operation. */
public final class ShapeException extends JangadaException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was expected, what was given, what to do
     */
    public ShapeException(String message) {
        super(message);
    }

    /**
     * Creates the exception with the failure that led to it.
     *
     * @param message what was expected, what was given, what to do
     * @param cause the failure that led to it
     */
    public ShapeException(String message, Throwable cause) {
        super(message, cause);
    }
}
