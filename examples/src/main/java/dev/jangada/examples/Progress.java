package dev.jangada.examples;

import dev.jangada.ArgumentException;
import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** What the training programs show and watch while they run. */
final class Progress {
    private Progress() {}

    /** Returns a bar of training steps that is drawn on a stream: five times in a second on a terminal, else once a minute. */
    static ProgressBar bar(String task, long steps, PrintStream console) {
        boolean terminal = System.console() != null;
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setUpdateIntervalMillis(terminal ? 200 : 60_000)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(console, 80))
                .build();
    }

    /**
     * Returns a loss that is a number.
     *
     * @throws ArgumentException if it is NaN or infinite
     */
    static double finite(double loss, long step) {
        if (!Double.isFinite(loss)) {
            throw new ArgumentException("[train] expected a finite loss, got " + loss + " by step " + step
                    + "; look for NaN in the training data, or lower the learning rate with --lr");
        }
        return loss;
    }
}
