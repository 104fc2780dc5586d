package dev.jangada.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs every Java snippet of README.md and of docs/from-pytorch.md. */
class ReadmeTest {
    private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> everySnippetCompilesAndRuns() throws IOException {
        List<String> snippets = new ArrayList<>();
        for (String text : List.of("README.md", "docs/from-pytorch.md")) {
            int before = snippets.size();
            Matcher m = SNIPPET.matcher(Files.readString(Path.of("..", text)));
            while (m.find()) {
                snippets.add(m.group(1));
            }
            assertThat(snippets).as(text).hasSizeGreaterThan(before);
        }
        return IntStream.range(0, snippets.size())
                .mapToObj(i -> DynamicTest.dynamicTest("snippet " + i, () -> run("Snippet" + i, snippets.get(i))));
    }

    private void run(String name, String snippet) throws Exception {
        String imports = snippet.lines().filter(l -> l.startsWith("import ")).collect(Collectors.joining("\n"));
        String body = snippet.lines().filter(l -> !l.startsWith("import ")).collect(Collectors.joining("\n"));
        String source = imports + "\npublic class " + name
                + " { public static void main(String[] unused) throws Exception {\n" + body + "\n} }";
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        StringWriter problems = new StringWriter();
        List<String> options =
                List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        boolean ok = compiler.getTask(problems, null, null, options, null, List.of(file))
                .call();
        assertThat(ok).as("%s%n%s", source, problems).isTrue();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            loader.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        }
    }
}
