// The own matrix product of float32: operands read in place or packed, sums in registers. It takes the shapes on which it beats OpenBLAS.
//
// The ladder, in one thread, as share of what the same sums reach with operands in the first-level cache (120-180 GFLOP/s; OpenBLAS 0.3.31
// for SkylakeX beside it; medians, the last two lines from a quieter hour than the first four):
//                                             64,784,512 NN   64,784,512 NT   32,256,1024 NN
//   OpenBLAS                                           57 %            60 %             32 %
//   b packed in strips of 3 vectors                    63 %            60 %             36 %
//   NT turned to C^T, so that only a is packed                         81 %
//   b read in place                                    80 %                             59 %
//   b, c and the next rows of a prefetched             86 %            86 %             93 %
//   two steps of k per turn of the loop                94 %            89 %             98 %
// Sums over more than 400 steps of k are cut in blocks: beyond, the rows of b in place fall out of the second-level cache.
#pragma once

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>

#include "blas.h"
#include "memory.h"

namespace jangada {

/**
 * One product as the kernel sees it, with its vectors along the columns of b and c:
 * {@code c[i, j] = alpha * sum over p of a[i, p] b[p, j] + beta * c[i, j]}; with beta 0, c is not read. Distances in elements.
 */
struct Sgemm {
    int64_t m, n, k;
    const float* a;
    int64_t aRow, aStep; // one of them is 1; packed if it is the first
    const float* b;
    int64_t bStep, bColumn; // one of them is 1; packed if it is the first
    float* c;
    int64_t cRow, cColumn; // one of them is 1
    float alpha, beta;
    int vectors; // of a strip of columns
    bool packsLeft, packsRight;
};

/** A matrix times a vector: {@code y[j] = alpha * sum over k of matrix and x + beta * y[j]} for j below n. Distances in elements. */
struct Sgemv {
    int64_t n, k;
    const float* matrix; // [n, k] for dots, [k, n] for combine
    int64_t ld;
    const float* x;
    float* y;
    int64_t step; // from one y to the next
    float alpha, beta;
};

/** Where a packed operand goes, or is already. */
struct PackPlace {
    float* memory;
    bool keep;   // whether all of it is kept for other tiles, not only the current block of k
    bool filled; // whether it is there already
};

/** How many steps of k are summed in registers: a function of k alone, so that nothing else decides the order of a sum. */
inline int64_t sgemmBlock(int64_t k) {
    int64_t blocks = (k + 399) / 400;
    return (k + blocks - 1) / blocks;
}

/** What one instruction set offers. */
struct SgemmTable {
    void (*run)(const Sgemm& g, PackPlace& left, PackPlace& right);
    void (*tiny)(const Sgemm& g); // sums in float64; any distances
    void (*dots)(const Sgemv& g);
    void (*combine)(const Sgemv& g);
    int64_t lanes;   // of a vector
    int mostVectors; // of a strip of columns
    int height[4];   // rows of a panel, by vectors
};

#define JANGADA_INLINE static inline __attribute__((always_inline))
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
namespace sgemm_avx2 {
#define JANGADA_WIDE 0
#include "sgemm.inc"
#undef JANGADA_WIDE
} // namespace sgemm_avx2
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
namespace sgemm_avx512 {
#define JANGADA_WIDE 1
#include "sgemm.inc"
#undef JANGADA_WIDE
} // namespace sgemm_avx512
#pragma GCC pop_options
#undef JANGADA_INLINE

/** The kernel of an instruction set by its name, or null: there is none without FMA hardware. */
inline const SgemmTable* sgemmTable(const char* isa) {
    return !std::strcmp(isa, "avx512") ? &sgemm_avx512::TABLE : !std::strcmp(isa, "avx2") ? &sgemm_avx2::TABLE : nullptr;
}

/** How the tiles of a product are done. */
struct SgemmPlan {
    const SgemmTable* table = nullptr; // null if BLAS does it
    bool tiny = false;                 // at most TINY multiplications
    bool vector = false;               // one row or one column
    bool swapped = false;              // computes c^T = b^T a^T, with vectors along the rows of c
    int vectors = 1;
    bool packsLeft = false, packsRight = false;
    bool keepsLeft = false, keepsRight = false; // packed once per thread, not per tile
    uint64_t generation = 0;                    // of the product: what a thread has packed belongs to one
};

/** What this thread has packed last into a scratch. */
struct PackedOperand {
    uint64_t generation = 0;
    const float* source = nullptr;
    int64_t count = 0;

