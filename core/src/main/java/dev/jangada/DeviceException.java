package dev.jangada;

/** A device is unknown, unavailable, or differs between the operands of one operation. */
public final class DeviceException extends JangadaException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was expected, what was given, what to do
     */
    public DeviceException(String message) {
        super(message);
    }

    /**
     * Creates the exception with the failure that led to it.
     *
     * @param message what was expected, what was given, what to do
     * @param cause the failure that led to it
     */
    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
