/**
 * The conformance kit: what every backend must pass, each kernel family against the reference backend.
 *
 * <p>A backend module subclasses each {@code ...Conformance} class in a few lines:
 *
 * <pre>{@code
 * class CpuMapConformanceTest extends MapConformance {
 *     @Override
 *     protected BackendProvider provider() {
 *         return new CpuProvider();
 *     }
 * }
 * }</pre>
 *
 * <p>Read {@link dev.jangada.testkit.Conformance} first, then {@link dev.jangada.testkit.Image}.
 */
package dev.jangada.testkit;
