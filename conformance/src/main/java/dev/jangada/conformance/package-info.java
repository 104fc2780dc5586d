/** The runner of the golden corpus: reads the cases, runs them on a backend, compares by each case's tolerances. */
package dev.jangada.conformance;
