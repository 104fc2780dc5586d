/** The conformance kit: what every backend must compute, and the assertions that compare it with the reference. */
package dev.jangada.testkit;
