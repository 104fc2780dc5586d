// Thread time inside kernels: what Java's Backend.activity() tells. Counted only while it is switched on; else a look at one flag.
//
// Every function that Java calls to run kernels, and every worker while it has work, holds a BusyTime. Whoever waits inside a kernel (for
// other threads at the end of a loop, at a barrier of a parallel region) holds an IdleTime meanwhile.
#pragma once

#include <time.h>

#include <atomic>
#include <cstdint>

namespace jangada {

inline int64_t nanoTime() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

struct BusyCounter {
    std::atomic<bool> on{false};
    alignas(64) std::atomic<int64_t> nanos{0};
};

inline BusyCounter busyCounter;

/** Whether this thread's time is being counted. */
inline bool& isCounted() {
    static thread_local bool counted = false;
    return counted;
}

/** This thread works on kernels while this lives; one within another counts nothing. */
class BusyTime {
public:
    BusyTime() {
        if (__builtin_expect(busyCounter.on.load(std::memory_order_relaxed), 0)) {
            start();
        }
    }
    ~BusyTime() {
        if (__builtin_expect(from_ != 0, 0)) {
            busyCounter.nanos.fetch_add(nanoTime() - from_, std::memory_order_relaxed);
            isCounted() = false;
        }
    }
    BusyTime(const BusyTime&) = delete;

private:
    __attribute__((noinline)) void start() {
        if (!isCounted()) {
            isCounted() = true;
            from_ = nanoTime();
        }
    }

    int64_t from_ = 0;
};

/** This thread waits while this lives: within a BusyTime it is not working. */
class IdleTime {
public:
    IdleTime() {
        if (__builtin_expect(busyCounter.on.load(std::memory_order_relaxed), 0) && isCounted()) {
            from_ = nanoTime();
        }
    }
    ~IdleTime() {
        if (__builtin_expect(from_ != 0, 0)) {
            busyCounter.nanos.fetch_sub(nanoTime() - from_, std::memory_order_relaxed);
        }
    }
    IdleTime(const IdleTime&) = delete;

private:
    int64_t from_ = 0;
};

} // namespace jangada

/** Starts or ends counting the time inside kernels. */
inline void jangada_count_busy(bool on) { jangada::busyCounter.on.store(on, std::memory_order_relaxed); }

/** Returns the nanoseconds inside kernels so far, summed over threads; kernels that are running now are not in it. */
inline int64_t jangada_busy_nanos() { return jangada::busyCounter.nanos.load(std::memory_order_relaxed); }
