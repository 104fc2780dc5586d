package dev.jangada.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * An epoch whose batches are made ahead by worker threads.
 *
 * <p>At most {@code workers * prefetch} batches are on their way, taken in their order, so the order is that without workers. Workers know
 * the loader but not the epoch, never wait for the consumer and end after a second without work: an epoch that is left alone is garbage.
 */
final class WorkerEpoch<B> extends DataLoader.Epoch<B> {
    private static final long IDLE_SECONDS = 1;

    private final DataLoader<B> loader;
    private final long[] order;
    private final int ahead;
    private final ThreadPoolExecutor workers;
    private final Deque<Future<B>> pending = new ArrayDeque<>();
    private long submitted;

    WorkerEpoch(DataLoader<B> loader, long[] order, int workers, int prefetch) {
        super(loader.size());
        this.loader = loader;
        this.order = order;
        this.ahead = Math.multiplyExact(workers, prefetch);
        this.workers = new ThreadPoolExecutor(
                workers, workers, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), WorkerEpoch::thread);
        this.workers.allowCoreThreadTimeOut(true);
        try {
            submit();
        } catch (RuntimeException | Error e) { // such as no thread left in the system
            stop();
            throw e;
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "jangada-data");
        thread.setDaemon(true);
        return thread;
    }

    private void submit() {
        while (pending.size() < ahead && submitted < loader.size()) {
            Making<B> task = new Making<>(loader, submitted++, order);
            workers.execute(task);
            pending.add(task);
        }
    }

    /** Makes a batch, and closes it if it was cancelled meanwhile. Static, so that it does not hold the epoch. */
    private static final class Making<B> extends FutureTask<B> {
        Making(DataLoader<B> loader, long number, long[] order) {
            super(() -> loader.make(number, order));
        }

        @Override
        protected void set(B batch) {
            super.set(batch);
            if (isCancelled()) {
                closeQuietly(batch);
            }
        }
    }

    @Override
    B take(long number) {
        Future<B> first = pending.remove();
        boolean taken = false;
        try {
            submit();
            B batch = first.get();
            taken = true;
            return batch;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("[DataLoader] the thread was interrupted while it waited for a batch");
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } finally {
            if (!taken) {
                pending.addFirst(first); // to be stopped with the others
            }
        }
    }

    private static RuntimeException failure(Throwable cause) {
        if (cause instanceof RuntimeException known) {
            // The trace of the worker says where; the consumer's is added so that it says when.
            known.addSuppressed(new IllegalStateException("[DataLoader] a worker failed to make a batch"));
            return known;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("[DataLoader] a worker failed to make a batch", cause);
    }

    @Override
    void stop() {
        workers.shutdown(); // not shutdownNow: an interrupt could end a channel that the data set reads from
        for (Future<B> future : pending) {
            if (!future.cancel(false)) {
                drop(future);
            }
        }
        pending.clear();
        workers.getQueue().clear();
    }

    private static void drop(Future<?> done) {
        try {
            if (!done.isCancelled()) {
                closeQuietly(done.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            // Nobody asked for this batch, so nobody needs to know that it failed.
        }
    }

    private static void closeQuietly(Object batch) {
        if (batch instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                // Nobody asked for this batch.
            }
        }
    }
}
