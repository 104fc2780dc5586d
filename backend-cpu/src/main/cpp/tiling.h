// Who computes a product of float32, and in which tiles: functions of the shape and the instruction set alone, never of the threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "blas.h"
#include "sgemm.h"

namespace jangada {

/** Rows or columns cut into parts: whole units, as evenly as they go. */
struct Split {
    int64_t size = 1, unit = 1, parts = 1;

    /** Cuts into parts of {@code step}; the last one may be smaller. */
    static Split every(int64_t size, int64_t step) { return {size, step, (size + step - 1) / step}; }

    int64_t begin(int64_t part) const {
        int64_t units = (size + unit - 1) / unit;
        return std::min(size, units * part / parts * unit);
    }

    int64_t largest() const {
        int64_t units = (size + unit - 1) / unit;
        return std::min(size, (units + parts - 1) / parts * unit);
    }
};

/**
 * The tiles of one product.
 *
 * Measured with OpenBLAS 0.3.31 (SkylakeX), time of all tiles in one thread against one call: up to SMALL multiplications it has kernels
 * that pack nothing and are twice as fast for few rows (32,256,1024: 121 against 235 us), so few rows become tiles of that size; otherwise
 * each tile packs its operands again, and two or four cost 2-6 % (128,784,512: 2 %; A^T @ B 784,64,512: 3 % split by rows, 8 % by columns).
 */
struct Grid {
    Split rows, columns;

    static Grid forBlas(int64_t m, int64_t n, int64_t k, bool aTransposed, bool bTransposed) {
        int64_t work = m * n * k;
        if (m == 1 || n == 1) { // bound by memory
            bool byColumns = n == 1 ? aTransposed : !bTransposed; // short pieces of many lines are not foreseen by the processor
            int64_t length = work <= VECTOR_WORK ? m * n : even(m * n, std::max<int64_t>(byColumns ? 256 : 32, VECTOR_WORK / k));
            return m == 1 ? every(m, n, 1, std::min(n, length)) : every(m, n, std::min(m, length), 1);
        }
        if (work <= SMALL / 4) {
            return every(m, n, m, n);
        }
        if (work <= SMALL) {
            return n >= 64 ? every(m, n, m, even(n, n / 2)) : every(m, n, even(m, m / 2), n);
        }
        if (bTransposed && m <= 64 && 32 * 16 * k <= SMALL) {
            return every(m, n, std::min<int64_t>(32, m), std::min<int64_t>(32, SMALL / (32 * k) / 16 * 16));
        }
        if (!bTransposed && m <= 32 && 64 * 8 * k <= SMALL) {
            return every(m, n, std::min(m, SMALL / (64 * k) / 8 * 8), 64);
        }
        int64_t columns = n <= 1024 ? n : even(n, 1024);
        if (aTransposed && m >= 128) {
            return every(m, n, even(m, 512), columns);
        }
        return m <= 256 ? every(m, n, m, even(n, 256)) : every(m, n, even(m, 768), columns);
    }

    int64_t tiles() const { return rows.parts * columns.parts; }

private:
    static constexpr int64_t SMALL = 1000000;
    static constexpr int64_t VECTOR_WORK = 96 << 10; // multiplications of a matrix and a vector that are worth a tile

    static Grid every(int64_t m, int64_t n, int64_t rows, int64_t columns) { return {Split::every(m, rows), Split::every(n, columns)}; }

    /** Returns the size of an even number of parts, none much larger than {@code target}: an odd number leaves a thread idle. */
    static int64_t even(int64_t size, int64_t target) {
        int64_t parts = 2 * ((size + 2 * target - 1) / (2 * target));
        return std::max<int64_t>(32, roundUp((size + parts - 1) / parts, 16));
    }
};

/** Which kernel computes products of float32: the faster one for the shape, or always the same one (where it can). */
enum class MatmulKernel : int32_t { AUTO, OPENBLAS, OWN };

inline std::atomic<MatmulKernel>& matmulKernel() {
    static std::atomic<MatmulKernel> kernel{MatmulKernel::AUTO};
    return kernel;
}

/** Returns a number for a run of a product, which no other run has: what a thread has packed belongs to one. */
inline uint64_t newGeneration() {
    static std::atomic<uint64_t> generations{0};
    return generations.fetch_add(1, std::memory_order_relaxed) + 1;
}

/** Plans products for the own kernel. */
class SgemmPlanner {
public:
    /** @param lda distance of two rows of a, or columns if it is transposed; ldb the same of b */
    SgemmPlanner(const SgemmTable& table, int64_t batch, int64_t m, int64_t n, int64_t k, bool ta, bool tb, int64_t lda, int64_t ldb)
        : table(table), batch(batch), m(m), n(n), k(k), ta(ta), tb(tb), lda(lda), ldb(ldb) {}

    /** Whether the own kernel is to be used. */
    bool wins() const {
        int64_t work = m * n * k;
        if (work <= TINY) {
            return false;
        }
        switch (matmulKernel().load(std::memory_order_relaxed)) {
            case MatmulKernel::OPENBLAS: return false;
            case MatmulKernel::OWN: return true;
            case MatmulKernel::AUTO: break;
        }
        // As measured (benchmarks/RESULTS.md): OpenBLAS has special kernels for small products, and packs better for large ones.
        if (m == 1 || n == 1) {
            return true;
        }
        if (k < 16 || work > LARGE) {
            return false;
        }
        if (k < 32) { // 1024,16,256 A^T @ B: 104 against 147 us, 512,24,512: 143 against 190
            return !tb && n >= 16 && m >= 4 && work > UNPACKED;
        }
        if (tb && !ta) { // OpenBLAS packs nothing for up to 64 rows; we pack the smaller operand
            return std::min(m, n) >= 32 && work >= SMALL && (m > 64 || n >= 256 || work <= 32 * SMALL);
        }
        if (tb) {
            return m >= 16 && n >= 8 && work >= SMALL;
        }
        return n >= 16 && m >= 4 && work > (k < 48 ? UNPACKED : 8 * SMALL);
    }

