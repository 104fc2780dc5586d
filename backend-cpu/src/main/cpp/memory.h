// Blocks from the system, copies, and scratch memory of a thread.
#pragma once

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

namespace jangada {

constexpr int64_t HUGE_PAGE = 2 << 20;

inline bool isHuge(int64_t bytes) { return bytes >= HUGE_PAGE; }

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

} // namespace jangada

/** Returns the address of a block of memory aligned to 64 bytes, or 0 if the system has none. */
inline int64_t jangada_allocate(int64_t bytes) {
    if (jangada::isHuge(bytes)) {
        return reinterpret_cast<int64_t>(jangada::mapBlock(bytes));
    }
    void* p = nullptr;
    return posix_memalign(&p, 64, static_cast<size_t>(bytes)) == 0 ? reinterpret_cast<int64_t>(p) : 0;
}

/** Gives a block of jangada_allocate back; {@code bytes} is what was asked for. */
inline void jangada_free(int64_t address, int64_t bytes) {
    void* p = reinterpret_cast<void*>(address);
    if (jangada::isHuge(bytes)) {
        munmap(p, static_cast<size_t>(bytes));
    } else {
        free(p);
    }
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

/** Memory that a thread keeps for its temporary needs; it grows, and is given back after a use beyond KEEP. */
class Scratch {
public:
    ~Scratch() { release(); }

    /** Returns at least {@code bytes} bytes aligned to 64, with undefined content, or null; the previous content is lost. */
    void* get(int64_t bytes) {
        if (bytes > size_) {
            release();
            int64_t wanted = bytes < 4096 ? 4096 : bytes;
            data_ = reinterpret_cast<void*>(jangada_allocate(wanted));
            size_ = data_ ? wanted : 0;
        }
        return data_;
    }

    void trim() {
        if (size_ > KEEP) {
            release();
        }
    }

private:
    static constexpr int64_t KEEP = 64 << 20;

    void release() {
        if (data_) {
            jangada_free(reinterpret_cast<int64_t>(data_), size_);
        }
        data_ = nullptr;
        size_ = 0;
    }

    void* data_ = nullptr;
    int64_t size_ = 0;
};

/** What a scratch is for: uses that live at the same time have different slots. */
enum ScratchSlot { SCRATCH_A, SCRATCH_B, SCRATCH_C, SCRATCH_TILE, SCRATCH_LEFT, SCRATCH_RIGHT, SCRATCH_SORT, SCRATCH_SLOTS };

inline Scratch& scratch(ScratchSlot slot) {
    static thread_local Scratch all[SCRATCH_SLOTS];
    return all[slot];
}

} // namespace jangada
