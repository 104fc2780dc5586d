// Blocks from the system, copies, and scratch memory of a thread.
#pragma once

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <mutex>
#include <new>

namespace jangada {

/** What kernels and builders return; 3 and more belong to scripts. */
enum Status : int32_t { OK = 0, DIVISION_BY_ZERO = 1, BAD_INDEX = 1, NO_MEMORY = 2 };

/** Returns the status of a kernel, that of lack of memory if a container found none. What throws has written nothing yet. */
template <class Call>
inline int32_t statusOf(Call call) {
    try {
        return call();
    } catch (const std::exception&) {
        return NO_MEMORY;
    }
}

/** For tests: how many allocations are still granted, negative for all; and how many were denied since that was said. */
struct Denial {
    std::atomic<int64_t> granted{-1};
    std::atomic<int64_t> denied{0};

    /** Tells whether the next allocation is denied. */
    bool next() {
        if (__builtin_expect(granted.load(std::memory_order_relaxed) < 0, 1)) {
            return false;
        }
        int64_t left = granted.load();
        while (left > 0 && !granted.compare_exchange_weak(left, left - 1)) {
        }
        if (left != 0) {
            return false;
        }
        denied.fetch_add(1);
        return true;
    }
};
inline Denial denial;

/** Stands where containers are about to grow: what they need can be denied too. */
inline void allocationPoint() {
    if (denial.next()) {
        throw std::bad_alloc();
    }
}

constexpr int64_t HUGE_PAGE = 2 << 20;

/** Returns an address range of its own, 2 MB aligned, for which huge pages are asked (half the page faults' cost), or null. */
inline void* mapBlock(int64_t bytes) {
    size_t whole = static_cast<size_t>(bytes) + HUGE_PAGE;
    void* raw = mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (raw == MAP_FAILED) {
        return nullptr;
    }
    uintptr_t start = reinterpret_cast<uintptr_t>(raw);
    uintptr_t block = (start + HUGE_PAGE - 1) & ~static_cast<uintptr_t>(HUGE_PAGE - 1);
    uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
    uintptr_t end = (block + static_cast<uintptr_t>(bytes) + page - 1) & ~(page - 1);
    if (block > start) {
        munmap(raw, block - start);
    }
    if (start + whole > end) {
        munmap(reinterpret_cast<void*>(end), start + whole - end);
    }
    madvise(reinterpret_cast<void*>(block), end - block, MADV_HUGEPAGE);
    return reinterpret_cast<void*>(block);
}

/**
 * Blocks of medium size, cut out of chunks in huge pages: a model's weights and their gradients are many such blocks, and small pages for all of
 * them are more than the processor keeps addresses of. It is asked for what the cache of blocks has not got, so a walk through a list is good
 * enough.
 */
class HugeHeap {
public:
    static constexpr int64_t LEAST = 32 << 10, MOST = 8 << 20; // bytes of a block

    static HugeHeap& get() {
        static HugeHeap* heap = new HugeHeap();
        return *heap;
    }

    static bool takes(int64_t bytes) { return bytes >= LEAST && bytes <= MOST; }

    void* allocate(int64_t bytes) {
        std::lock_guard<std::mutex> lock(mutex_);
        int64_t size = whole(bytes);
        Range** at = &first_;
        while (*at && (*at)->size < size) {
            at = &(*at)->next;
        }
        if (!*at) {
            char* chunk = static_cast<char*>(mapBlock(CHUNK));
            if (!chunk) {
                return nullptr;
            }
            at = insert(chunk + LINE, CHUNK - LINE);
        }
        Range* range = *at;
        *at = range->next;
        if (range->size - size >= LINE) {
            insert(reinterpret_cast<char*>(range) + size, range->size - size);
        }
        return range;
    }

    void free(void* block, int64_t bytes) {
        std::lock_guard<std::mutex> lock(mutex_);
        Range** at = insert(static_cast<char*>(block), whole(bytes));
        Range* range = *at;
        if (range->size == CHUNK - LINE) {
            *at = range->next;
            munmap(reinterpret_cast<char*>(range) - LINE, CHUNK);
        } else {
            giveBack(range);
        }
    }

private:
    /** Free memory; stands at its start. */
    struct Range {
        int64_t size;
        Range* next; // of a higher address

