package dev.jangada.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.IndexException;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.data.DataLoader.Options;
import dev.jangada.nn.MemoryUse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DataLoaderTest {
    private static TensorDataset numbers(int n) {
        return new TensorDataset(Tensor.arange(n).to(DType.UINT8).reshape(n, 1), Tensor.arange(n));
    }

    private static List<List<Long>> epoch(DataLoader<Batch> loader) {
        List<List<Long>> out = new ArrayList<>();
        for (Batch batch : loader) {
            try (batch;
                    TensorScope scope = new TensorScope()) {
                assertThat(batch.get(0).dtype()).isEqualTo(DType.UINT8);
                List<Long> rows = new ArrayList<>();
                for (long x : batch.get(1).toLongArray()) {
                    rows.add(x);
                }
                long[] inputs = batch.get(0).to(DType.INT64).toLongArray();
                for (int i = 0; i < inputs.length; i++) {
                    assertThat(inputs[i]).isEqualTo(rows.get(i) & 0xff);
                }
                out.add(rows);
            }
        }
        return out;
    }

    private static DataLoader<Batch> loader(int n, Options options) {
        return new DataLoader<>(numbers(n), options);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void batchesComeInOrder(int workers) {
        DataLoader<Batch> loader = loader(7, Options.of(3).withNumWorkers(workers));
        assertThat(loader.size()).isEqualTo(3);
        assertThat(epoch(loader)).containsExactly(List.of(0L, 1L, 2L), List.of(3L, 4L, 5L), List.of(6L));
        assertThat(epoch(loader)).hasSize(3);
        assertThat(epoch(loader(7, Options.of(3).withNumWorkers(workers).withDropLast(true))))
                .hasSize(2);
    }

    @Test
    void endlessGoesFromEpochToEpoch() {
        Iterator<Batch> batches = loader(3, Options.of(2)).endless();
        List<Long> sizes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            sizes.add(batches.next().size());
        }
        assertThat(sizes).containsExactly(2L, 1L, 2L, 1L, 2L);
        DataLoader<Batch> none = loader(1, Options.of(2).withDropLast(true));
        assertThatThrownBy(none::endless).isInstanceOf(ArgumentException.class).hasMessageContaining("1 samples");
    }

    @Test
    void orderDependsOnTheSeedAlone() {
        Options options = Options.of(8).withShuffle(true);
        DataLoader<Batch> inline = loader(100, options.withSeed(5));
        DataLoader<Batch> worked =
                loader(100, options.withSeed(5).withNumWorkers(3).withPrefetch(1));
        List<List<Long>> first = epoch(inline);
        List<List<Long>> second = epoch(inline);
        assertThat(epoch(worked)).isEqualTo(first);
        assertThat(epoch(worked)).isEqualTo(second);
        assertThat(first).isNotEqualTo(second);
        assertThat(first.stream().flatMap(List::stream).sorted().toList())
                .isEqualTo(java.util.stream.LongStream.range(0, 100).boxed().toList());
        assertThat(epoch(loader(100, options.withSeed(6)))).isNotEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void batchLargerThanTheDataSet(int workers) {
        Options options = Options.of(10).withNumWorkers(workers);
        assertThat(epoch(loader(3, options))).containsExactly(List.of(0L, 1L, 2L));
        assertThat(epoch(loader(3, options.withDropLast(true)))).isEmpty();
        assertThat(epoch(loader(0, options.withShuffle(true)))).isEmpty();
    }

    @Test
    void samplesOfAnyKindAreStackedOrPutTogetherByAFunction() {
        Dataset<List<Tensor>> squares = new Dataset<>() {
            @Override
            public long size() {
                return 5;
            }

            @Override
            public List<Tensor> get(long index) {
                return List.of(Tensor.of(new float[] {index, index}), Tensor.scalar((double) (index * index)));
            }
        };
        Batch batch = DataLoader.stacking(squares, Options.of(4).withNumWorkers(2))
                .iterator()
                .next();
        assertThat(batch.get(0).shape()).isEqualTo(Shape.of(4, 2));
        assertThat(batch.get(1).toFloatArray()).containsExactly(0, 1, 4, 9);
        assertThat(batch.size()).isEqualTo(4);
        assertThatThrownBy(() -> batch.get(2)).isInstanceOf(IndexException.class);

        DataLoader<String> joined =
                new DataLoader<>(Dataset.of(List.of("a", "b", "c")), parts -> String.join("+", parts), Options.of(2));
        assertThat(joined).containsExactly("a+b", "c");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void exceptionOfASampleReachesTheConsumer(int workers) {
        Dataset<Integer> broken = new Dataset<>() {
            @Override
            public long size() {
                return 10;
            }

            @Override
            public Integer get(long index) {
                if (index == 5) {
                    throw new IllegalArgumentException("sample 5 is broken");
                }
                return (int) index;
            }
        };
        DataLoader<List<Integer>> loader =
                new DataLoader<>(broken, List::copyOf, Options.of(2).withNumWorkers(workers));
        DataLoader.Epoch<List<Integer>> epoch = loader.iterator();
        assertThat(epoch.next()).containsExactly(0, 1);
        assertThat(epoch.next()).containsExactly(2, 3);
        assertThatThrownBy(epoch::next)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sample 5 is broken");
        assertThat(epoch.hasNext()).isFalse();
        assertThatThrownBy(epoch::next).isInstanceOf(NoSuchElementException.class);
    }

    private static long workerThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().equals("jangada-data"))
                .count();
    }

    private static void awaitNoWorkers() throws InterruptedException {
        for (int i = 0; i < 200 && workerThreads() > 0; i++) {
            TimeUnit.MILLISECONDS.sleep(25);
        }
        assertThat(workerThreads()).isZero();
    }

    @Test
    void closedAndAbandonedEpochsLeaveNoThreads() throws InterruptedException {
        DataLoader<Batch> loader = loader(100, Options.of(5).withNumWorkers(3));
        DataLoader.Epoch<Batch> closed = loader.iterator();
        closed.next().close();
        closed.close();
        closed.close();
        assertThat(closed.hasNext()).isFalse();
        loader.iterator().next().close(); // abandoned
        awaitNoWorkers();
    }

    @Test
    void batchInTheMakingIsClosedWhenItsEpochIsClosed() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        DataLoader<AutoCloseable> loader = new DataLoader<>(
                BatchSource.of(Dataset.of(List.of(1)), samples -> {
                    started.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return closed::countDown;
                }),
                Options.of(1).withNumWorkers(1));
        try (DataLoader.Epoch<AutoCloseable> epoch = loader.iterator()) {
            assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(epoch.hasNext()).isTrue();
        }
        goOn.countDown();
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aheadIsBounded() throws InterruptedException {
        AtomicInteger made = new AtomicInteger();
        CountDownLatch four = new CountDownLatch(4);
        DataLoader<Integer> loader = new DataLoader<>(
                BatchSource.of(Dataset.of(java.util.Collections.nCopies(100, 1)), samples -> {
                    four.countDown();
                    return made.incrementAndGet();
                }),
                Options.of(1).withNumWorkers(2).withPrefetch(2));
        try (DataLoader.Epoch<Integer> epoch = loader.iterator()) {
            assertThat(four.await(10, TimeUnit.SECONDS)).isTrue();
            TimeUnit.MILLISECONDS.sleep(50);
            assertThat(made.get()).isEqualTo(4);
            epoch.next();
            assertThat(made.get()).isLessThanOrEqualTo(5);
        }
    }

    @Test
    void interruptEndsTheWait() {
        DataLoader<Integer> slow = new DataLoader<>(
                BatchSource.of(Dataset.of(List.of(1, 2)), samples -> {
                    try {
                        TimeUnit.MILLISECONDS.sleep(500);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return 1;
                }),
                Options.of(1).withNumWorkers(1));
        DataLoader.Epoch<Integer> epoch = slow.iterator();
        Thread.currentThread().interrupt();
        Throwable thrown = catchThrowable(epoch::next);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(thrown).isInstanceOf(CancellationException.class);
        assertThat(epoch.hasNext()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void closedBatchesLeaveNoMemory(int workers) {
        DataLoader<Batch> loader =
                loader(64, Options.of(8).withShuffle(true).withSeed(1).withNumWorkers(workers));
        epoch(loader);
        Tensor probe = Tensor.zeros(1);
        long before = MemoryUse.settled(probe.device());
        epoch(loader);
        assertThat(probe.device().memory().inUse()).isEqualTo(before);
    }

    @Test
    void batchesAreCopies() {
        TensorDataset data = numbers(4);
        Batch batch = data.batch(new long[] {1, 2});
        batch.get(1).zero_();
        assertThat(data.tensors().get(1).toLongArray()).containsExactly(0, 1, 2, 3);
        assertThat(data.get(3).get(1).itemLong()).isEqualTo(3);
        assertThat(data.range(1, 3).batch(new long[] {1, 0}).get(1).toLongArray())
                .containsExactly(2, 1);
    }

    @Test
    void badArgumentsAreRefused() {
        assertThatThrownBy(() -> Options.of(0)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Options.of(1).withNumWorkers(-1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Options.of(1).withPrefetch(0)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(TensorDataset::new).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new TensorDataset(Tensor.zeros(2), Tensor.zeros(3)))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> new TensorDataset(Tensor.scalar(1.0))).isInstanceOf(ShapeException.class);
        TensorDataset data = numbers(4);
        assertThatThrownBy(() -> data.batch(new long[] {4})).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> data.get(-1)).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> data.range(2, 5)).isInstanceOf(IndexException.class);
    }
}
