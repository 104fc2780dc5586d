package dev.jangada.io;

import dev.jangada.FormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as headers of files need it: objects, arrays of at most 64 elements, texts and whole numbers, nested at most 8 deep.
 *
 * <p>A key that stands twice in an object is an error. Source: RFC 8259.
 */
final class Json {
    private static final int MOST_ELEMENTS = 64;
    private static final int MOST_LEVELS = 8;

    private final String text;
    private final Format format;
    private int at;

    private Json(String text, Format format) {
        this.text = text;
        this.format = format;
    }

    /** Returns the value of a text as a Map, List, String or Long; blanks may follow. */
    static Object parse(String text, Format format) {
        Json json = new Json(text, format);
        Object value = json.value(0);
        json.blanks();
        if (json.at != text.length()) {
            throw json.invalid("the header to end after its object");
        }
        return value;
    }

    private FormatException invalid(String expected) {
        String given = at < text.length() ? "'" + text.charAt(at) + "'" : "its end";
        return format.invalid(expected, given + " at character " + at + " of the header");
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean take(char c) {
        blanks();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!take(c)) {
            throw invalid("'" + c + "'");
        }
    }

    private Object value(int level) {
        if (level > MOST_LEVELS) {
            throw invalid("at most " + MOST_LEVELS + " nested levels");
        }
        if (take('{')) {
            return object(level);
        }
        if (take('[')) {
            return array(level);
        }
        if (take('"')) {
            return string();
        }
        return number();
    }

    private Map<String, Object> object(int level) {
        Map<String, Object> out = new LinkedHashMap<>();
        if (take('}')) {
            return out;
        }
        do {
            expect('"');
            String key = string();
            expect(':');
            if (out.putIfAbsent(key, value(level + 1)) != null) {
                throw format.invalid("each key once", "\"" + key + "\" twice");
            }
        } while (take(','));
        expect('}');
        return out;
    }

    private List<Object> array(int level) {
        List<Object> out = new ArrayList<>(4);
        if (take(']')) {
            return out;
        }
        do {
            if (out.size() == MOST_ELEMENTS) {
                throw invalid("at most " + MOST_ELEMENTS + " elements");
            }
            out.add(value(level + 1));
        } while (take(','));
        expect(']');
        return out;
    }

    private Long number() {
        int from = at;
        if (at < text.length() && text.charAt(at) == '-') {
            at++;
        }
        int digits = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        boolean leadingZero = at - digits > 1 && text.charAt(digits) == '0';
        if (at == digits || leadingZero || at - digits > 18) {
            throw invalid("an object, an array, a text or a whole number below 10^18");
        }
        return Long.valueOf(text.substring(from, at));
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c < ' ') {
                break;
            }
            at++;
            if (c == '"') {
                return out.toString();
            }
            out.append(c == '\\' ? escaped() : c);
        }
        throw invalid("the end of a text");
    }

    private char escaped() {
        char c = at < text.length() ? text.charAt(at) : '\0';
        int known = "\"\\/bfnrt".indexOf(c);
        if (known >= 0) {
            at++;
            return "\"\\/\b\f\n\r\t".charAt(known);
        }
        if (c != 'u' || at + 5 > text.length()) {
            throw invalid("an escape sequence");
        }
        int code = 0;
        for (int i = at + 1; i < at + 5; i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0 || text.charAt(i) > 'f') {
                throw invalid("four hexadecimal digits");
            }
            code = code * 16 + digit;
        }
        at += 5;
        return (char) code;
    }

    /** Appends a text with quotes. */
    static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) { // half a pair has no UTF-8
                out.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
