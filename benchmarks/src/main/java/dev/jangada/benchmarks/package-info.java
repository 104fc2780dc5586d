/** JMH benchmarks, one class per question, with a baseline beside each. */
package dev.jangada.benchmarks;
