package dev.jangada;

/** A device has no memory left for an allocation, after unused memory was given back. */
public final class OutOfMemoryException extends JangadaException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was expected, what was given, what to do
     */
    public OutOfMemoryException(String message) {
        super(message);
    }

    /**
     * Creates the exception with the failure that led to it.
     *
     * @param message what was expected, what was given, what to do
     * @param cause the failure that led to it
     */
    public OutOfMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
