/**
 * What each tensor operation is made of, and all argument checks: not exported. Read {@code Elementwise} (promotion, broadcasting, kernel,
 * graph), {@code ElementwiseOp} and {@code Arithmetic} (the expressions), {@code Tape} (recording, views, in-place changes), {@code Executor}
 * (where everything meets the device); then one class per subject.
 */
package dev.jangada.ops;
