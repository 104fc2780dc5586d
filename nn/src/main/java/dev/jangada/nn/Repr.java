package dev.jangada.nn;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;

/** How settings look when a module prints itself: as Python prints them. */
final class Repr {
    private Repr() {}

    /** A number with a decimal point, or with an exponent when it is very small or large: {@code 0.1}, {@code 1e-05}, {@code 2.0}. */
    static String real(double x) {
        double size = Math.abs(x);
        if (x == 0 || (size >= 1e-4 && size < 1e16)) {
            String plain = new BigDecimal(Double.toString(x)).toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        if (Double.isNaN(x) || Double.isInfinite(x)) {
            return Double.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
        }
        String[] parts = Double.toString(x).split("E");
        int exponent = Integer.parseInt(parts[1]);
        String digits = parts[0].endsWith(".0") ? parts[0].substring(0, parts[0].length() - 2) : parts[0];
        String two = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
        return digits + "e" + (exponent < 0 ? "-" : "+") + two;
    }

    /** A number as an integer if it is one. */
    static String number(double x) {
        return x == Math.rint(x) && Math.abs(x) < 1e15 ? Long.toString((long) x) : real(x);
    }

    static String flag(boolean on) {
        return on ? "True" : "False";
    }

    /** A tuple: {@code (5, 5)}, {@code (3,)}. */
    static String tuple(List<Long> numbers) {
        String inside = numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return "(" + inside + (numbers.size() == 1 ? ",)" : ")");
    }

    /** One number alone, several as a tuple. */
    static String oneOrTuple(List<Long> numbers) {
        return numbers.size() == 1 ? numbers.get(0).toString() : tuple(numbers);
    }
}