    PackPlace open(ScratchSlot slot, const SgemmPlan& plan, bool keep, const float* from, int64_t size) {
        PackPlace place{};
        place.keep = keep;
        place.filled = keep && generation == plan.generation && source == from && count == size;
        generation = 0;
        place.memory = reinterpret_cast<float*>(scratch(slot));
        return place;
    }

    void close(const SgemmPlan& plan, bool kept, const float* from, int64_t size) {
        *this = {kept ? plan.generation : 0, from, size};
    }
};

inline int64_t roundUp(int64_t x, int64_t unit) { return (x + unit - 1) / unit * unit; }

/** Adds what a tile of at most so many rows and columns packs. */
inline void needSgemm(const SgemmPlan& plan, int64_t rows, int64_t columns, int64_t k, Needs& needs) {
    if (plan.vector) {
        needs.add(SCRATCH_LEFT, 4 * k);
        return;
    }
    int64_t m = plan.swapped ? columns : rows, n = plan.swapped ? rows : columns;
    if (plan.packsLeft) {
        needs.add(SCRATCH_LEFT, 4 * roundUp(m, plan.table->height[plan.vectors]) * (plan.keepsLeft ? k : sgemmBlock(k)));
    }
    if (plan.packsRight) {
        needs.add(SCRATCH_RIGHT, 4 * roundUp(n, plan.table->lanes) * (plan.keepsRight ? k : sgemmBlock(k)));
    }
}

/** Computes one tile of one row or column, given as BLAS would be. */
inline void runSgemv(
        const SgemmPlan& plan, bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda, const float* b,
        int64_t ldb, float beta, float* c, int64_t ldc) {
    bool byColumns = n == 1 ? ta : !tb;
    Sgemv g{m * n, k, n == 1 ? a : b, n == 1 ? lda : ldb, n == 1 ? b : a, c, n == 1 ? ldc : 1, alpha, beta};
    int64_t step = n == 1 ? (tb ? 1 : ldb) : ta ? lda : 1;
    if (step != 1) {
        float* x = reinterpret_cast<float*>(scratch(SCRATCH_LEFT));
        for (int64_t p = 0; p < k; p++) {
            x[p] = g.x[p * step];
        }
        g.x = x;
    }
    byColumns ? plan.table->combine(g) : plan.table->dots(g);
}

/** Computes one tile, given as BLAS would be; what needSgemm tells has been reserved. */
inline void runSgemm(
        const SgemmPlan& plan, bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda, const float* b,
        int64_t ldb, float beta, float* c, int64_t ldc) {
    if (plan.vector) {
        runSgemv(plan, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        return;
    }
    Sgemm g{m, n, k, a, ta ? 1 : lda, ta ? lda : 1, b, tb ? 1 : ldb, tb ? ldb : 1, c, ldc, 1, alpha, beta,
            plan.vectors, plan.packsLeft, plan.packsRight};
    if (plan.swapped || (plan.tiny && m > n)) {
        std::swap(g.m, g.n);
        std::swap(g.a, g.b);
        std::swap(g.aRow, g.bColumn);
        std::swap(g.aStep, g.bStep);
        std::swap(g.cRow, g.cColumn);
    }
    if (plan.tiny) {
        plan.table->tiny(g);
        return;
    }
    static thread_local PackedOperand left, right;
    PackPlace leftPlace{}, rightPlace{};
    if (g.packsLeft) {
        leftPlace = left.open(SCRATCH_LEFT, plan, plan.keepsLeft, g.a, g.m);
    }
    if (g.packsRight) {
        rightPlace = right.open(SCRATCH_RIGHT, plan, plan.keepsRight, g.b, g.n);
    }
    plan.table->run(g, leftPlace, rightPlace);
    if (g.packsLeft) {
        left.close(plan, plan.keepsLeft, g.a, g.m);
    }
    if (g.packsRight) {
        right.close(plan, plan.keepsRight, g.b, g.n);
    }
}

} // namespace jangada
