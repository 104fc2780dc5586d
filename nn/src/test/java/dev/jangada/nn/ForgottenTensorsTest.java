package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.backend.Backends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Forgetting to close tensors must stay affordable: bounded memory, and few collections. */
class ForgottenTensorsTest {
    private static final long GIGABYTE_IN_KILOBYTES = 1 << 20;

    @Test
    void twoThousandStepsStayBelowAGigabyte() throws Exception {
        train(2_000);
    }

    @Test
    @Tag("slow")
    void twentyThousandStepsStayBelowAGigabyte() throws Exception {
        train(20_000);
    }

    private static void train(int steps) throws IOException, InterruptedException {
        assumeTrue(Files.exists(Path.of("/proc/self/status")), "needs Linux to read the resident memory");
        assumeTrue(Backends.defaultDevice().type().equals("cpu"), "needs the backend cpu");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m"));
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), "dev.jangada.nn.ForgottenTraining", "" + steps));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        String result =
                output.lines().filter(l -> l.startsWith("result ")).findFirst().orElse("result 0 0");
        long peak = Long.parseLong(result.split(" ")[1]);
        int forced = Integer.parseInt(result.split(" ")[2]);
        assertThat(process.exitValue()).as(output).isZero();
        assertThat(peak).as("peak resident memory, kB").isBetween(1L, GIGABYTE_IN_KILOBYTES);
        assertThat(forced).as("collections asked for in %d steps", steps).isBetween(1, steps / 50);
    }
}
