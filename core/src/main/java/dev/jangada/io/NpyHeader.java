package dev.jangada.io;

import dev.jangada.DType;
import dev.jangada.FormatException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The header of an array in NumPy's format: a Python dictionary such as
 * {@code {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }}.
 */
record NpyHeader(DType type, ByteOrder order, boolean columnMajor, long[] sizes) {
    /** Reads the text of a header. */
    static NpyHeader parse(String text, Format format, String what) {
        return new Parser(text, format, what).header();
    }

    /** Walks through the text; the three keys may stand in any order. */
    private static final class Parser {
        private final String text;
        private final Format format;
        private final String what;
        private int at;

        Parser(String text, Format format, String what) {
            this.text = text;
            this.format = format;
            this.what = what;
        }

        private FormatException invalid(String expected) {
            String given = at < text.length() ? "'" + text.charAt(at) + "'" : "its end";
            return format.invalid(expected, given + " at character " + at + " of the header of " + what);
        }

        private boolean take(String token) {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            boolean found = text.startsWith(token, at);
            at += found ? token.length() : 0;
            return found;
        }

        private void expect(String token) {
            if (!take(token)) {
                throw invalid(token);
            }
        }

        NpyHeader header() {
            String descr = null;
            Boolean columnMajor = null;
            long[] sizes = null;
            expect("{");
            while (!take("}")) {
                switch (string()) {
                    case "descr" -> {
                        expect(":");
                        descr = string();
                    }
                    case "fortran_order" -> {
                        expect(":");
                        columnMajor = flag();
                    }
                    case "shape" -> {
                        expect(":");
                        sizes = tuple();
                    }
                    default -> throw invalid("descr, fortran_order or shape before this place");
                }
                if (!take(",")) {
                    expect("}");
                    break;
                }
            }
            take("");
            if (at != text.length()) {
                throw invalid("the end of the header");
            }
            if (descr == null || columnMajor == null || sizes == null) {
                throw format.invalid("descr, fortran_order and shape", "the header " + text.strip() + " of " + what);
            }
            return of(descr, columnMajor, sizes);
        }

        private NpyHeader of(String descr, boolean columnMajor, long[] sizes) {
            char first = descr.isEmpty() ? ' ' : descr.charAt(0);
            boolean marked = "<>=|".indexOf(first) >= 0;
            ByteOrder order = switch (first) {
                case '>' -> ByteOrder.BIG_ENDIAN;
                case '<' -> ByteOrder.LITTLE_ENDIAN;
                default -> ByteOrder.nativeOrder();
            };
            DType type = switch (marked ? descr.substring(1) : descr) {
                case "b1", "?" -> DType.BOOL;
                case "u1" -> DType.UINT8;
                case "i1" -> DType.INT8;
                case "i2" -> DType.INT16;
                case "i4" -> DType.INT32;
                case "i8" -> DType.INT64;
                case "f2" -> DType.FLOAT16;
                case "f4" -> DType.FLOAT32;
                case "f8" -> DType.FLOAT64;
                default ->
                    throw format.invalid(
                            "an element type that tensors have (b1, u1, i1 to i8, f2 to f8)",
                            "'" + descr + "' for " + what);
            };
            return new NpyHeader(type, order, columnMajor, sizes);
        }

        private String string() {
            String quote = take("'") ? "'" : "\"";
            if (quote.equals("\"")) {
                expect(quote);
            }
            int end = text.indexOf(quote, at);
            if (end < 0) {
                throw invalid("the end of a text");
            }
            String out = text.substring(at, end);
            at = end + 1;
            return out;
        }

        private boolean flag() {
            if (take("True")) {
                return true;
            }
            expect("False");
            return false;
        }

        /** Python 2 wrote sizes with an L behind them. */
        private long[] tuple() {
            List<Long> out = new ArrayList<>();
            expect("(");
            while (!take(")")) {
                out.add(number());
                take("L");
                if (!take(",")) {
                    if (out.size() == 1) {
                        throw invalid("a comma behind the only size");
                    }
                    expect(")");
                    break;
                }
            }
            return out.stream().mapToLong(Long::longValue).toArray();
        }

        private long number() {
            take("");
            int from = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            if (at == from || at - from > 18) {
                throw invalid("a size below 10^18");
            }
            return Long.parseLong(text.substring(from, at));
        }
    }
}
