package dev.jangada.examples;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the example programs, one a line, with their options. */
@Command(name = "list", description = "Lists the example programs.", mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {
    private final List<Example> examples;

    @Spec
    private CommandSpec spec;

    ListCommand(List<Example> examples) {
        this.examples = examples;
    }

    @Override
    public Integer call() {
        int width = examples.stream().mapToInt(e -> e.name().length()).max().orElse(0);
        for (Example example : examples) {
            String name = example.name() + " ".repeat(width - example.name().length());
            spec.commandLine().getOut().println(name + "  " + example.description());
        }
        spec.commandLine().getOut().flush();
        return 0;
    }
}
