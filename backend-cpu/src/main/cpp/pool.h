// The thread pool: one parallel loop at a time. Each thread first takes its own contiguous share of the chunks, from the front, so that from
// loop to loop it finds its data in its own cache; then it takes chunks of others, from the back.
//
// A loop is named by a generation. The generation and what is left of a share stand in one 64-bit word, so that a worker that comes late can
// never claim a chunk of a newer loop. A loop that starts while another one runs (nested, or from another Java thread) runs in its own
// thread: no deadlock, and no more threads than processors. Workers spin for SPIN_NS after their last loop (a start costs 0.3 us then), then
// sleep on a futex (5-25 us); one that notices that it lost its processor while it was spinning sleeps at once. While a Region lives, its
// thread keeps the pool from the first loop on, and the workers spin until its end. A worker that has spun for YIELD_NS yields from time to
// time: beside a busy process, the system may want its processor for the thread that it waits for.
//
// The scratch memory of a loop (memory.h) is there before its first chunk, that of the workers too: the caller makes room for them while it
// holds the pool and they wait. If there is none for all of them, the caller does the loop alone.
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
#include <memory>
#include <thread>
#include <vector>

#include "activity.h"
#include "memory.h"

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
        waitForPool();
        int32_t workers = wanted < 1 ? 0 : wanted - 1;
        workers = workers < MOST_WORKERS ? workers : MOST_WORKERS;
        threads_.store(workers + 1, std::memory_order_relaxed);
        bool fits = workers + 1 <= static_cast<int32_t>(std::thread::hardware_concurrency());
        spinNs_.store(fits ? SPIN_NS : 0, std::memory_order_relaxed);
        if (static_cast<int32_t>(workers_.size()) > workers) {
            signal_.fetch_add(1);
            futexWake(&signal_, INT32_MAX);
            for (size_t i = workers; i < workers_.size(); i++) {
                workers_[i].join();
            }
            workers_.resize(workers);
            rooms_.resize(workers);
        }
        reserved_ = {}; // the rooms of new workers are empty
        try {
            workers_.reserve(workers);
            rooms_.reserve(workers);
            while (static_cast<int32_t>(workers_.size()) < workers) {
                int32_t id = static_cast<int32_t>(workers_.size());
                rooms_.resize(id);
                rooms_.push_back(std::make_unique<Scratches>());
                workers_.emplace_back([this, id, seen = signal_.load(), room = rooms_.back().get()] { work(id, seen, *room); });
            }
        } catch (const std::exception&) { // a limit of the system on threads or memory: go on with those there are
            threads_.store(static_cast<int32_t>(workers_.size()) + 1, std::memory_order_relaxed);
        }
        giveBack();
    }

    /** @param needs of each thread */
    void run(int64_t chunks, Body body, void* ctx, const Needs& needs) {
        bool alone = chunks <= 1 || threads() <= 1 || insideLoop() || !acquire();
        if (alone || !reserve(needs)) {
            for (int64_t c = 0; c < chunks; c++) {
                body(ctx, c);
            }
        } else {
            runTogether(chunks, body, ctx);
            if (needs.most > Scratch::KEEP) {
                trim();
            }
        }
        if (!alone && !hold().owned) {
            giveBack();
        }
    }

    /** Of this thread: whether it is within a region, and whether it keeps the pool for it. */
    struct Hold {
        bool wanted = false, owned = false;
    };

    static Hold& hold() {
        static thread_local Hold hold;
        return hold;
    }

    /** Lets the workers spin again only for their time. */
    void endRegion() {
        staying_.store(false, std::memory_order_relaxed);
        giveBack();
    }

