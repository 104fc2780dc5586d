package dev.jangada.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The device functions that kernels share, in the resource {@code helpers.cu}, and the texts of the hand-written kernels.
 *
 * <p>The file is cut at lines {@code //@ name …} that list what the section defines. A kernel gets the sections whose names occur in it,
 * and those that they need, in the order of the file: there are no includes, and compile time counts.
 */
final class Helpers {
    private static final Pattern NAME = Pattern.compile("\\b(?:jg_|Jg)\\w+");

    private final Map<String, String> sections = new LinkedHashMap<>();
    private final Map<String, String> sectionOf = new LinkedHashMap<>();

    private static final class Holder {
        static final Helpers SHARED = new Helpers(resource("helpers.cu"));
    }

    private Helpers(String text) {
        String head = null;
        StringBuilder body = new StringBuilder();
        for (String line : (text + "\n//@ \n").lines().toList()) {
            if (line.startsWith("//@ ")) {
                if (head != null) {
                    sections.put(head, body.toString().strip() + "\n");
                }
                head = line.substring("//@ ".length());
                for (String name : head.split(" ")) {
                    sectionOf.put(name, head);
                }
                body.setLength(0);
            } else {
                body.append(line).append('\n');
            }
        }
    }

    /** Returns the sections that a text needs. */
    static String neededBy(String code) {
        return Holder.SHARED.needed(code);
    }

    private String needed(String code) {
        Set<String> heads = new TreeSet<>();
        collect(code, heads);
        StringBuilder out = new StringBuilder();
        sections.forEach((head, body) -> {
            if (heads.contains(head)) {
                out.append(body).append('\n');
            }
        });
        return out.toString();
    }

    /** The sections need each other to a depth of a few. */
    private void collect(String code, Set<String> heads) {
        Matcher m = NAME.matcher(code);
        while (m.find()) {
            String head = sectionOf.get(m.group());
            if (head != null && heads.add(head)) {
                collect(sections.get(head), heads);
            }
        }
    }

    /** Returns the text of a resource beside this class. */
    static String resource(String name) {
        try (InputStream in = Helpers.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new AssertionError("no resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
