package dev.jangada.backend;

import java.util.Optional;

/**
 * Whether a backend can be used, or why not.
 *
 * @param available whether it can be used
 * @param reason one sentence: what is there, or what is missing and how to get it
 * @param cause the failure behind an unavailable backend
 */
public record Availability(boolean available, String reason, Optional<Throwable> cause) {
    /** Returns that the backend can be used. */
    public static Availability yes(String what) {
        return new Availability(true, what, Optional.empty());
    }

    /** Returns that the backend cannot be used. */
    public static Availability no(String why) {
        return new Availability(false, why, Optional.empty());
    }

    /** Returns that the backend cannot be used because of a failure. */
    public static Availability no(String why, Throwable cause) {
        return new Availability(false, why, Optional.of(cause));
    }
}
