package dev.jangada.ops;

import dev.jangada.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An equation of {@code einsum}: letters as labels; the dimensions of an ellipsis have negative labels, the last one -1.
 *
 * @param inputs the labels of each operand
 * @param output the labels of the result
 * @param sizes the size of each label, larger than 1 if it is so in any operand
 */
record EinsumEquation(List<List<Integer>> inputs, List<Integer> output, Map<Integer, Long> sizes) {
    private static final String OP = "einsum";

    long size(int label) {
        return sizes.get(label);
    }

    static EinsumEquation parse(String text, Tensor[] operands) {
        String equation = text.replace(" ", "");
        int arrow = equation.indexOf("->");
        String left = arrow < 0 ? equation : equation.substring(0, arrow);
        String[] parts = left.split(",", -1);
        Checks.shape(operands.length > 0, OP, "expected at least one operand");
        Checks.shape(
                parts.length == operands.length,
                OP,
                "expected as many operands as the equation '" + text + "' names, got " + operands.length);
        List<List<Integer>> inputs = new ArrayList<>();
        Map<Integer, Long> sizes = new HashMap<>();
        Map<Integer, Integer> uses = new HashMap<>();
        int widest = 0;
        for (int i = 0; i < parts.length; i++) {
            List<Integer> labels = labels(parts[i], operands[i].dim(), text);
            widest = Math.max(widest, (int) labels.stream().filter(l -> l < 0).count());
            sizes(labels, operands[i], sizes, text);
            labels.forEach(l -> uses.merge(l, 1, Integer::sum));
            inputs.add(labels);
        }
        List<Integer> output =
                arrow < 0 ? implied(uses, widest) : stated(equation.substring(arrow + 2), widest, uses, text);
        return new EinsumEquation(inputs, output, sizes);
    }

    private static List<Integer> labels(String part, int rank, String text) {
        int dots = part.indexOf("...");
        String letters = dots < 0 ? part : part.substring(0, dots) + part.substring(dots + 3);
        for (char c : letters.toCharArray()) {
            Checks.shape(
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z',
                    OP,
                    "expected letters, commas, one -> and at most one ... per operand, got '" + text + "'");
        }
        int extra = rank - letters.length();
        Checks.shape(
                dots < 0 ? extra == 0 : extra >= 0,
                OP,
                "expected '" + part + "' of '" + text + "' to name the dimensions of its operand, which has " + rank);
        List<Integer> out = new ArrayList<>();
        for (int i = 0; i <= letters.length(); i++) {
            if (i == dots) {
                for (int k = extra; k > 0; k--) {
                    out.add(-k);
                }
            }
            if (i < letters.length()) {
                out.add((int) letters.charAt(i));
            }
        }
        return out;
    }

    private static void sizes(List<Integer> labels, Tensor operand, Map<Integer, Long> sizes, String text) {
        Map<Integer, Long> own = new HashMap<>();
        for (int i = 0; i < labels.size(); i++) {
            int l = labels.get(i);
            long n = operand.size(i);
            Long before = own.put(l, n);
            Checks.shape(
                    before == null || before == n,
                    OP,
                    "expected equal sizes for the label that '" + text + "' repeats for one operand, got "
                            + operand.shape());
            Long other = sizes.get(l);
            Checks.shape(
                    other == null || other == n || other == 1 || n == 1,
                    OP,
                    "expected sizes that broadcast for each label of '" + text + "', got " + other + " and " + n);
            if (other == null || other == 1) {
                sizes.put(l, n);
            }
        }
    }

    private static List<Integer> implied(Map<Integer, Integer> uses, int widest) {
        List<Integer> out = new ArrayList<>();
        for (int k = widest; k > 0; k--) {
            out.add(-k);
        }
        uses.keySet().stream().filter(l -> l > 0 && uses.get(l) == 1).sorted().forEach(out::add);
        return out;
    }

    private static List<Integer> stated(String right, int widest, Map<Integer, Integer> uses, String text) {
        List<Integer> out =
                labels(right, right.replace("...", "").length() + (right.contains("...") ? widest : 0), text);
        for (int i = 0; i < out.size(); i++) {
            int l = out.get(i);
            Checks.shape(
                    uses.containsKey(l), OP, "expected labels of the output of '" + text + "' to occur in an operand");
            Checks.shape(out.indexOf(l) == i, OP, "expected each label of the output of '" + text + "' once");
        }
        return out;
    }
}
