package dev.jangada.optim;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Numbers as tensors and back: the state of optimisers and schedulers is a flat map of tensors, which every file format can hold. */
final class StateDict {
    private StateDict() {}

    static Tensor tensor(long value) {
        return Tensor.scalar(value);
    }

    static Tensor tensor(double value) {
        return Tensor.scalar(value, DType.FLOAT64);
    }

    static Tensor tensor(double[] values) {
        return Tensor.of(values, DType.FLOAT64, values.length);
    }

    /** Takes values out of a state and notes what is wrong with it, to say it all at once. */
    static final class Reader {
        private final String owner;
        private final Map<String, Tensor> state;
        private final Set<String> asked = new HashSet<>();
        private final List<String> missing = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();

        /**
         * Creates a reader.
         *
         * @param owner the class that the state must be of
         */
        Reader(String owner, Map<String, Tensor> state) {
            this.owner = owner;
            this.state = state;
        }

        boolean has(String name) {
            return state.containsKey(name);
        }

        void require(boolean ok, String problem) {
            if (!ok) {
                problems.add(problem);
            }
        }

        /** Notes a name that must be there. */
        void expect(String name) {
            if (!has(name)) {
                missing.add(name);
            }
        }

        /** Returns a number, NaN if there is none. */
        double number(String name) {
            Tensor value = find(name, Shape.of());
            return value == null ? Double.NaN : value.item();
        }

        /** Returns a whole number, 0 if there is none. */
        long whole(String name) {
            Tensor value = find(name, Shape.of());
            if (value != null && value.dtype() != DType.INT64) {
                problems.add(value.dtype() + " instead of int64 for " + name);
                return 0;
            }
            return value == null ? 0 : value.itemLong();
        }

        /** Returns numbers, all NaN if there are none. */
        double[] numbers(String name, int count) {
            Tensor value = find(name, Shape.of(count));
            if (value != null) {
                return value.toDoubleArray();
            }
            double[] out = new double[count];
            Arrays.fill(out, Double.NaN);
            return out;
        }

        /** Returns a tensor of a shape, null if there is none. */
        Tensor find(String name, Shape shape) {
            asked.add(name);
            Tensor value = state.get(name);
            if (value == null) {
                missing.add(name);
                return null;
            }
            if (value.isClosed()) {
                problems.add("a closed tensor for " + name);
                return null;
            }
            if (!value.shape().equals(shape)) {
                problems.add("shape " + value.shape() + " instead of " + shape + " for " + name);
                return null;
            }
            return value;
        }

        /**
         * Ends the reading.
         *
         * @throws ArgumentException if something was missing, wrong, or never asked for
         */
        void finish() {
            List<String> unexpected = state.keySet().stream()
                    .filter(n -> !asked.contains(n))
                    .sorted()
                    .toList();
            if (unexpected.size() == state.size()) { // not one of our names
                problems.clear();
                problems.add(state.isEmpty() ? "an empty one" : "names such as " + shortened(unexpected));
            } else if (!missing.isEmpty()) {
                problems.add(0, "missing " + shortened(missing));
            }
            if (!unexpected.isEmpty() && unexpected.size() < state.size()) {
                problems.add("unexpected " + shortened(unexpected));
            }
            if (!problems.isEmpty()) {
                throw new ArgumentException("[loadStateDict] expected the state of this " + owner + ", got "
                        + String.join("; ", problems) + "; build the same model, groups and " + owner + " as when it"
                        + " was saved");
            }
        }

        private static String shortened(List<String> names) {
            return names.size() <= 4 ? names.toString() : names.subList(0, 4) + " and " + (names.size() - 4) + " more";
        }
    }
}
