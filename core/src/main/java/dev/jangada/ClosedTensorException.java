package dev.jangada;

/** A tensor was used after it had been closed. */
public final class ClosedTensorException extends JangadaException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was expected, what was given, what to do
     */
    public ClosedTensorException(String message) {
        super(message);
    }

    /**
     * Creates the exception with the failure that led to it.
     *
     * @param message what was expected, what was given, what to do
     * @param cause the failure that led to it
     */
    public ClosedTensorException(String message, Throwable cause) {
        super(message, cause);
    }
}
