package dev.jangada;

/** Root of all exceptions that Jangada throws on purpose. */
public class JangadaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was expected, what was given, what to do
     */
    public JangadaException(String message) {
        super(message);
    }

    /**
     * Creates the exception with the failure that led to it.
     *
     * @param message what was expected, what was given, what to do
     * @param cause the failure that led to it
     */
    public JangadaException(String message, Throwable cause) {
        super(message, cause);
    }
}
