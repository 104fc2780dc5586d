package dev.jangada.data;

import dev.jangada.ArgumentException;
import dev.jangada.Generator;
import dev.jangada.Tensor;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * Goes through a data set in batches, in order or shuffled, made by the calling thread or ahead of it by worker threads.
 *
 * <pre>{@code
 * var loader = new DataLoader<>(new TensorDataset(images, labels), DataLoader.Options.of(128).withShuffle(true).withSeed(0));
 * for (Batch batch : loader) { … }
 * }</pre>
 *
 * <p>Each call of {@link #iterator()} is one epoch; with shuffling it has an order of its own, which depends on the generator alone, not on
 * the number of workers. The last batch is smaller if the size does not divide the data set, so a batch size above the data set's size gives
 * one smaller batch, or none with {@code dropLast}. An exception in a worker reaches the consumer at the batch it belongs to. An iterator
 * that is left before its end costs nothing: its workers end by themselves.
 *
 * <p>Source: {@code torch.utils.data.DataLoader}.
 *
 * @param <B> a batch
 */
public final class DataLoader<B> implements Iterable<B> {
    /**
     * How to go through the data.
     *
     * @param batchSize samples in a batch, at least 1
     * @param shuffle whether each epoch has a random order, default false
     * @param dropLast whether a last batch that is not full is left out, default false
     * @param numWorkers threads that make batches ahead, default 0: the calling thread makes each when it is asked for
     * @param prefetch batches that each worker is ahead, at least 1, default 2
     * @param generator gives the orders, default the global one
     */
    public record Options(
            long batchSize, boolean shuffle, boolean dropLast, int numWorkers, int prefetch, Generator generator) {
        /** Checks the values. */
        public Options {
            require(batchSize >= 1, "a batch size >= 1", batchSize);
            require(numWorkers >= 0, "a number of workers >= 0", numWorkers);
            require(prefetch >= 1, "prefetch >= 1", prefetch);
            Objects.requireNonNull(generator, "generator is null");
        }

        private static void require(boolean ok, String what, long value) {
            if (!ok) {
                throw new ArgumentException(
                        "[DataLoader] expected " + what + ", got " + value + "; pass another value");
            }
        }

        /** Returns batches of a size in the order of the data set. */
        public static Options of(long batchSize) {
            return new Options(batchSize, false, false, 0, 2, Generator.global());
        }

        /** Returns a copy with or without shuffling. */
        public Options withShuffle(boolean value) {
            return new Options(batchSize, value, dropLast, numWorkers, prefetch, generator);
        }

        /** Returns a copy that leaves a last batch out that is not full, or keeps it. */
        public Options withDropLast(boolean value) {
            return new Options(batchSize, shuffle, value, numWorkers, prefetch, generator);
        }

        /** Returns a copy with another number of worker threads. */
        public Options withNumWorkers(int value) {
            return new Options(batchSize, shuffle, dropLast, value, prefetch, generator);
        }

        /** Returns a copy with another number of batches that each worker is ahead. */
        public Options withPrefetch(int value) {
            return new Options(batchSize, shuffle, dropLast, numWorkers, value, generator);
        }

        /** Returns a copy whose orders come from a generator. */
        public Options withGenerator(Generator value) {
            return new Options(batchSize, shuffle, dropLast, numWorkers, prefetch, value);
        }

        /** Returns a copy whose orders come from a generator of its own with a seed. */
        public Options withSeed(long seed) {
            return withGenerator(new Generator(seed));
        }
    }

    private final BatchSource<B> source;
    private final Options options;

    /** Creates a loader of a source of batches, such as a {@link TensorDataset}. */
    public DataLoader(BatchSource<B> source, Options options) {
        this.source = Objects.requireNonNull(source, "source is null");
        this.options = Objects.requireNonNull(options, "options is null");
    }

    /** Creates a loader that gets samples one by one and puts them together by a function. */
    public <T> DataLoader(Dataset<T> samples, BatchSource.Collate<T, B> collate, Options options) {
        this(BatchSource.of(samples, collate), options);
    }

    /** Returns a loader of samples that are lists of tensors, which are stacked; see {@link BatchSource#stacking}. */
    public static DataLoader<Batch> stacking(Dataset<List<Tensor>> samples, Options options) {
        return new DataLoader<>(BatchSource.stacking(samples), options);
    }

    /** Returns the number of batches of an epoch. */
    public long size() {
        long full = source.size() / options.batchSize;
        boolean rest = source.size() % options.batchSize != 0;
        return rest && !options.dropLast ? full + 1 : full;
    }

    /** Starts an epoch. */
    @Override
    public Epoch<B> iterator() {
        long[] order = options.shuffle ? order(source.size(), options.generator) : null;
        if (options.numWorkers == 0) {
            return new InlineEpoch<>(this, order);
        }
        return new WorkerEpoch<>(this, order, options.numWorkers, options.prefetch);
    }

    /**
     * Goes on and on: returns an iterator that starts a new epoch whenever one is over.
     *
     * @throws ArgumentException if an epoch has no batches
     */
    public Iterator<B> endless() {
        if (size() == 0) {
            throw new ArgumentException("[DataLoader] expected at least one batch in an epoch, got a data set of "
                    + source.size() + " samples and batches of " + options.batchSize
                    + (options.dropLast ? ", of which the last is dropped; lower the batch size" : ""));
        }
        return new Iterator<>() {
            private Epoch<B> epoch = iterator();

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public B next() {
                if (!epoch.hasNext()) {
                    epoch = iterator();
                }
                return epoch.next();
            }
        };
    }

    private static long[] order(long size, Generator generator) {
        try (Tensor order = Tensor.randperm(size, generator)) {
            return order.toLongArray();
        }
    }

    /** Makes a batch; without an order the samples are in that of the data set. */
    B make(long number, long[] order) {
        long from = number * options.batchSize;
        int count = Math.toIntExact(Math.min(options.batchSize, source.size() - from));
        long[] indices = new long[count];
        for (int i = 0; i < count; i++) {
            indices[i] = order == null ? from + i : order[Math.toIntExact(from + i)];
        }
        return source.batch(indices);
    }

    /**
     * One way through the data.
     *
     * @param <B> a batch
     */
    public abstract static class Epoch<B> implements Iterator<B>, AutoCloseable {
        private final long size;
        private long next;

        Epoch(long size) {
            this.size = size;
        }

        @Override
        public final boolean hasNext() {
            return next < size;
        }

        /** Returns the next batch, waiting for a worker if there are any. */
        @Override
        public final B next() {
            if (!hasNext()) {
                throw new NoSuchElementException("[DataLoader] the epoch is over; iterator() starts the next one");
            }
            boolean ok = false;
            try {
                B batch = take(next);
                next++;
                ok = true;
                return batch;
            } finally {
                if (!ok || next == size) {
                    close();
                }
            }
        }

        abstract B take(long number);

        /** Ends the epoch: its workers stop, and batches that were made ahead are closed. A second call does nothing. */
        @Override
        public final void close() {
            next = size;
            stop();
        }

        abstract void stop();
    }

    private static final class InlineEpoch<B> extends Epoch<B> {
        private final DataLoader<B> loader;
        private final long[] order;

        InlineEpoch(DataLoader<B> loader, long[] order) {
            super(loader.size());
            this.loader = loader;
            this.order = order;
        }

        @Override
        B take(long number) {
            return loader.make(number, order);
        }

        @Override
        void stop() {}
    }
}
