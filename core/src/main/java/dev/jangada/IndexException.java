package dev.jangada;

/** An index, a dimension number or a class label is out of range. */
public final class IndexException extends JangadaException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was expected, what was given, what to do
     */
    public IndexException(String message) {
        super(message);
    }

    /**
     * Creates the exception with the failure that led to it.
     *
     * @param message what was expected, what was given, what to do
     * @param cause the failure that led to it
     */
    public IndexException(String message, Throwable cause) {
        super(message, cause);
    }
}
