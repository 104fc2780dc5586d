// The thread pool: one parallel loop at a time, chunks claimed dynamically by the workers and the caller.
//
// A loop is named by a generation. Generation and next chunk stand in one 64-bit word, so that a worker that comes late can never claim a
// chunk of a newer loop. A loop that starts while another one runs (nested, or from another Java thread) runs in its own thread: no
// deadlock, and no more threads than processors. Workers spin for SPIN_NS after their last loop (a start costs 0.3 us then), then sleep
// on a futex (5-25 us); one that notices that it lost its processor while it was spinning sleeps at once.
// The pool is never destroyed: its threads must not be joined by static destructors at the end of the process.
#pragma once

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

#include "activity.h"

namespace jangada {

using Body = void (*)(void* ctx, int64_t chunk);

inline void futexWait(std::atomic<uint32_t>* at, uint32_t value) {
    syscall(SYS_futex, reinterpret_cast<uint32_t*>(at), FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

inline void futexWake(std::atomic<uint32_t>* at, int threads) {
    syscall(SYS_futex, reinterpret_cast<uint32_t*>(at), FUTEX_WAKE_PRIVATE, threads, nullptr, nullptr, 0);
}

/** Whether this thread is inside a parallel loop: loops that it starts run inline. */
inline bool& insideLoop() {
    static thread_local bool inside = false;
    return inside;
}

class Pool {
public:
    static Pool& get() {
        static Pool* pool = new Pool();
        return *pool;
    }

    int32_t threads() const { return threads_.load(std::memory_order_relaxed); }

    /** Starts or ends workers so that a loop uses this many threads, the caller included; fewer if the system grants no more. */
    void setThreads(int32_t wanted) {
        if (insideLoop()) {
            return;
        }
        while (busy_.exchange(true, std::memory_order_acquire)) {
            sched_yield();
        }
        int32_t workers = wanted < 1 ? 0 : wanted - 1;
        workers = workers < MOST_WORKERS ? workers : MOST_WORKERS;
        threads_.store(workers + 1, std::memory_order_relaxed);
        spinNs_ = workers + 1 <= static_cast<int32_t>(std::thread::hardware_concurrency()) ? SPIN_NS : 0;
        if (static_cast<int32_t>(workers_.size()) > workers) {
            signal_.fetch_add(1);
            futexWake(&signal_, INT32_MAX);
            for (size_t i = workers; i < workers_.size(); i++) {
                workers_[i].join();
            }
            workers_.resize(workers);
        }
        try {
            workers_.reserve(workers);
            while (static_cast<int32_t>(workers_.size()) < workers) {
                int32_t id = static_cast<int32_t>(workers_.size());
                workers_.emplace_back([this, id, seen = signal_.load()] { work(id, seen); });
            }
        } catch (const std::exception&) { // a limit of the system on threads or memory: go on with those there are
            threads_.store(static_cast<int32_t>(workers_.size()) + 1, std::memory_order_relaxed);
        }
        busy_.store(false, std::memory_order_release);
    }

    void run(int64_t chunks, Body body, void* ctx) {
        if (chunks <= 1 || threads() <= 1 || insideLoop() || busy_.load(std::memory_order_relaxed) ||
            busy_.exchange(true, std::memory_order_acquire)) {
            for (int64_t c = 0; c < chunks; c++) {
                body(ctx, c);
            }
            return;
        }
        uint32_t generation = signal_.load(std::memory_order_relaxed) + 1;
        next_.store(static_cast<uint64_t>(generation) << 32 | CLOSED); // before claims_ grows: a late worker still compares with it
        body_ = body;
        ctx_ = ctx;
        chunks_ = chunks;
        group_ = (chunks + MAX_CLAIMS - 1) / MAX_CLAIMS;
        uint32_t claims = static_cast<uint32_t>((chunks + group_ - 1) / group_);
        claims_.store(claims, std::memory_order_release);
        unfinished_.store(claims, std::memory_order_relaxed);
        next_.store(static_cast<uint64_t>(generation) << 32, std::memory_order_release);
        signal_.store(generation);
        if (sleeping_.load() > 0) {
            int wanted = static_cast<int>(claims) - 1;
            futexWake(&signal_, wanted < threads() - 1 ? wanted : threads() - 1);
        }
        insideLoop() = true;
        drain(generation);
        insideLoop() = false;
        awaitWorkers();
        busy_.store(false, std::memory_order_release);
    }

private:
    static constexpr int64_t SPIN_NS = 200000;
    static constexpr int64_t LOST_NS = 500000; // a gap this long between two looks at the clock: another thread had the processor
    static constexpr int32_t MOST_WORKERS = 4095;
    static constexpr int WAIT_PAUSES = 1200;
    static constexpr int64_t MAX_CLAIMS = 1 << 30;
    static constexpr uint64_t CLOSED = 0xffffffff;

    Pool() {
        cpu_set_t set;
        int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
        setThreads(n);
    }

    /** Takes chunks until none is left of this generation. */
    void drain(uint32_t generation) {
        for (;;) {
            uint64_t v = next_.load(std::memory_order_acquire);
            uint32_t claim;
            do {
                claim = static_cast<uint32_t>(v);
                if (static_cast<uint32_t>(v >> 32) != generation || claim >= claims_.load(std::memory_order_acquire)) {
                    return;
                }
            } while (!next_.compare_exchange_weak(v, v + 1, std::memory_order_acq_rel));
            // From here to the decrement the loop cannot end: its fields are stable.
            int64_t from = claim * group_;
            int64_t to = from + group_ < chunks_ ? from + group_ : chunks_;
            {
                BusyTime busy; // counted before the loop can end
                for (int64_t c = from; c < to; c++) {
                    body_(ctx_, c);
                }
            }
            if (unfinished_.fetch_sub(1) == 1 && callerSleeps_.load()) {
                futexWake(&unfinished_, 1);
            }
        }
    }

    /** Spins for some 50 us, then sleeps: a worker may have lost its processor, perhaps to this very thread. */
    void awaitWorkers() {
        IdleTime idle;
        for (int i = 0; i < WAIT_PAUSES; i++) {
            if (unfinished_.load(std::memory_order_acquire) == 0) {
                return;
            }
            __builtin_ia32_pause();
        }
        callerSleeps_.store(true);
        uint32_t left;
        while ((left = unfinished_.load()) != 0) {
            futexWait(&unfinished_, left);
        }
        callerSleeps_.store(false);
    }

    void work(int32_t id, uint32_t seen) {
        sigset_t all;
        sigfillset(&all);
        for (int s : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) {
            sigdelset(&all, s);
        }
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        pthread_setname_np(pthread_self(), "jangada-worker");
        __builtin_ia32_ldmxcsr(0x1f80); // round to nearest, subnormals kept, whatever thread made us
        insideLoop() = true;
        for (;;) {
            awaitSignal(seen);
            seen = signal_.load(std::memory_order_acquire);
            if (id >= threads() - 1) {
                return;
            }
            drain(seen);
        }
    }

    void awaitSignal(uint32_t seen) {
        int64_t last = nanoTime();
        int64_t end = last + spinNs_;
        while (last < end) {
            for (int i = 0; i < 32; i++) {
                if (signal_.load(std::memory_order_acquire) != seen) {
                    return;
                }
                __builtin_ia32_pause();
            }
            int64_t now = nanoTime();
            if (now - last > LOST_NS) {
                break;
            }
            last = now;
        }
        sleeping_.fetch_add(1);
        while (signal_.load() == seen) {
            futexWait(&signal_, seen);
        }
        sleeping_.fetch_sub(1);
    }

    alignas(64) std::atomic<uint64_t> next_{0}; // generation << 32 | next claim
    alignas(64) std::atomic<uint32_t> unfinished_{0};
    std::atomic<bool> callerSleeps_{false};
    alignas(64) std::atomic<uint32_t> signal_{0}; // the generation; a change wakes the workers
    std::atomic<int32_t> sleeping_{0};
    alignas(64) std::atomic<bool> busy_{false};
    std::atomic<uint32_t> claims_{0};
    std::atomic<int32_t> threads_{1};
    int64_t spinNs_ = SPIN_NS;
    Body body_ = nullptr;
    void* ctx_ = nullptr;
    int64_t chunks_ = 0;
    int64_t group_ = 1;
    std::vector<std::thread> workers_;
};

} // namespace jangada

/** Runs {@code body(ctx, c)} for each c in [0, chunks), on several threads; returns when all are done. Any order; bodies must not throw. */
inline void jangada_parallel(int64_t chunks, void (*body)(void* ctx, int64_t chunk), void* ctx) {
    jangada::Pool::get().run(chunks, body, ctx);
}

/** Returns how many threads a loop may use: only for deciding whether to split at all, never for how (results must not depend on it). */
inline int32_t jangada_threads() { return jangada::Pool::get().threads(); }
