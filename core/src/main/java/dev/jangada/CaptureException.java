package dev.jangada;

/** A captured program asks for what only eager execution can do, such as the value of a tensor while it is traced. */
public final class CaptureException extends JangadaException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was expected, what was given, what to do
     */
    public CaptureException(String message) {
        super(message);
    }

    /**
     * Creates the exception with the failure that led to it.
     *
     * @param message what was expected, what was given, what to do
     * @param cause the failure that led to it
     */
    public CaptureException(String message, Throwable cause) {
        super(message, cause);
    }
}
