package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.Device;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backends;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderTest {
    @Test
    void isFoundAndDescribesItself() {
        Availability a = new CpuProvider().availability();
        assumeTrue(a.available(), a::reason);
        assertThat(Backends.providers()).anyMatch(p -> p instanceof CpuProvider);
        assertThat(a.reason()).contains("BLAS", "kernels");
        assertThat(Backends.of(Device.cpu()).description()).contains(a.reason(), "thread");
        assertThat(new CpuProvider().deviceCount()).isEqualTo(1);
    }

    /** Asks twice, as a program would that prints a report after a failed choice. */
    static final class Child {
        private Child() {}

        /** Prints the answers. */
        public static void main(String[] args) {
            CpuProvider provider = new CpuProvider();
            for (int i = 0; i < 2; i++) {
                Availability a = provider.availability();
                System.out.println(a.available() + " " + provider.deviceCount() + " "
                        + (a.available() ? provider.open(0).description() : a.reason()));
            }
        }
    }

    private static List<String> child(String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(ended).as(output).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output.lines()
                .filter(l -> l.startsWith("true") || l.startsWith("false"))
                .toList();
    }

    /** A platform without natives, and a wrong name, are reasons, not exceptions, however often one asks. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-Dorg.bytedeco.javacpp.platform=linux-armhf | false 0 it is built for linux-x86_64, not for linux-armhf | (",
                "-Djangada.cpu.isa=generic -Djangada.threads=3 | true 1 | generic kernels, 3 threads",
                "-Djangada.cpu.matmul=openblas | true 1 | kernels, matmul openblas",
                "-Djangada.cpu.matmul=fastest | false 0 | expected auto, openblas or own, got fastest"
            })
    void propertiesDecide(String options, String start, String part) throws Exception {
        assumeTrue(new CpuProvider().availability().available());
        assertThat(child(options.split(" ")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).startsWith(start).contains(part));
    }
}
