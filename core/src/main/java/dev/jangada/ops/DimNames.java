package dev.jangada.ops;

import dev.jangada.ArgumentException;
import dev.jangada.IndexException;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Names of dimensions: given by the user, kept by element-wise operations, views, sums and means, lost elsewhere.
 *
 * <p>They stand in the gradient state, so that a tensor without names has no field for them, and nobody looks for them before the first tensor
 * was named. Source: PyTorch's named tensors, rules of {@code unify_from_right}.
 */
public final class DimNames {
    /** Stands for a dimension without a name. */
    public static final String NONE = "_";

    /** Whether any tensor ever had names; whoever sees a named tensor sees this set. */
    private static boolean used;

    private DimNames() {}

    /** Returns the names, {@link #NONE} for dimensions without; a tensor without names has none of them. */
    public static List<String> of(Tensor t) {
        String[] names = given(t);
        return List.of(names != null ? names : unnamed(t.dim()));
    }

    private static String[] unnamed(int rank) {
        return Collections.nCopies(rank, NONE).toArray(String[]::new);
    }

    private static String[] given(Tensor t) {
        return used ? Access.state(t).names : null;
    }

    private static Tensor set(Tensor t, String[] names) {
        if (names != null) {
            used = true;
            boolean none = Arrays.stream(names).allMatch(NONE::equals);
            Access.state(t).names = none ? null : names;
        }
        return t;
    }

    /** A view with these names; none at all take every name away. */
    public static Tensor rename(Tensor t, String... names) {
        if (names.length > 0) {
            check("rename", t, names);
        }
        return set(alias(t), names.length > 0 ? names.clone() : unnamed(t.dim()));
    }

    /** A view in which dimensions without a name get one; the others must have the given one. */
    public static Tensor refine(Tensor t, String... names) {
        check("refineNames", t, names);
        List<String> old = of(t);
        for (int i = 0; i < names.length; i++) {
            Checks.value(
                    old.get(i).equals(NONE) || old.get(i).equals(names[i]),
                    "refineNames",
                    "expected names that keep those of " + old + ", got " + Arrays.toString(names)
                            + "; use rename to replace them");
        }
        return set(alias(t), names.clone());
    }

    private static Tensor alias(Tensor t) {
        Layout l = Access.operand(t).layout();
        return Tape.view("AliasBackward0", t, l, g -> given(g) == null ? g : rename(g));
    }

    private static void check(String op, Tensor t, String[] names) {
        Checks.value(
                names.length == t.dim(),
                op,
                "expected a name for each of " + t.dim() + " dimensions, got " + Arrays.toString(names)
                        + "; pass \"_\" for a dimension without a name");
        for (String name : names) {
            boolean valid = name != null && !name.isEmpty() && Character.isJavaIdentifierStart(name.charAt(0));
            Checks.value(
                    valid && name.chars().allMatch(Character::isJavaIdentifierPart),
                    op,
                    "expected names of letters and digits, got " + Arrays.toString(names));
        }
        Checks.value(distinct(names), op, "expected each name once, got " + Arrays.toString(names));
    }

    private static boolean distinct(String[] names) {
        Set<String> seen = new HashSet<>();
        return Arrays.stream(names).allMatch(n -> n.equals(NONE) || seen.add(n));
    }

    /** Returns the number of the dimension with a name. */
    public static int find(String op, Tensor t, String name) {
        int i = name.equals(NONE) ? -1 : of(t).indexOf(name);
        if (i < 0) {
            throw new IndexException("[" + op + "] expected one of the names " + of(t) + ", got " + name
                    + "; give the dimension this name with refineNames");
        }
        return i;
    }

    /** Returns the numbers of the dimensions with these names, at least one. */
    public static int[] find(String op, Tensor t, String... names) {
        Checks.value(names.length > 0, op, "expected the name of a dimension, got none");
        return Arrays.stream(names).mapToInt(n -> find(op, t, n)).toArray();
    }

    /** A view with the dimensions in the order of their names; names that the tensor has not become dimensions of size 1. */
    public static Tensor alignTo(Tensor t, String... names) {
        Tensor out = t;
        List<String> old = of(t);
        Checks.value(
                List.of(names).containsAll(old) && !old.contains(NONE) && distinct(names),
                "alignTo",
                "expected an order of all of the names " + old + ", got " + Arrays.toString(names));
        int[] order = new int[names.length];
        int added = t.dim();
        for (int i = 0; i < names.length; i++) {
            order[i] = old.indexOf(names[i]);
            if (order[i] < 0) {
                out = Movement.unsqueeze(out, added);
                order[i] = added++;
            }
        }
        return set(Movement.permute(out, order), names.clone());
    }

    // ---- what operations do with names

    /** Gives a result the changed names of the tensor it was made from. */
    static Tensor carry(Tensor result, Tensor from, UnaryOperator<String[]> change) {
        String[] names = given(from);
        return names == null ? result : set(result, change.apply(names.clone()));
    }

    /** Gives a result the names of the tensor it was made from. */
    static Tensor copy(Tensor result, Tensor from) {
        return used ? set(result, given(from)) : result;
    }

    /** Gives a result the names that are left when dimensions were reduced. */
    static Tensor reduce(Tensor result, Tensor from, int[] axes, boolean keepdim) {
        return carry(result, from, names -> {
            if (!keepdim) {
                Arrays.stream(axes).forEach(d -> names[d] = "");
            }
            return Arrays.stream(names).filter(n -> !n.isEmpty()).toArray(String[]::new);
        });
    }

    /** Returns the names of the result of operands that are broadcast, or null; the same place from the right must have one name. */
    static String[] unify(String op, Object[] operands) {
        String[] out = null;
        if (used) {
            for (Object o : operands) {
                if (o instanceof Tensor t && given(t) != null) {
                    out = out == null ? given(t) : unify(op, out, given(t));
                }
            }
        }
        return out;
    }

    private static String[] unify(String op, String[] a, String[] b) {
        String[] out = (a.length >= b.length ? a : b).clone();
        for (int i = 1; i <= Math.min(a.length, b.length); i++) {
            String x = a[a.length - i];
            String y = b[b.length - i];
            if (!x.equals(y) && !x.equals(NONE) && !y.equals(NONE)) {
                throw mismatch(op, "got " + x + " and " + y, a, b);
            }
            out[out.length - i] = x.equals(NONE) ? y : x;
        }
        if (!distinct(out)) {
            throw mismatch(op, "got a name at two places", a, b);
        }
        return out;
    }

    private static ArgumentException mismatch(String op, String given, String[] a, String[] b) {
        return new ArgumentException(
                "[" + op + "] expected dimensions of one name at the same place from the right, " + given + " in "
                        + Arrays.toString(a) + " and " + Arrays.toString(b)
                        + "; bring one into the other's order with alignTo, or rename it");
    }

    /** Gives a new result its unified names, if there are any; leading dimensions of an operand without names have none. */
    static void name(Tensor result, String[] names) {
        if (names != null) {
            String[] all = unnamed(result.dim());
            System.arraycopy(names, 0, all, all.length - names.length, names.length);
            set(result, all);
        }
    }
}
