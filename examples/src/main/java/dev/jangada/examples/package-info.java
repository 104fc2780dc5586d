/** The example programs and the command line that runs them. */
package dev.jangada.examples;
