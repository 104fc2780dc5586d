package dev.jangada;

/** The autograd graph was used in a way that it does not allow. */
public final class AutogradException extends JangadaException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was expected, what was given, what to do
     */
    public AutogradException(String message) {
        super(message);
    }

    /**
     * Creates the exception with the failure that led to it.
     *
     * @param message what was expected, what was given, what to do
     * @param cause the failure that led to it
     */
    public AutogradException(String message, Throwable cause) {
        super(message, cause);
    }
}
