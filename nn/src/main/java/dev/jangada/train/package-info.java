/** What training loops share: {@link dev.jangada.train.Checkpoint} saves all that is needed to go on after an interruption. */
package dev.jangada.train;