        char* end() { return reinterpret_cast<char*>(this) + size; }
    };

    static constexpr int64_t CHUNK = 32 << 20;
    static constexpr int64_t LINE = 64; // the first one of a chunk stays unused, so that ranges of two chunks never touch
    static constexpr int64_t GAP = 13 * LINE; // blocks of equal size must not start in the same sets of the caches

    static int64_t whole(int64_t bytes) { return (bytes + LINE - 1) / LINE * LINE + GAP; }

    /** Gives the pages within free memory back to the system: otherwise one block in use keeps all of its chunk. */
    static void giveBack(Range* range) {
        constexpr uintptr_t PAGE = HUGE_PAGE;
        uintptr_t from = (reinterpret_cast<uintptr_t>(range + 1) + PAGE - 1) / PAGE * PAGE;
        uintptr_t to = reinterpret_cast<uintptr_t>(range->end()) / PAGE * PAGE;
        if (from < to) {
            madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
        }
    }

    /** Adds free memory, joined with what it touches; returns what points to the range that it is in now. */
    Range** insert(char* start, int64_t size) {
        Range** at = &first_;
        Range** before = nullptr;
        while (*at && reinterpret_cast<char*>(*at) < start) {
            before = at;
            at = &(*at)->next;
        }
        Range* range = reinterpret_cast<Range*>(start);
        *range = {size, *at};
        *at = range;
        join(range);
        return before && join(*before) ? before : at;
    }

    static bool join(Range* range) {
        Range* next = range->next;
        if (!next || range->end() != reinterpret_cast<char*>(next)) {
            return false;
        }
        range->size += next->size;
        range->next = next->next;
        return true;
    }

    std::mutex mutex_;
    Range* first_ = nullptr;
};

/** Whether a block has an address range of its own: those that are too large for the heap. */
inline bool isMapped(int64_t bytes) { return bytes > HugeHeap::MOST; }

} // namespace jangada

/** Returns the address of a block of memory aligned to 64 bytes, or 0 if the system has none. */
inline int64_t jangada_allocate(int64_t bytes) {
    using namespace jangada;
    if (denial.next()) {
        return 0;
    }
    if (HugeHeap::takes(bytes)) {
        return reinterpret_cast<int64_t>(HugeHeap::get().allocate(bytes));
    }
    if (isMapped(bytes)) {
        return reinterpret_cast<int64_t>(mapBlock(bytes));
    }
    void* p = nullptr;
    return posix_memalign(&p, 64, static_cast<size_t>(bytes)) == 0 ? reinterpret_cast<int64_t>(p) : 0;
}

/** Gives a block of jangada_allocate back; {@code bytes} is what was asked for. */
inline void jangada_free(int64_t address, int64_t bytes) {
    using namespace jangada;
    void* p = reinterpret_cast<void*>(address);
    if (HugeHeap::takes(bytes)) {
        HugeHeap::get().free(p, bytes);
    } else if (isMapped(bytes)) {
        munmap(p, static_cast<size_t>(bytes));
    } else {
        free(p);
    }
}

/** For tests: denies all allocations but the next {@code granted}, none if that is negative; returns how many were denied before. */
inline int64_t jangada_deny_allocations(int64_t granted) {
    jangada::denial.granted.store(granted);
    return jangada::denial.denied.exchange(0);
}

/** Copies bytes between addresses that do not overlap. */
inline void jangada_copy(int64_t target, int64_t source, int64_t bytes) {
    memcpy(reinterpret_cast<void*>(target), reinterpret_cast<const void*>(source), static_cast<size_t>(bytes));
}

/** Returns the address of a direct buffer's position. */
inline int64_t jangada_address(void* buffer) { return reinterpret_cast<int64_t>(buffer); }

/** Returns the bytes of memory that this process may use: the machine's, or the limit of its control group. */
inline int64_t jangada_physical_memory() {
    int64_t bytes = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
    for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
        if (FILE* f = fopen(path, "r")) {
            long long limit = 0;
            if (fscanf(f, "%lld", &limit) == 1 && limit > 0 && limit < bytes) {
                bytes = limit;
            }
            fclose(f);
        }
    }
    return bytes;
}

