package dev.jangada;

/** A native call of a backend failed. */
public final class BackendException extends JangadaException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was expected, what was given, what to do
     */
    public BackendException(String message) {
        super(message);
    }

    /**
     * Creates the exception with the failure that led to it.
     *
     * @param message what was expected, what was given, what to do
     * @param cause the failure that led to it
     */
    public BackendException(String message, Throwable cause) {
        super(message, cause);
    }
}
