package dev.jangada.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Layouts against enumeration of all their positions. */
class LayoutTest {
    /** All positions in row-major order. */
    private static List<Long> positions(Layout l) {
        List<Long> all = new ArrayList<>();
        if (l.numel() > 0) {
            collect(l, 0, l.offset(), all);
        }
        return all;
    }

    private static void collect(Layout l, int dim, long at, List<Long> all) {
        if (dim == l.rank()) {
            all.add(at);
            return;
        }
        for (long i = 0; i < l.size(dim); i++) {
            collect(l, dim + 1, at + i * l.stride(dim), all);
        }
    }

    private static List<Layout> samples() {
        List<Layout> all = new ArrayList<>();
        Random random = new Random(1);
        for (int n = 0; n < 3000; n++) {
            int rank = random.nextInt(5);
            long[] sizes = new long[rank];
            long[] strides = new long[rank];
            for (int i = 0; i < rank; i++) {
                sizes[i] = random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(4);
                strides[i] = random.nextInt(13);
            }
            Shape shape = Shape.of(sizes);
            if (n % 2 == 0) {
                Layout plain = Layout.contiguous(shape);
                for (int i = 0; i < rank; i++) {
                    strides[i] = shape.size(i) == 1 && random.nextBoolean() ? 99 : plain.stride(i);
                }
                all.add(Layout.of(shape, strides, random.nextInt(5)).permute(permutation(random, rank)));
            } else {
                all.add(Layout.of(shape, strides, random.nextInt(5)));
            }
        }
        return all;
    }

