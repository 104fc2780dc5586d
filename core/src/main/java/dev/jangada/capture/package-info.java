/**
 * Whole programs as one plan: {@link dev.jangada.capture.Capture} is what users call.
 */
package dev.jangada.capture;
