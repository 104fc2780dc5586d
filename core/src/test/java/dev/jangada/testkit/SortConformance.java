package dev.jangada.testkit;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Layout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sorting and the first elements of an order. */
public abstract class SortConformance extends Conformance {
    /** Creates the tests. */
    protected SortConformance() {}

    private static Action sort(int dim, boolean descending) {
        return (b, o) -> b.sort(o[0], o[1], o[2], dim, descending);
    }

    private void check(DType type, Shape shape, int dim, long k, Samples.Content content, boolean descending) {
        Random random = new Random(shape.hashCode() * 31L + k);
        Shape out = shape.with(dim, k);
        List<Image> images = List.of(
                Samples.image(random, type, Samples.distinct(random, out), Samples.Content.ANY),
                Samples.image(random, DType.INT64, Samples.distinct(random, out), Samples.Content.ANY),
                Samples.image(random, type, Samples.readable(random, shape), content));
        String what = (descending ? "descending " : "ascending ") + type + " " + content + " of " + shape + " along "
                + dim + ", first " + k;
        check(what, 2, Tolerance.EXACT, images, sort(dim, descending));
    }

    private void checkAll(DType type, Shape shape, int dim, long k) {
        boolean both = !chooses() || type.size() >= Integer.BYTES;
        boolean down = type.ordinal() % 2 == 0;
        for (Samples.Content content : List.of(Samples.Content.ANY, Samples.Content.TIES)) {
            if (both || !down) {
                check(type, shape, dim, k, content, false);
            }
            if (both || down) {
                check(type, shape, dim, k, content, true);
            }
        }
    }

    /** Every type along every dimension: all of the order and its first elements; ties keep their order, NaN is the largest. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void everyType(DType type) {
        Random random = new Random(type.ordinal());
        for (int rank = 1; rank <= 4; rank++) {
            Shape shape = Samples.shape(random, rank);
            for (int dim = 0; dim < rank; dim++) {
                long n = shape.size(dim);
                checkAll(type, shape, dim, n);
                checkAll(type, shape, dim, Math.min(n, 3));
            }
        }
        for (int size : Samples.SIZES) {
            checkAll(type, Shape.of(size), 0, size);
            checkAll(type, Shape.of(size), 0, size / 2);
            checkAll(type, Shape.of(size, 3), 0, Math.min(size, 5));
        }
        checkAll(type, Shape.of(4, 0), 0, 2);
        checkAll(type, Shape.of(4, 7), 1, 0);
    }

    /** The number of threads changes no bit. */
    @Test
    void threadsChangeNothing() {
        for (Shape shape : List.of(Shape.of(1, 60_000), Shape.of(300, 101))) {
            Layout layout = Layout.contiguous(shape);
            List<Image> images = List.of(
                    Image.of(DType.FLOAT32, layout, 0),
                    Image.of(DType.INT64, layout, 0),
                    Samples.image(new Random(3), DType.FLOAT32, layout, Samples.Content.TIES));
            checkThreads("sort of " + shape, 2, images, sort(1, false));
        }
    }
}