private:
    static constexpr int64_t SPIN_NS = 200000;
    static constexpr int64_t YIELD_NS = 20000; // of spinning; more than what lies between two loops of a run
    static constexpr int64_t LOST_NS = 500000; // a gap this long between two looks at the clock: another thread had the processor
    static constexpr int32_t MOST_WORKERS = 4095;
    static constexpr int WAIT_PAUSES = 1200;
    static constexpr int32_t MOST_SHARES = 64;
    static constexpr int64_t MOST_CLAIMS = 0xffff; // of a share

    /** generation << 32 | first claim << 16 | end, both counted from the start of the share. */
    struct alignas(64) Share {
        std::atomic<uint64_t> left{0};
    };

    Pool() {
        cpu_set_t set;
        int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
        setThreads(n);
    }

    void runTogether(int64_t chunks, Body body, void* ctx) {
        uint32_t generation = announce(chunks, body, ctx);
        if (sleeping_.load() > 0) {
            int wanted = static_cast<int>(claims_ < threads() ? claims_ : threads()) - 1;
            futexWake(&signal_, wanted);
        }
        insideLoop() = true;
        uint32_t done = drain(generation, 0);
        insideLoop() = false;
        if (unfinished_.fetch_sub(done) != done) {
            awaitWorkers();
        }
    }

    /** Makes room for all workers; tells whether there was memory for it. */
    bool reserve(const Needs& needs) {
        bool there = true;
        for (int32_t s = SCRATCH_OF_EACH; s < SCRATCH_SLOTS && needs.most > 0; s++) {
            there = there && needs.bytes[s] <= reserved_.bytes[s];
        }
        if (there) {
            return true;
        }
        for (auto& room : rooms_) {
            if (!room->reserve(needs, SCRATCH_OF_EACH)) {
                reserved_ = {}; // some rooms have lost what they had
                return false;
            }
        }
        reserved_.add(needs);
        return true;
    }

    void trim() {
        for (auto& room : rooms_) {
            room->trim();
        }
        reserved_ = {};
    }

    /** Takes the pool, for a change of it: waits until a loop, or a region, of another thread ends. */
    void waitForPool() {
        if (!busy_.exchange(true, std::memory_order_acquire)) {
            return;
        }
        waiting_.fetch_add(1);
        while (busy_.exchange(true)) {
            uint32_t seen = given_.load();
            if (busy_.load()) {
                futexWait(&given_, seen);
            }
        }
        waiting_.fetch_sub(1);
    }

    /** Gives the pool back, and wakes those who wait to change it. */
    void giveBack() {
        busy_.store(false); // and only then a look at who waits
        if (waiting_.load() > 0) {
            given_.fetch_add(1);
            futexWake(&given_, INT32_MAX);
        }
    }

    /** Takes the pool for a loop, or for a region if this thread is in one and has not got it yet. */
    bool acquire() {
        Hold& h = hold();
        if (h.owned) {
            return true;
        }
        bool taken = busy_.load(std::memory_order_relaxed) || waiting_.load(std::memory_order_relaxed) > 0;
        if (taken || busy_.exchange(true, std::memory_order_acquire)) {
            return false;
        }
        if (h.wanted) {
            h.owned = true;
            staying_.store(spinNs_.load(std::memory_order_relaxed) > 0, std::memory_order_relaxed);
        }
        return true;
    }

    /** Writes down a loop, then lets the workers see it. */
    uint32_t announce(int64_t chunks, Body body, void* ctx) {
        int64_t shares = threads() < MOST_SHARES ? threads() : MOST_SHARES;
        body_ = body;
        ctx_ = ctx;
        chunks_ = chunks;
        group_ = (chunks + shares * MOST_CLAIMS - 1) / (shares * MOST_CLAIMS);
        claims_ = (chunks + group_ - 1) / group_;
        shares = claims_ < shares ? claims_ : shares;
        shares_.store(static_cast<int32_t>(shares), std::memory_order_relaxed);
        unfinished_.store(static_cast<uint32_t>(claims_), std::memory_order_relaxed);
        uint32_t generation = signal_.load(std::memory_order_relaxed) + 1;
        for (int64_t s = 0; s < shares; s++) {
            uint64_t size = static_cast<uint64_t>(begin(s + 1, shares) - begin(s, shares));
            share_[s].left.store(static_cast<uint64_t>(generation) << 32 | size, std::memory_order_release);
        }
        signal_.store(generation);
        return generation;
    }

    /** The first claim of a share. */
    int64_t begin(int64_t share, int64_t shares) const { return claims_ * share / shares; }

    /** Runs chunks until none is left of this generation, those of the own share first; returns how many claims that were. */
    uint32_t drain(uint32_t generation, int32_t thread) {
        uint32_t done = 0;
        int32_t shares = shares_.load(std::memory_order_relaxed);
        for (int32_t i = 0; i < shares; i++) {
            done += drainShare(generation, (thread + i) % shares, shares, i == 0);
        }
        return done;
    }

    uint32_t drainShare(uint32_t generation, int32_t share, int32_t shares, bool own) {
        std::atomic<uint64_t>& left = share_[share].left;
        for (uint32_t done = 0;; done++) {
            uint64_t v = left.load(std::memory_order_acquire);
            uint32_t first, end;
            do {
                first = static_cast<uint32_t>(v >> 16) & 0xffff;
                end = static_cast<uint32_t>(v) & 0xffff;
                if (static_cast<uint32_t>(v >> 32) != generation || first >= end) {
                    return done;
                }
            } while (!left.compare_exchange_weak(v, own ? v + 0x10000 : v - 1, std::memory_order_acq_rel));
            // From here until it is counted as done the loop cannot end: its fields are stable.
            int64_t claim = begin(share, shares) + (own ? first : end - 1);
            int64_t from = claim * group_;
            int64_t to = from + group_ < chunks_ ? from + group_ : chunks_;
            {
                BusyTime busy; // counted before the loop can end
                for (int64_t c = from; c < to; c++) {
                    body_(ctx_, c);
                }
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

    void work(int32_t id, uint32_t seen, Scratches& room) {
        sigset_t all;
        sigfillset(&all);
        for (int s : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) {
            sigdelset(&all, s);
        }
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        pthread_setname_np(pthread_self(), "jangada-worker");
        __builtin_ia32_ldmxcsr(0x1f80); // round to nearest, subnormals kept, whatever thread made us
        insideLoop() = true;
        scratches() = &room;
        for (;;) {
            awaitSignal(seen);
            seen = signal_.load(std::memory_order_acquire);
            if (id >= threads() - 1) {
                return;
            }
            uint32_t done = drain(seen, id + 1);
            if (done > 0 && unfinished_.fetch_sub(done) == done && callerSleeps_.load()) {
                futexWake(&unfinished_, 1);
            }
        }
    }

    void awaitSignal(uint32_t seen) {
        int64_t last = nanoTime();
        int64_t end = last + spinNs_.load(std::memory_order_relaxed);
        int64_t patience = last + YIELD_NS;
        while (last < end || staying_.load(std::memory_order_relaxed)) {
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
            if (now > patience) { // the thread that is to start the next loop may be waiting for this very processor
                sched_yield();
                last = nanoTime();
                patience = last + YIELD_NS;
            }
        }
        sleeping_.fetch_add(1);
        while (signal_.load() == seen) {
            futexWait(&signal_, seen);
        }
        sleeping_.fetch_sub(1);
    }

    Share share_[MOST_SHARES];
    alignas(64) std::atomic<uint32_t> signal_{0}; // the generation; a change wakes the workers, who find in this line all they need
    std::atomic<int32_t> shares_{0};
    Body body_ = nullptr;
    void* ctx_ = nullptr;
    int64_t chunks_ = 0;
    int64_t group_ = 1; // chunks of a claim
    int64_t claims_ = 0;
    alignas(64) std::atomic<uint32_t> unfinished_{0}; // claims
    std::atomic<bool> callerSleeps_{false};
    alignas(64) std::atomic<int32_t> sleeping_{0};
    std::atomic<bool> staying_{false}; // whether workers spin without end
    std::atomic<bool> busy_{false};
    std::atomic<int32_t> threads_{1};
    std::atomic<int64_t> spinNs_{SPIN_NS};
    std::atomic<int32_t> waiting_{0}; // threads that want to change the pool
    std::atomic<uint32_t> given_{0};  // changes when the pool is given back to them
    std::vector<std::thread> workers_;
    std::vector<std::unique_ptr<Scratches>> rooms_; // of the workers
    Needs reserved_;                                // what all rooms have
};

/** While it lives, its thread starts loops without giving the pool back in between; from the first loop that finds the pool free. */
class Region {
public:
    Region() : outer_(Pool::hold().wanted) { Pool::hold().wanted = true; }
    ~Region() {
        Pool::Hold& h = Pool::hold();
        h.wanted = outer_;
        if (h.owned && !outer_) {
            h.owned = false;
            Pool::get().endRegion();
        }
    }
    Region(const Region&) = delete;
    Region& operator=(const Region&) = delete;

private:
    bool outer_;
};

} // namespace jangada

/** Runs {@code body(ctx, c)} for each c in [0, chunks), on several threads; returns when all are done. Any order; bodies must not throw. */
inline void jangada_parallel(int64_t chunks, void (*body)(void* ctx, int64_t chunk), void* ctx) {
    jangada::Pool::get().run(chunks, body, ctx, jangada::Needs());
}

/** As above for bodies that use scratch memory: runs nothing and returns false if this thread has not got what it needs. */
inline bool jangada_parallel(int64_t chunks, void (*body)(void* ctx, int64_t chunk), void* ctx, const jangada::Needs& needs) {
    if (!jangada::scratches()->reserve(needs)) {
        return false;
    }
    jangada::Pool::get().run(chunks, body, ctx, needs);
    return true;
}

/** Returns how many threads a loop may use: only for deciding whether to split at all, never for how (results must not depend on it). */
inline int32_t jangada_threads() { return jangada::Pool::get().threads(); }
