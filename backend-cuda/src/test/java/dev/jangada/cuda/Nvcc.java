package dev.jangada.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** NVIDIA's compilers as commands: sources to machine code for an architecture, with what each kernel uses. */
final class Nvcc {
    private static final Pattern DEFINE = Pattern.compile("(?m)^#define (\\w+)");
    private static final Pattern KERNEL = Pattern.compile("Compiling entry function '(\\w+)'");
    private static final Pattern SPILLS =
            Pattern.compile("(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
    private static final Pattern USED = Pattern.compile("Used (\\d+) registers(?:.*?, (\\d+) bytes smem)?");

    /**
     * What a kernel uses.
     *
     * @param registers per thread
     * @param sharedBytes static, per block
     * @param stackBytes local memory per thread that is no spill
     * @param spillBytes stores and loads
     */
    record Usage(String kernel, int registers, int sharedBytes, int stackBytes, int spillBytes) {}

    private Nvcc() {}

    /** Tells whether both commands can be started. */
    static boolean isThere() {
        try {
            return run(List.of("nvcc", "--version")).status == 0 && run(List.of("ptxas", "--version")).status == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns one translation unit of all sources: each in a namespace, its entry with a number behind. */
    static String unit(List<KernelSource> sources) {
        StringBuilder unit = new StringBuilder();
        for (int i = 0; i < sources.size(); i++) {
            KernelSource s = sources.get(i);
            unit.append("namespace k").append(i).append(" {\n");
            unit.append(s.code().replaceAll("\\b" + s.entry() + "\\b", s.entry() + "_" + i));
            unit.append("}\n");
            Matcher macro = DEFINE.matcher(s.code());
            while (macro.find()) {
                unit.append("#undef ").append(macro.group(1)).append('\n');
            }
        }
        return unit.toString();
    }

    /** Compiles for the oldest architecture, to PTX that every later one takes: there is nothing in the sources that differs between them. */
    static Path ptx(Path folder, String name, String unit, int architecture) throws IOException {
        Path source = Files.writeString(folder.resolve(name + ".cu"), unit);
        Path out = folder.resolve(name + ".ptx");
        check(run(List.of(
                "nvcc",
                "-ptx",
                "-std=c++17",
                "-arch=compute_" + architecture,
                "--fmad=false",
                "-w",
                "-o",
                out.toString(),
                source.toString())));
        return out;
    }

    /** Assembles PTX for an architecture and returns what each kernel uses. */
    static List<Usage> assemble(Path ptx, int architecture) throws IOException {
        String out = ptx.toString().replace(".ptx", "_sm" + architecture + ".cubin");
        String log = check(run(List.of("ptxas", "-v", "-arch=sm_" + architecture, "-o", out, ptx.toString())));
        List<Usage> all = new ArrayList<>();
        String kernel = "";
        int stack = 0;
        int spills = 0;
        for (String line : log.lines().toList()) {
            Matcher k = KERNEL.matcher(line);
            Matcher s = SPILLS.matcher(line);
            Matcher u = USED.matcher(line);
            if (k.find()) {
                kernel = k.group(1);
            } else if (s.find()) {
                stack = Integer.parseInt(s.group(1));
                spills = Integer.parseInt(s.group(2)) + Integer.parseInt(s.group(3));
            } else if (u.find()) {
                int shared = u.group(2) == null ? 0 : Integer.parseInt(u.group(2));
                all.add(new Usage(kernel, Integer.parseInt(u.group(1)), shared, stack, spills));
            }
        }
        return all;
    }

    private record Outcome(int status, String output) {}

    private static String check(Outcome outcome) {
        if (outcome.status != 0) {
            throw new AssertionError(outcome.output);
        }
        return outcome.output;
    }

    private static Outcome run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Outcome(process.waitFor(), output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
