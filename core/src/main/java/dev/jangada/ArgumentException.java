package dev.jangada;

/** An argument has a value that the operation does not accept. */
public class ArgumentException extends JangadaException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was expected, what was given, what to do
     */
    public ArgumentException(String message) {
        super(message);
    }

    /**
     * Creates the exception with the failure that led to it.
     *
     * @param message what was expected, what was given, what to do
     * @param cause the failure that led to it
     */
    public ArgumentException(String message, Throwable cause) {
        super(message, cause);
    }
}
