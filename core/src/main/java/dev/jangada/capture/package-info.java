/**
 * Whole programs as one plan. {@link dev.jangada.capture.Capture} and {@link dev.jangada.capture.Captured} are what users call; the function
 * is called once with a {@code Trace} as the executor of its thread, which writes down what it asks for; {@code TracedProgram} binds memory
 * to what was written down and runs it. Read them in this order.
 */
package dev.jangada.capture;
