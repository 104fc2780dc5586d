package dev.jangada.conformance;

/**
 * How a case ended.
 *
 * @param status passed, failed, or different where the case's tag allows that
 * @param reason what was expected and what was got; empty if passed
 */
record Outcome(Status status, String reason) {
    enum Status {
        PASSED,
        FAILED,
        DIFFERENT
    }

    /** The reason of a case whose operation Jangada does not have. */
    static final String MISSING = "missing";

    static final Outcome PASS = new Outcome(Status.PASSED, "");

    static Outcome failed(String reason) {
        return new Outcome(Status.FAILED, reason);
    }

    boolean passed() {
        return status == Status.PASSED;
    }
}
