package dev.jangada.reference;

import dev.jangada.DType;
import dev.jangada.kernel.ReduceOp;

/** Combines values one after the other: floating point values in double, others in long. */
final class Accumulator {
    private final ReduceOp op;
    private final DType type;
    private long count;
    private double floating;
    private double mean;
    private long integer;
    /** The best integer so far of ARGMAX and ARGMIN, where {@code integer} is its number. */
    private long best;

    Accumulator(ReduceOp op, DType type) {
        this.op = op;
        this.type = type;
        boolean one = op == ReduceOp.PROD || op == ReduceOp.ALL;
        this.floating = one ? 1 : 0;
        this.integer = one ? 1 : 0;
    }

    /** Adds the value that stands at a row-major number within the reduced dimensions; the one of the two that has its type counts. */
    void add(double x, long n, long number) {
        boolean better = type.isFloatingPoint() ? better(x) : better(n);
        count++;
        switch (op) {
            case SUM -> {
                floating += x;
                integer = type == DType.BOOL ? integer | n : integer + n;
            }
            case PROD -> {
                floating *= x;
                integer *= n;
            }
            case ANY -> integer |= n;
            case ALL -> integer &= n;
            case MAX, MIN -> {
                floating = better ? x : floating;
                integer = better ? n : integer;
            }
            case ARGMAX, ARGMIN -> {
                floating = better ? x : floating;
                best = better ? n : best;
                integer = better ? number : integer;
            }
            case VARIANCE -> {
                double before = x - mean;
                mean += before / count;
                floating += before * (x - mean);
            }
        }
    }

    private boolean better(double x) {
        if (count == 0) {
            return true;
        }
        boolean beats = op == ReduceOp.MIN || op == ReduceOp.ARGMIN ? x < floating : x > floating;
        return beats || (Double.isNaN(x) && !Double.isNaN(floating));
    }

    private boolean better(long n) {
        long old = op == ReduceOp.MAX || op == ReduceOp.MIN ? integer : best;
        return count == 0 || (op == ReduceOp.MIN || op == ReduceOp.ARGMIN ? n < old : n > old);
    }

    /** Returns result {@code i} when it is of a floating point type. */
    double floating(int i) {
        return i == 0 ? floating : count == 0 ? Double.NaN : mean;
    }

    /** Returns the result when it is of another type. */
    long integer() {
        return integer;
    }

    /** Tells whether a value can be given for as many elements as came. */
    boolean isDefined() {
        boolean needsOne = switch (op) {
            case MAX, MIN, ARGMAX, ARGMIN -> true;
            case SUM, PROD, ANY, ALL, VARIANCE -> false;
        };
        return count > 0 || !needsOne;
    }
}
