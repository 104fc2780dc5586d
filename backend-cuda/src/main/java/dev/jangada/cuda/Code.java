package dev.jangada.cuda;

/** Text of C with indentation. */
final class Code {
    private final StringBuilder text = new StringBuilder();
    private int depth;

    /** Appends a line. */
    Code line(String s) {
        if (!s.isEmpty() && s.charAt(0) != '#') {
            text.append("    ".repeat(depth));
        }
        text.append(s).append('\n');
        return this;
    }

    /** Appends a comment of one or more lines; what would end it or is not ASCII goes. */
    Code comment(String s) {
        for (String l : s.split("\n")) {
            line("// " + l.replace("…", "...").replaceAll("[^ -\\[\\]-~]", "?"));
        }
        return this;
    }

    /** Appends a line and an opening brace. */
    Code open(String s) {
        line(s.isEmpty() ? "{" : s + " {");
        depth++;
        return this;
    }

    /** Closes a brace. */
    Code close() {
        return close("");
    }

    /** Closes a brace, with something behind it. */
    Code close(String behind) {
        depth--;
        return line("}" + behind);
    }

    /** Appends finished lines. */
    Code block(String lines) {
        lines.lines().forEach(this::line);
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
