package dev.jangada;

/** The element type of a tensor does not fit the operation. */
public final class DTypeException extends JangadaException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was expected, what was given, what to do
     */
    public DTypeException(String message) {
        super(message);
    }

    /**
     * Creates the exception with the failure that led to it.
     *
     * @param message what was expected, what was given, what to do
     * @param cause the failure that led to it
     */
    public DTypeException(String message, Throwable cause) {
        super(message, cause);
    }
}
