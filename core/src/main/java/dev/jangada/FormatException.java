package dev.jangada;

/** A file or stream does not have the format that was expected. */
public final class FormatException extends JangadaException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was expected, what was given, what to do
     */
    public FormatException(String message) {
        super(message);
    }

    /**
     * Creates the exception with the failure that led to it.
     *
     * @param message what was expected, what was given, what to do
     * @param cause the failure that led to it
     */
    public FormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