    SgemmPlan plan(Grid& grid) {
        SgemmPlan p;
        p.table = &table;
        p.vector = m == 1 || n == 1;
        if (p.vector) {
            grid = Grid::forBlas(m, n, k, ta, tb);
            return p;
        }
        p.swapped = swaps();
        if (p.swapped) {
            std::swap(m, n);
            std::swap(ta, tb);
            ta = !ta;
            tb = !tb;
            std::swap(lda, ldb);
        }
        p.packsLeft = ta;
        p.packsRight = tb || (ldb % 1024 == 0 && ldb >= 2048 && m > 16);
        p.vectors = cheapest(m, n);
        Split rows{m, table.height[p.vectors], 1}, columns{n, table.lanes, 1};
        split(rows, columns, p);
        p.keepsLeft = p.packsLeft && columns.parts > 1 && rows.largest() * k <= MOST_KEPT;
        p.keepsRight = p.packsRight && rows.parts > 1 && columns.largest() * k <= MOST_KEPT;
        grid = p.swapped ? Grid{columns, rows} : Grid{rows, columns};
        return p;
    }

private:
    static constexpr int64_t MOST_KEPT = 1 << 20;    // elements of a packed operand
    static constexpr int64_t SMALL = 32 << 10;
    static constexpr int64_t SHARED = 128 << 10;     // elements of b that all threads can read
    static constexpr int64_t UNPACKED = 1000000;     // up to here OpenBLAS packs nothing
    static constexpr int64_t LARGE = 768 << 20;
    static constexpr int64_t PART_WORK = 128 << 10;  // multiplications that are worth a tile
    static constexpr int64_t MOST_PARTS = 8;         // of one dimension, unless the tiles get larger than LARGEST
    static constexpr int64_t LARGEST = 1024;

    const SgemmTable& table;
    int64_t batch, m, n, k;
    bool ta, tb;
    int64_t lda, ldb;

    /** Packing across is dear: if b must be, and a is smaller or would be packed anyway, they change sides. */
    bool swaps() const {
        if (tb) {
            return ta || m <= n;
        }
        return ta && 5 * cost(n, m, cheapest(n, m)) < 4 * cost(m, n, cheapest(m, n));
    }

    /** Half cycles per step of k: two multiplications per cycle, two loads, and a sum waits four cycles for its last one. */
    int64_t cost(int64_t rows, int64_t columns, int v) const {
        int64_t vectors = (columns + table.lanes - 1) / table.lanes, strips = (vectors + v - 1) / v, height = table.height[v];
        int64_t wide = vectors % strips, width = vectors / strips;
        return wide * strip(rows, width + 1, height) + (strips - wide) * strip(rows, width, height);
    }

    static int64_t strip(int64_t rows, int64_t width, int64_t height) {
        return rows / height * panel(height, width) + (rows % height == 0 ? 0 : panel(rows % height, width));
    }

    static int64_t panel(int64_t rows, int64_t width) { return std::max<int64_t>({rows * width, 8, rows + width}); }

    int cheapest(int64_t rows, int64_t columns) const {
        int best = table.mostVectors;
        for (int v = best - 1; v >= 1; v--) {
            if (cost(rows, columns, v) < cost(rows, columns, best)) {
                best = v;
            }
        }
        return best;
    }

    /**
     * Cuts where the parts need not pack the same: the rows if anything is packed, else the columns; both where b is small, so that each
     * thread has rows of its own, as in the grid for BLAS: in a chain of products it finds those that it has made (Gibbs 784-128).
     */
    void split(Split& rows, Split& columns, const SgemmPlan& p) const {
        int64_t wanted = std::min(MOST_PARTS, m * n * k / PART_WORK);
        wanted = batch >= MOST_PARTS ? 1 : wanted < 2 ? 1 : wanted / 2 * 2;
        int64_t panels = (m + rows.unit - 1) / rows.unit, vectors = (n + table.lanes - 1) / table.lanes;
        if (!p.packsLeft && !p.packsRight && wanted >= 4 && panels >= 4 && vectors >= wanted && n * k <= SHARED) {
            rows.parts = 2;
            wanted /= 2;
        }
        bool packs = p.packsLeft || p.packsRight;
        bool byRows = rows.parts == 1 && (packs ? panels >= wanted : vectors < 2 * wanted && panels > vectors);
        Split& cut = byRows ? rows : columns;
        cut.parts = std::min(wanted, byRows ? panels : (vectors + 1) / 2);
        for (Split* s : {&rows, &columns}) {
            int64_t least = (s->size + LARGEST - 1) / LARGEST;
            if (s->parts < least) {
                s->parts = (least + 1) / 2 * 2;
            }
        }
    }
};

} // namespace jangada

/** Chooses the kernel of float32 products: "auto" (also ""), "openblas" or "own"; returns whether the name is one of these. */
inline bool jangada_select_matmul(const char* name) {
    using namespace jangada;
    bool automatic = *name == 0 || !std::strcmp(name, "auto"), own = !std::strcmp(name, "own"), blas = !std::strcmp(name, "openblas");
    if (automatic || own || blas) {
        matmulKernel().store(automatic ? MatmulKernel::AUTO : own ? MatmulKernel::OWN : MatmulKernel::OPENBLAS);
    }
    return automatic || own || blas;
}
