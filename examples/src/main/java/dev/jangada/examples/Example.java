package dev.jangada.examples;

import java.util.Set;

/** One example program: its name on the command line, what it is about, and the program itself. */
public interface Example {
    /** Returns the name that {@code run} expects, in lower case with hyphens. */
    String name();

    /** Returns one line that says what the program does. */
    String description();

    /**
     * Returns the options that change this program, beside {@code --backend}, {@code --seed}, {@code --threads} and
     * {@code --metrics}, which every program has. Any other option on the command line is an error.
     */
    Set<Option> options();

    /**
     * Runs the program. Progress goes to {@link Options#console()}, final numbers into {@code metrics}.
     *
     * @param options what the command line gave, and defaults for the rest
     * @param metrics collects the final numbers
     * @throws Exception if the run fails; the message is what the user sees
     */
    void run(Options options, Metrics metrics) throws Exception;
}
