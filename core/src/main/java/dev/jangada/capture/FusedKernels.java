package dev.jangada.capture;

import dev.jangada.DType;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Kernel;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Kernels that passes have made of two, one for each pair and way to put it together: the next trace finds them ready, and backends keep
 * what they compile for as long as the process.
 *
 * <p>The expressions are put together as they are, with the roundings to the types in between, so every bit stays.
 */
final class FusedKernels {
    private static final int MOST_INSTRUCTIONS = 96;
    private static final Map<Pair, Optional<Kernel>> KNOWN = new ConcurrentHashMap<>();
    private static final Map<Object, Kernel> SAME = new ConcurrentHashMap<>();

    private FusedKernels() {}

    /**
     * Two kernels and how the second reads the first.
     *
     * <p>{@code firstIns} and {@code secondIns} number the operands of the merged kernel that the two read; a negative number -1 - i is
     * result i of the first. Operands are counted in the order in which they occur first, {@code count} in all; {@code keep} says which
     * results of the first stay results, before those of the second. Scalars of the first stand before those of the second.
     */
    static final class Pair {
        private final Kernel first;
        private final Kernel second;
        private final int[] firstIns;
        private final int[] secondIns;
        private final boolean[] keep;
        private final int count;
        private final int hash;

        Pair(Kernel first, Kernel second, int[] firstIns, int[] secondIns, boolean[] keep, int count) {
            this.first = first;
            this.second = second;
            this.firstIns = firstIns;
            this.secondIns = secondIns;
            this.keep = keep;
            this.count = count;
            int h = 31 * System.identityHashCode(first) + System.identityHashCode(second);
            h = 31 * h + Arrays.hashCode(firstIns);
            h = 31 * h + Arrays.hashCode(secondIns);
            this.hash = 31 * h + Arrays.hashCode(keep);
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Pair p
                    && p.first == first
                    && p.second == second
                    && p.count == count
                    && Arrays.equals(p.firstIns, firstIns)
                    && Arrays.equals(p.secondIns, secondIns)
                    && Arrays.equals(p.keep, keep);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        // ---- putting together

        private String name() {
            if (first instanceof MapKernel copy
                    && copy == Trace.copy(copy.program().outputType(0))) {
                return second.name(); // a matrix product without an epilogue
            }
            String both = first.name() + "+" + second.name();
            return both.length() <= 60 ? both : both.substring(0, 57) + "...";
        }

        private List<DType> types(Program a, Program b) {
            DType[] types = new DType[count];
            for (int i = 0; i < firstIns.length; i++) {
                types[firstIns[i]] = a.inputs().get(i);
            }
            for (int i = 0; i < secondIns.length; i++) {
                if (secondIns[i] >= 0) {
                    types[secondIns[i]] = b.inputs().get(i);
                }
            }
            return List.of(types);
        }

        private static Expr[] operands(int[] numbers, Program p, Expr[] made) {
            Expr[] out = new Expr[numbers.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = numbers[i] < 0
                        ? made[-1 - numbers[i]]
                        : Expr.input(numbers[i], p.inputs().get(i));
            }
            return out;
        }

        private static Expr[] scalars(Program p, int from) {
            Expr[] out = new Expr[p.scalars().size()];
            for (int i = 0; i < out.length; i++) {
                out[i] = Expr.scalar(from + i, p.scalars().get(i));
            }
            return out;
        }

        private static List<DType> scalarTypes(Program a, Program b) {
            List<DType> out = new ArrayList<>(a.scalars());
            out.addAll(b.scalars());
            return out;
        }

        private Expr[] kept(Expr[] made, Expr[] added) {
            List<Expr> out = new ArrayList<>();
            for (int i = 0; i < made.length; i++) {
                if (keep[i]) {
                    out.add(made[i]);
                }
            }
            out.addAll(List.of(added));
            return out.toArray(new Expr[0]);
        }

        private Optional<Kernel> map() {
            Program a = ((MapKernel) first).program();
            Program b = ((MapKernel) second).program();
            Expr[] made = a.over(operands(firstIns, a, null), scalars(a, 0));
            Expr[] added =
                    b.over(operands(secondIns, b, made), scalars(b, a.scalars().size()));
            Program both = Program.of(types(a, b), scalarTypes(a, b), kept(made, added));
            return shortEnough(both).map(p -> SAME.computeIfAbsent(p, any -> new MapKernel(name(), p)));
        }

        private static Optional<Program> shortEnough(Program p) {
            return p.code().size() > MOST_INSTRUCTIONS ? Optional.empty() : Optional.of(p);
        }

        private static Expr[] results(ReduceKernel k) {
            Expr[] out = new Expr[k.epilogue().inputs().size()];
            for (int i = 0; i < out.length; i++) {
                out[i] = Expr.input(i, k.epilogue().inputs().get(i));
            }
            return out;
        }

        private Optional<Kernel> mapReduce() {
            Program a = ((MapKernel) first).program();
            ReduceKernel reduce = (ReduceKernel) second;
            Program b = reduce.program();
            List<DType> scalars = scalarTypes(a, b);
            Expr[] parameters = scalars(b, a.scalars().size());
            Expr[] made = a.over(operands(firstIns, a, null), scalars(a, 0));
            Program values = Program.of(types(a, b), scalars, b.over(operands(secondIns, b, made), parameters));
            Program epilogue = Program.of(
                    reduce.epilogue().inputs(), scalars, reduce.epilogue().over(results(reduce), parameters));
            return shortEnough(values).map(v -> reduction(reduce, v, epilogue));
        }

        private Optional<Kernel> reduceMap() {
            ReduceKernel reduce = (ReduceKernel) first;
            Program a = reduce.program();
            Program b = ((MapKernel) second).program();
            List<DType> scalars = scalarTypes(a, b);
            Expr[] parameters = scalars(a, 0);
            Expr[] made = reduce.epilogue().over(results(reduce), parameters);
            Expr[] added =
                    b.over(operands(secondIns, b, made), scalars(b, a.scalars().size()));
            Program values = Program.of(a.inputs(), scalars, a.over(operands(firstIns, a, null), parameters));
            Program epilogue = Program.of(reduce.epilogue().inputs(), scalars, kept(made, added));
            return shortEnough(epilogue).map(e -> reduction(reduce, values, e));
        }

        private Kernel reduction(ReduceKernel reduce, Program values, Program epilogue) {
            return SAME.computeIfAbsent(
                    List.of(reduce.op(), values, epilogue),
                    any -> new ReduceKernel(name(), reduce.op(), values, epilogue));
        }

        private Optional<Kernel> make() {
            if (second instanceof ReduceKernel) {
                return mapReduce();
            }
            return first instanceof ReduceKernel ? reduceMap() : map();
        }
    }

    /** Returns the one kernel that does what both do, or empty if it would be too long. */
    static Optional<Kernel> of(Pair pair) {
        Optional<Kernel> known = KNOWN.get(pair);
        return known != null ? known : KNOWN.computeIfAbsent(pair, p -> p.make());
    }
}
