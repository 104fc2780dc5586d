package dev.jangada.conformance;

/** The case needs an operation that the table does not have. */
final class MissingOpException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MissingOpException(String op) {
        super(op);
    }
}
