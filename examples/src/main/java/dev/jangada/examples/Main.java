package dev.jangada.examples;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.FileSystemException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/**
 * The command line of the examples: {@code list} and {@code run NAME [options]}.
 *
 * <p>Exit codes: 0 for success, 1 for a run that failed, 2 for a command line that makes no sense.
 */
@Command(
        name = "jangada-examples",
        description = "Example programs of Jangada.",
        mixinStandardHelpOptions = true,
        version = "Jangada examples")
public final class Main implements Runnable {
    @CommandLine.Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Shows the stack trace of an error.")
    private boolean verbose;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private Main() {}

    /** Runs the command line and ends the process with its exit code. */
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true"); // pictures are files: needs no display, whatever DISPLAY says
        System.exit(execute(Examples.all(), System.out, System.err, args));
    }

    /**
     * Runs the command line on the given programs.
     *
     * @return the exit code
     */
    static int execute(List<Example> examples, PrintStream out, PrintStream err, String... args) {
        Main main = new Main();
        return new CommandLine(main)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .addSubcommand(new ListCommand(examples))
                .addSubcommand(new RunCommand(examples, out))
                .setOut(new PrintWriter(out, true, Charset.defaultCharset()))
                .setErr(new PrintWriter(err, true, Charset.defaultCharset()))
                .setParameterExceptionHandler((exception, rest) -> refuse(exception))
                .setExecutionExceptionHandler((exception, command, result) -> main.report(exception, command))
                .execute(args);
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static int refuse(CommandLine.ParameterException exception) {
        CommandLine command = exception.getCommandLine();
        command.getErr().println("error: " + exception.getMessage());
        command.getErr().println("See " + command.getCommandSpec().qualifiedName() + " --help");
        return CommandLine.ExitCode.USAGE;
    }

    private int report(Exception exception, CommandLine command) {
        if (verbose) {
            exception.printStackTrace(command.getErr());
        } else {
            String message = exception.getMessage();
            // Those that the JDK makes of missing files and the like are only the file's name.
            boolean bare = exception instanceof FileSystemException
                    && !String.valueOf(message).startsWith("[");
            boolean telling = message != null && !bare;
            command.getErr().println("error: " + (telling ? message : exception.toString()));
        }
        return CommandLine.ExitCode.SOFTWARE;
    }
}
