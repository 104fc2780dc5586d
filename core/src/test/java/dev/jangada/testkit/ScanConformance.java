package dev.jangada.testkit;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Layout;
import dev.jangada.kernel.ScanOp;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cumulative sums, products and extremes. */
public abstract class ScanConformance extends Conformance {
    private static final double LARGEST = 3;

    /** Creates the tests. */
    protected ScanConformance() {}

    private static Action scan(ScanOp op, int dim) {
        return (b, o) -> b.scan(op, o[0], o[1], dim);
    }

    private void check(ScanOp op, DType type, Shape shape, int dim, Random random) {
        boolean extreme = op == ScanOp.MAX || op == ScanOp.MIN;
        Samples.Content content = !type.isFloatingPoint() || extreme
                ? Samples.Content.ANY
                : op == ScanOp.PROD ? Samples.Content.NEAR_ONE : Samples.Content.MODERATE;
        List<Image> images = List.of(
                Samples.image(random, type, Samples.distinct(random, shape), Samples.Content.ANY),
                Samples.image(random, type, Samples.readable(random, shape), content));
        String what = "scan " + op + " " + type + " of " + shape + " along " + dim;
        check(what, 1, tolerance(op, type, shape.size(dim)), images, scan(op, dim));
    }

    private static Tolerance tolerance(ScanOp op, DType type, long n) {
        Tolerance sum = Tolerance.sum(n, LARGEST, type);
        double relative = (n + 16) * (type == DType.FLOAT64 ? 0x1p-53 : 0x1p-24);
        return switch (op) {
            case SUM -> sum;
            case PROD -> new Tolerance(sum.ulps(), relative, 1e-30, false);
            case MAX, MIN -> Tolerance.EQUAL;
        };
    }

    /** Every accumulation on every type along every dimension. */
    @ParameterizedTest
    @EnumSource(ScanOp.class)
    void everyScan(ScanOp op) {
        for (DType type : DType.values()) {
            if (!isTried(op, type, type.ordinal(), DType.values().length)) {
                continue;
            }
            Random random = new Random(type.ordinal());
            for (int rank = 1; rank <= 5; rank++) {
                Shape shape = Samples.shape(random, rank);
                for (int dim = 0; dim < rank; dim++) {
                    check(op, type, shape, dim, random);
                }
            }
            for (int size : Samples.SIZES) {
                check(op, type, Shape.of(size), 0, random);
                check(op, type, Shape.of(3, size), 1, random);
                check(op, type, Shape.of(size, 3), 0, random);
                check(op, type, Shape.of(size, 0, 3), 0, random);
            }
        }
    }

    /** The number of threads changes no bit. */
    @Test
    void threadsChangeNothing() {
        for (ScanOp op : ScanOp.values()) {
            for (Shape shape : List.of(Shape.of(1, 100_001), Shape.of(300, 400))) {
                for (int dim = 0; dim < 2; dim++) {
                    Layout layout = Layout.contiguous(shape);
                    List<Image> images = List.of(
                            Image.of(DType.FLOAT32, layout, 0),
                            Samples.image(new Random(3), DType.FLOAT32, layout, Samples.Content.NEAR_ONE));
                    checkThreads("scan " + op + " of " + shape + " along " + dim, 1, images, scan(op, dim));
                }
            }
        }
    }
}