namespace jangada {

/**
 * What scratch memory is for: uses that live at the same time have different slots. The first ones are used by the thread that makes a call,
 * the others by each thread that takes part in it.
 */
enum ScratchSlot : int32_t {
    SCRATCH_A,         // operands of a product, converted
    SCRATCH_B,
    SCRATCH_PIECES,    // of a reduction
    SCRATCH_TILE,      // of a product
    SCRATCH_LEFT,      // packed operands
    SCRATCH_RIGHT,
    SCRATCH_SORT,
    SCRATCH_REGISTERS, // of a program, where they are too many for the stack
    SCRATCH_RESULTS,   // the same of the program that finishes a reduction
    SCRATCH_SLOTS,
    SCRATCH_OF_EACH = SCRATCH_TILE
};

/** Returns a * b * c, or more than there can be if that is no number of bytes. */
inline int64_t bytesOf(int64_t a, int64_t b, int64_t c) {
    constexpr int64_t MOST = int64_t(1) << 62;
    int64_t n;
    return __builtin_mul_overflow(a, b, &n) || __builtin_mul_overflow(n, c, &n) ? MOST : std::min(n, MOST);
}

constexpr int64_t STACK_BYTES = 64 << 10; // up to here registers stand on the stack

/** How much scratch memory a call needs. */
struct Needs {
    int64_t bytes[SCRATCH_SLOTS] = {};
    int64_t most = 0; // of a slot

    void add(ScratchSlot slot, int64_t n) {
        bytes[slot] = std::max(bytes[slot], n);
        most = std::max(most, n);
    }

    void add(const Needs& o) {
        for (int32_t s = 0; s < SCRATCH_SLOTS && o.most > 0; s++) {
            add(static_cast<ScratchSlot>(s), o.bytes[s]);
        }
    }

    /** Adds what JANGADA_SCRATCH takes. */
    void addRegisters(ScratchSlot slot, int64_t n) {
        if (n + 64 > STACK_BYTES) {
            add(slot, n + 64);
        }
    }
};

/** Memory for temporary needs, aligned to 64 bytes. */
class Scratch {
public:
    Scratch() = default;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() { release(); }

    /** Makes room; tells whether there was memory for it. The content is lost if it grows. */
    bool reserve(int64_t bytes) {
        if (bytes > size_) {
            release();
            int64_t wanted = std::max<int64_t>(4096, (bytes + 63) / 64 * 64);
            data_ = reinterpret_cast<char*>(jangada_allocate(wanted));
            size_ = data_ ? wanted : 0;
        }
        return bytes <= size_;
    }

    char* data() const { return data_; }

    /** Gives it back if it is large. */
    void trim() {
        if (size_ > KEEP) {
            release();
        }
    }

    static constexpr int64_t KEEP = 64 << 20;

private:
    void release() {
        if (data_) {
            jangada_free(reinterpret_cast<int64_t>(data_), size_);
        }
        data_ = nullptr;
        size_ = 0;
    }

    char* data_ = nullptr;
    int64_t size_ = 0;
};

/** One scratch of each kind. */
struct Scratches {
    Scratch slots[SCRATCH_SLOTS];

    /** Makes room in the slots from number {@code first} on; tells whether there was memory for all. */
    bool reserve(const Needs& needs, int32_t first = 0) {
        for (int32_t s = first; s < SCRATCH_SLOTS && needs.most > 0; s++) {
            if (needs.bytes[s] > 0 && !slots[s].reserve(needs.bytes[s])) {
                return false;
            }
        }
        return true;
    }

    void trim() {
        for (Scratch& s : slots) {
            s.trim();
        }
    }
};

/** Where this thread takes scratch memory from: scratches of its own, of a script, or of the pool. */
inline Scratches*& scratches() {
    static thread_local Scratches own;
    static thread_local Scratches* current = &own;
    return current;
}

/** The memory of a slot, which was reserved before anything was written: a kernel that has begun lacks none. */
inline char* scratch(ScratchSlot slot) { return scratches()->slots[slot].data(); }

/** While it lives, this thread takes scratch memory from elsewhere. */
class OwnScratches {
public:
    explicit OwnScratches(Scratches& own) : outer_(scratches()) { scratches() = &own; }
    ~OwnScratches() { scratches() = outer_; }
    OwnScratches(const OwnScratches&) = delete;
    OwnScratches& operator=(const OwnScratches&) = delete;

private:
    Scratches* outer_;
};

} // namespace jangada
