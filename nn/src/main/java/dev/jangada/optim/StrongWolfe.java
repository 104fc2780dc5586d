package dev.jangada.optim;

import dev.jangada.Tensor;
import java.util.function.DoubleFunction;

/**
 * A line search for {@link LBFGS}: it looks along a direction for a point that is low enough (Armijo) and flat enough (curvature).
 *
 * <p>First steps of growing length until a stretch is found that holds such a point; then that stretch shrinks around it, by the minimum of
 * the cubic through its ends.
 *
 * <p>Source: Nocedal, Wright, "Numerical Optimization", algorithms 3.5 and 3.6; the safeguards are those of {@code torch.optim.LBFGS}.
 */
final class StrongWolfe {
    /**
     * A point of the line.
     *
     * @param t its distance from the start, in lengths of the direction
     * @param slope the derivative along the direction
     */
    record Point(double t, double loss, Tensor grad, double slope) {}

    private static final double LOW_ENOUGH = 1e-4;
    private static final double FLAT_ENOUGH = 0.9;
    private static final int MOST_TRIALS = 25;

    private final DoubleFunction<Point> line;
    private final Point start;
    private int trials;
    private Point low;
    private Point high;

    private StrongWolfe(DoubleFunction<Point> line, Point start) {
        this.line = line;
        this.start = start;
    }

    /**
     * Returns the point that was found, or the best one tried.
     *
     * @param line computes loss and gradient at a distance
     * @param start the point at distance 0, whose slope is negative
     * @param first the distance to try first
     * @param shortest a stretch that is shorter is not searched any more
     */
    static Point search(DoubleFunction<Point> line, Point start, double first, double shortest) {
        StrongWolfe search = new StrongWolfe(line, start);
        return search.bracket(first) ? search.low : search.shrink(shortest);
    }

    private boolean tooHigh(Point p) {
        return p.loss > start.loss + LOW_ENOUGH * p.t * start.slope;
    }

    private boolean flat(Point p) {
        return Math.abs(p.slope) <= -FLAT_ENOUGH * start.slope;
    }

    /** Looks for a stretch; tells whether a point on the way is good already, which is {@link #low} then. */
    private boolean bracket(double first) {
        Point before = start;
        Point now = line.apply(first);
        while (trials < MOST_TRIALS) {
            if (tooHigh(now) || trials > 1 && now.loss >= before.loss) {
                stretch(before, now);
                return false;
            }
            if (flat(now)) {
                low = now;
                return true;
            }
            if (now.slope >= 0) {
                stretch(before, now);
                return false;
            }
            double next = lowest(before, now, now.t + 0.01 * (now.t - before.t), 10 * now.t);
            before = now;
            now = line.apply(next);
            trials++;
        }
        stretch(start, now);
        return false;
    }

    private void stretch(Point a, Point b) {
        low = a.loss <= b.loss ? a : b;
        high = a.loss <= b.loss ? b : a;
    }

    private Point shrink(double shortest) {
        boolean stuck = false;
        while (trials < MOST_TRIALS && Math.abs(high.t - low.t) >= shortest) {
            double from = Math.min(low.t, high.t);
            double to = Math.max(low.t, high.t);
            double t = lowest(low, high, from, to);
            double margin = 0.1 * (to - from);
            boolean atEdge = Math.min(to - t, t - from) < margin;
            if (atEdge && (stuck || t >= to || t <= from)) {
                t = Math.abs(t - to) < Math.abs(t - from) ? to - margin : from + margin;
                atEdge = false;
            }
            stuck = atEdge;
            Point now = line.apply(t);
            trials++;
            if (tooHigh(now) || now.loss >= low.loss) {
                stretch(low, now);
            } else if (flat(now)) {
                return now;
            } else {
                high = now.slope * (high.t - low.t) >= 0 ? low : high;
                low = now;
            }
        }
        return low;
    }

    /** Returns where the cubic through two points with their slopes is lowest, within bounds; their middle if it has no minimum. */
    private static double lowest(Point a, Point b, double from, double to) {
        Point left = a.t <= b.t ? a : b;
        Point right = a.t <= b.t ? b : a;
        double d1 = left.slope + right.slope - 3 * (left.loss - right.loss) / (left.t - right.t);
        double square = d1 * d1 - left.slope * right.slope;
        if (!(square >= 0)) {
            return (from + to) / 2;
        }
        double d2 = Math.sqrt(square);
        double t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
        return Math.min(Math.max(t, from), to);
    }
}