    private static int[] permutation(Random random, int rank) {
        List<Integer> dims = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            dims.add(random.nextInt(i + 1), i);
        }
        return dims.stream().mapToInt(i -> i).toArray();
    }

    @Test
    void contiguousIsRowMajor() {
        Layout l = Layout.contiguous(Shape.of(2, 3, 4));
        assertThat(l.strides()).containsExactly(12, 4, 1);
        assertThat(positions(l)).isEqualTo(LongStream.range(0, 24).boxed().toList());
        assertThat(Layout.contiguous(Shape.of(2, 0, 4)).isContiguous()).isTrue();
        assertThat(Layout.contiguous(Shape.SCALAR).span()).isEqualTo(1);
    }

    @Test
    void propertiesMatchTheEnumeration() {
        for (Layout l : samples()) {
            List<Long> p = positions(l);
            List<Long> rows =
                    LongStream.range(l.offset(), l.offset() + p.size()).boxed().toList();
            assertThat(l.numel()).isEqualTo(p.size());
            assertThat(l.isContiguous()).as("contiguous %s", l).isEqualTo(p.equals(rows));
            assertThat(l.span())
                    .as("span %s", l)
                    .isEqualTo(p.stream().mapToLong(x -> x + 1).max().orElse(0));
            boolean dense = new HashSet<>(p).equals(new HashSet<>(rows));
            assertThat(l.isDense()).as("dense %s", l).isEqualTo(dense && new HashSet<>(p).size() == p.size());
            if (new HashSet<>(p).size() < p.size()) {
                assertThat(l.overlaps()).as("overlaps %s", l).isTrue();
            }
            if (l.isDense()) {
                assertThat(l.overlaps()).as("overlaps %s", l).isFalse();
            }
        }
    }

    @Test
    void overlapsMayBeFalseOnlyForDistinctElements() {
        assertThat(Layout.of(Shape.of(3, 2), new long[] {1, 3}, 0).overlaps()).isFalse();
        assertThat(Layout.of(Shape.of(3, 2), new long[] {10, 2}, 0).overlaps()).isFalse();
        assertThat(Layout.of(Shape.of(3), new long[] {0}, 0).overlaps()).isTrue();
        assertThat(Layout.of(Shape.of(1), new long[] {0}, 0).overlaps()).isFalse();
        assertThat(Layout.of(Shape.of(0, 2), new long[] {0, 0}, 0).overlaps()).isFalse();
        assertThat(Layout.of(Shape.of(4, 4), new long[] {1, 1}, 0).overlaps()).isTrue();
    }

    /** A view must keep the order of the elements; whether one exists is asked of all strides a view could have. */
    @Test
    void viewsMatchTheEnumeration() {
        Random random = new Random(2);
        int found = 0;
        int refused = 0;
        for (Layout l : samples()) {
            Shape target = refactored(random, l.numel());
            Optional<Layout> view = l.view(target);
            if (view.isPresent()) {
                found++;
                assertThat(view.get().shape()).isEqualTo(target);
                assertThat(positions(view.get())).as("%s as %s", l, target).isEqualTo(positions(l));
            } else {
                refused++;
                assertThat(expressible(positions(l), target))
                        .as("%s as %s", l, target)
                        .isFalse();
            }
        }
        assertThat(found).isGreaterThan(500);
        assertThat(refused).isGreaterThan(300);
    }

    /** Some shape of this many elements, with dimensions of size 1 here and there. */
    private static Shape refactored(Random random, long numel) {
        List<Long> sizes = new ArrayList<>();
        long left = numel;
        for (long f = 2; f <= left && numel > 0; ) {
            if (left % f == 0 && random.nextBoolean()) {
                sizes.add(f);
                left /= f;
            } else {
                f++;
            }
        }
        if (left != 1) {
            sizes.add(left);
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            sizes.add(random.nextInt(sizes.size() + 1), 1L);
        }
        return Shape.of(sizes.stream().mapToLong(x -> x).toArray());
    }

    /** Whether strides exist with which the shape visits these positions. */
    private static boolean expressible(List<Long> positions, Shape shape) {
        long[] strides = new long[shape.rank()];
        long step = 1;
        for (int d = strides.length - 1; d >= 0; d--) {
            strides[d] = shape.size(d) > 1 ? positions.get((int) step) - positions.get(0) : 0;
            step *= shape.size(d);
        }
        return positions(Layout.of(shape, strides, positions.get(0))).equals(positions);
    }

    @Test
    void slicesSelectionsAndPermutations() {
        Random random = new Random(3);
        for (Layout l : samples()) {
            if (l.rank() == 0 || l.numel() == 0) {
                continue;
            }
            int dim = random.nextInt(l.rank());
            long start = random.nextInt((int) l.size(dim));
            long step = 1L + random.nextInt(3);
            long length = (l.size(dim) - start + step - 1) / step;
            Layout slice = l.slice(dim, start, length, step);
            List<Long> rows = new ArrayList<>();
            for (long i = start; i < l.size(dim); i += step) {
                rows.addAll(positions(l.select(dim, i)));
            }
            assertThat(positions(slice.permute(first(dim, l.rank()))))
                    .as("%s along %d", slice, dim)
                    .isEqualTo(rows);
            assertThat(positions(l.slice(dim, start, 0, 1))).isEmpty();
            assertThat(positions(l.unsqueeze(dim))).isEqualTo(positions(l));
            assertThat(positions(l.unsqueeze(dim).squeeze(dim))).isEqualTo(positions(l));
            assertThat(l.unsqueeze(l.rank()).size(-1)).isEqualTo(1);
            int other = random.nextInt(l.rank());
            assertThat(l.transpose(dim, other).transpose(other, dim)).isEqualTo(l);
            assertThat(l.transpose(dim, other).size(dim)).isEqualTo(l.size(other));
        }
    }

    private static int[] first(int dim, int rank) {
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = i == 0 ? dim : i <= dim ? i - 1 : i;
        }
        return dims;
    }

    @Test
    void expandRepeatsElements() {
        Layout l = Layout.of(Shape.of(3, 1), new long[] {2, 7}, 1);
        assertThat(positions(l.expand(Shape.of(2, 3, 2))))
                .containsExactly(1L, 1L, 3L, 3L, 5L, 5L, 1L, 1L, 3L, 3L, 5L, 5L);
        assertThat(l.expand(Shape.of(3, 1))).isSameAs(l);
        assertThat(l.expand(Shape.of(2, 3, 2)).overlaps()).isTrue();
    }

    @Test
    void isAValue() {
        long[] strides = {1, 2};
        Layout l = Layout.of(Shape.of(2, 3), strides, 4);
        strides[0] = 9;
        l.strides()[1] = 9;
        assertThat(l).isEqualTo(Layout.of(Shape.of(2, 3), new long[] {1, 2}, 4));
        assertThat(l).hasSameHashCodeAs(Layout.of(Shape.of(2, 3), new long[] {1, 2}, 4));
        assertThat(l).isNotEqualTo(Layout.of(Shape.of(2, 3), new long[] {1, 2}, 5));
        assertThat(l).hasToString("[2, 3] strides [1, 2] offset 4");
        assertThat(l.stride(-1)).isEqualTo(2);
    }
}
