/**
 * The backend that defines what every kernel means: pure Java, slow, obvious. Integers are computed in {@code long}, floating point numbers in
 * {@code double}, and each instruction's result is rounded to its type. The conformance kit compares every other backend with it.
 *
 * <p>Read {@link dev.jangada.reference.ReferenceBackend} first, then {@code Interpreter} (programs) and {@code Arithmetic} (what each
 * primitive computes).
 */
package dev.jangada.reference;
