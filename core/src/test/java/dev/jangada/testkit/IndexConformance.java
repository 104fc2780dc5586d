package dev.jangada.testkit;

import dev.jangada.DType;
import dev.jangada.IndexException;
import dev.jangada.Shape;
import dev.jangada.backend.Layout;
import dev.jangada.kernel.ScatterOp;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gather and scatter. */
public abstract class IndexConformance extends Conformance {
    /** Creates the tests. */
    protected IndexConformance() {}

    private static Action gather(int dim) {
        return (b, o) -> b.gather(o[0], o[1], o[2], dim);
    }

    private static Action scatter(ScatterOp op, int dim) {
        return (b, o) -> b.scatter(op, o[0], o[1], o[2], dim);
    }

    /** A shape for the index: any size in the indexed dimension, at most that of the data in the others. */
    private static Shape indexShape(Random random, Shape data, int dim) {
        long[] sizes = data.toArray();
        for (int d = 0; d < sizes.length; d++) {
            boolean smaller = random.nextInt(3) == 0 && sizes[d] > 0;
            sizes[d] = d == dim ? random.nextInt(40) : smaller ? 1 + random.nextInt((int) sizes[d]) : sizes[d];
        }
        return Shape.of(data.size(dim) == 0 ? data.toArray() : sizes);
    }

    private static Image index(Random random, Layout layout, long size) {
        Image index = Image.of(DType.INT64, layout, 2);
        for (int i = 0; i < index.length(); i++) {
            index.put(i, size == 0 ? 0 : (long) random.nextInt((int) size));
        }
        return index;
    }

    /** Picks every type along every dimension; the index and the data may be broadcast. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void gathers(DType type) {
        Random random = new Random(type.ordinal());
        for (int round = 0; round < 4; round++) {
            for (int rank = 1; rank <= 5; rank++) {
                for (int dim = 0; dim < rank; dim++) {
                    Shape data = Samples.shape(random, rank);
                    Shape shape = indexShape(random, data, dim);
                    List<Image> images = List.of(
                            Samples.image(random, type, Samples.distinct(random, shape), Samples.Content.ANY),
                            Samples.image(random, type, Samples.readable(random, data), Samples.Content.ANY),
                            index(random, Samples.readable(random, shape), data.size(dim)));
                    String what = "gather " + type + " from " + data + " at " + shape + " along " + dim;
                    check(what, 1, Tolerance.EXACT, images, gather(dim));
                }
            }
        }
    }

    /** Replaces and adds, with many hits on one element: the last one wins, sums are rounded one by one in order. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void scatters(DType type) {
        Random random = new Random(type.ordinal());
        for (ScatterOp op : ScatterOp.values()) {
            for (int round = 0; round < 3; round++) {
                for (int rank = 1; rank <= 5; rank++) {
                    for (int dim = 0; dim < rank; dim++) {
                        Shape data = Samples.shape(random, rank);
                        Shape shape = indexShape(random, data, dim);
                        List<Image> images = List.of(
                                Samples.image(random, type, Samples.distinct(random, data), Samples.Content.MODERATE),
                                index(random, Samples.readable(random, shape), Math.min(5, data.size(dim))),
                                Samples.image(random, type, Samples.readable(random, shape), Samples.Content.MODERATE));
                        String what = "scatter " + op + " " + type + " to " + data + " at " + shape + " along " + dim;
                        check(what, 1, Tolerance.EXACT, images, scatter(op, dim));
                    }
                }
            }
        }
    }

    /** Nothing to pick, from nothing. */
    @Test
    void emptyIndex() {
        for (Shape data : List.of(Shape.of(0), Shape.of(0, 3), Shape.of(5, 0), Shape.of(5))) {
            Shape shape = data.with(0, 0);
            List<Image> images = List.of(
                    Image.of(DType.FLOAT32, Layout.contiguous(shape), 1),
                    Image.of(DType.FLOAT32, Layout.contiguous(data), 1),
                    Image.of(DType.INT64, Layout.contiguous(shape), 1));
            check("gather nothing from " + data, 1, Tolerance.EXACT, images, gather(0));
            List<Image> turned = List.of(images.get(1), images.get(2), images.get(0));
            check("scatter nothing to " + data, 1, Tolerance.EXACT, turned, scatter(ScatterOp.ADD, 0));
        }
    }

    /** An index outside the dimension, early or late, is an exception; a scatter has then written nothing. */
    @Test
    void indicesOutOfRange() {
        long[] wrong = {-1, 7, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32};
        for (long bad : wrong) {
            for (int at : new int[] {0, 100, 256 * 3 - 1}) {
                Random random = new Random(at);
                Layout small = Layout.contiguous(Shape.of(7, 3));
                Layout large = Layout.contiguous(Shape.of(256, 3));
                Image index = index(random, large, 7);
                index.put(at, bad);
                Image data = Samples.image(random, DType.FLOAT32, small, Samples.Content.ANY);
                Image values = Samples.image(random, DType.FLOAT32, large, Samples.Content.ANY);
                String what = "index " + bad + " at " + at;
                checkFailure(what, IndexException.class, false, List.of(values, data, index), gather(0));
                for (ScatterOp op : ScatterOp.values()) {
                    checkFailure(what, IndexException.class, true, List.of(data, index, values), scatter(op, 0));
                }
            }
        }
    }

    /** The number of threads changes no bit, whatever the order in which they hit an element. */
    @Test
    void threadsChangeNothing() {
        for (Shape shape : List.of(Shape.of(50_000), Shape.of(5000, 17))) {
            Random random = new Random(1);
            Layout from = Layout.contiguous(shape);
            Layout to = Layout.contiguous(shape.with(0, 11));
            List<Image> images = List.of(
                    Samples.image(random, DType.FLOAT32, to, Samples.Content.MODERATE),
                    index(random, from, 11),
                    Samples.image(random, DType.FLOAT32, from, Samples.Content.MODERATE));
            for (ScatterOp op : ScatterOp.values()) {
                checkThreads("scatter " + op + " of " + shape, 1, images, scatter(op, 0));
            }
            List<Image> turned = List.of(images.get(2), images.get(0), images.get(1));
            checkThreads("gather of " + shape, 1, turned, gather(0));
        }
    }
}
