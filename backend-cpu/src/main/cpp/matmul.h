// Matrix products: operands are brought to a form that BLAS takes, and the result is computed in tiles by the pool.
//
// The grid of tiles follows from the shape alone, never from the number of threads: BLAS chooses its kernel by the size of the tile, so
// another grid would be other bits. float32 and float64 are read where they lie if a row or column stride is 1, else copied; half types are
// converted to float32 panels, multiplied there and rounded once; integers use the own kernel of panel.inc.
//
//   int32_t jangada_matmul(const int64_t* args)
//       args: [dtype, batch, m, n, k, alpha (bits of a double), beta (same),
//              a: address, batch stride, row stride, column stride, b: the same four,
//              epilogue program or 0, number of outputs, number of further inputs, number of scalars,
//              per output: address, batch stride; per further input: address, batch stride, row stride, column stride; then scalars…]
//       Strides in elements; the rows of an output lie behind each other. Returns 0, 1 for an integer division by zero in the epilogue,
//       2 for lack of memory: nothing is written then.
//   bool jangada_prefers_rows(int64_t m, int64_t k, int64_t n)
#pragma once

#include <algorithm>
#include <atomic>
#include <climits>
#include <optional>

#include "blas.h"
#include "epilogue.h"
#include "memory.h"
#include "panel.h"
#include "pool.h"
#include "program.h"
#include "tiling.h"

namespace jangada {

constexpr int64_t CHUNK_WORK = 128 << 10; // multiply-adds that are worth a chunk of the pool

/** A batch of matrices as BLAS sees them. */
struct Panels {
    const char* data;
    int64_t batch;  // distance of two matrices, in elements
    int64_t ld;     // distance of two rows, or columns if transposed
    bool transposed;

    const char* at(int64_t b, int64_t row, int64_t column, int64_t size) const {
        return data + size * (b * batch + (transposed ? column * ld + row : row * ld + column));
    }
};

/** An operand as it comes: {@code rows} x {@code columns} elements with any strides. */
struct Matrices {
    const char* data;
    int64_t batch, row, column;
};

/** Describes the matrices as panels if BLAS takes them where they lie. */
inline bool asPanels(const Matrices& x, int64_t rows, int64_t columns, Panels& out) {
    if ((columns == 1 || x.column == 1) && (rows == 1 || x.row >= columns) && x.row <= INT_MAX && x.row >= 0) {
        out = {x.data, x.batch, rows == 1 ? columns : x.row, false};
        return true;
    }
    if ((rows == 1 || x.row == 1) && (columns == 1 || x.column >= rows) && x.column <= INT_MAX) {
        out = {x.data, x.batch, columns == 1 ? rows : x.column, true};
        return true;
    }
    return false;
}

/** Converts (or only copies) matrices to row-major panels in a scratch. */
inline void convertPanels(
        const Matrices& x, DType type, int64_t size, int64_t batch, int64_t rows, int64_t columns, ScratchSlot slot, Panels& out) {
    int64_t total = (x.batch == 0 ? 1 : batch) * rows;
    char* to = scratch(slot);
    struct Job {
        WidenRow widen;
        const Matrices& x;
        int64_t source, size, rows, columns, total, block;
        char* to;
    } job{panelLoops().widener(type), x, sizeOf(type), size, rows, columns, total, std::max<int64_t>(1, 16384 / columns), to};
    jangada_parallel(
            (total + job.block - 1) / job.block,
            [](void* ctx, int64_t chunk) {
                const Job& j = *static_cast<Job*>(ctx);
                int64_t end = std::min(j.total, (chunk + 1) * j.block);
                for (int64_t r = chunk * j.block; r < end; r++) {
                    int64_t b = r / j.rows;
                    const char* from = j.x.data + j.source * (b * j.x.batch + (r - b * j.rows) * j.x.row);
                    j.widen(j.to + r * j.columns * j.size, from, j.x.column, j.columns);
                }
            },
            &job);
    out = {to, x.batch == 0 ? 0 : rows * columns, columns, false};
}

/** A call of the family, ready to run as often as wanted while its operands and this object stay where they are. */
struct Product {
    DType type;
    int64_t batch, m, n, k;
    double alpha, beta;
    Epilogue epilogue;
    Matrices left, right; // as they come
    bool leftAsIs, rightAsIs;
    Panels a, b;
    char* target = nullptr; // where the product goes, in its type: the first output, or null for a scratch per tile
    int64_t targetBatch = 0;
    Grid grid{};
    SgemmPlan own{}; // without a table: BLAS
    int64_t tiles = 1, tilesPerChunk = 1;
    Needs needs;
    std::atomic<int32_t> status{OK};

    /** @param args those of jangada_matmul */
    explicit Product(const int64_t* args);

    int32_t run();

private:
    void chooseTarget();
    void plan();
    void need();
    int64_t roomBytes(int64_t rows, int64_t columns) const;
    void tile(int64_t number);
    void convert();
    template <class U>
    void compute(int64_t b, int64_t i, int64_t j, int64_t rows, int64_t columns, U beta, U* c, int64_t ldc) const;
    void integers(int64_t b, int64_t i, int64_t j, int64_t rows, int64_t columns, char* c) const;
    template <class U>
    void scaleIntegers(int64_t b, int64_t i, int64_t j, int64_t rows, int64_t columns, U* c) const;
};

inline bool isComputedAsIs(DType t) { return t == DType::FLOAT32 || t == DType::FLOAT64; }

/** Size of the type that a product is computed in. */
inline int64_t computeSize(DType t) { return t == DType::INT64 || t == DType::FLOAT64 ? 8 : 4; }

/** Decides where the product goes. */
inline void Product::chooseTarget() {
    Result first = epilogue.out(0);
    char* end = first.data + sizeOf(type) * ((batch - 1) * first.batch + m * n);
    if (!epilogue.program || (epilogue.outType(0) == type && !epilogue.reads(first.data, end, batch, m, n))) {
        target = first.data;
        targetBatch = first.batch;
    }
}

/** Chooses the kernel and the tiles. */
inline void Product::plan() {
    bool single = type == DType::FLOAT32 || isHalf(type);
    const SgemmTable* table = single ? sgemmTable(jangada_isa()) : nullptr;
    if (table && m * n * k <= TINY) {
        own.table = table;
        own.tiny = true;
    } else if (table) {
        SgemmPlanner planner(*table, batch, m, n, k, a.transposed, b.transposed, a.ld, b.ld);
        if (planner.wins()) {
            own = planner.plan(grid);
            return;
        }
    }
    grid = Grid::forBlas(m, n, k, a.transposed, b.transposed);
}

/** Bytes of a tile in the type that it is computed in, with a row more. */
inline int64_t Product::roomBytes(int64_t rows, int64_t columns) const {
    return roundUp((rows * columns + columns) * computeSize(type), 64);
}

inline void Product::need() {
    int64_t size = computeSize(type), rows = grid.rows.largest(), columns = grid.columns.largest();
    if (!leftAsIs) {
        needs.add(SCRATCH_A, bytesOf((left.batch == 0 ? 1 : batch) * size, m, k));
    }
    if (!rightAsIs) {
        needs.add(SCRATCH_B, bytesOf((right.batch == 0 ? 1 : batch) * size, k, n));
    }
    if (!target || !isComputedAsIs(type)) {
        needs.add(SCRATCH_TILE, roomBytes(rows, columns) + rows * columns * sizeOf(type));
    }
    if (own.table) {
        needSgemm(own, rows, columns, k, needs);
    }
    if (epilogue.program) {
        needs.addRegisters(SCRATCH_REGISTERS, EpilogueTile::bytes(epilogue));
    }
}

/** Computes a tile. */
template <class U>
void Product::compute(int64_t bi, int64_t i, int64_t j, int64_t rows, int64_t columns, U betaValue, U* c, int64_t ldc) const {
    FlushSubnormals flush;
    const U* left = reinterpret_cast<const U*>(a.at(bi, i, 0, sizeof(U)));
    const U* right = reinterpret_cast<const U*>(b.at(bi, 0, j, sizeof(U)));
    if constexpr (sizeof(U) == 4) {
        if (own.table) {
            runSgemm(own, a.transposed, b.transposed, rows, columns, k, static_cast<U>(alpha), left, a.ld, right, b.ld, betaValue, c, ldc);
            return;
        }
    }
    jangada::product<U>(
            a.transposed, b.transposed, rows, columns, k, static_cast<U>(alpha), left, a.ld, right, b.ld, betaValue, c, ldc);
}

template <class U>
void Product::scaleIntegers(int64_t bi, int64_t i, int64_t j, int64_t rows, int64_t columns, U* c) const {
    U factor = static_cast<U>(static_cast<int64_t>(alpha)), old = static_cast<U>(static_cast<int64_t>(beta));
    U* previous = c + rows * columns; // room for one row behind the tile
    for (int64_t r = 0; r < rows; r++) {
        if (beta != 0) {
            panelLoops().widener(type)(previous, target + sizeOf(type) * (bi * targetBatch + (i + r) * n + j), 1, columns);
        }
        for (int64_t x = 0; x < columns; x++) {
            U value = c[r * columns + x] * factor;
            if (beta != 0) {
                value += previous[x] * old;
            }
            c[r * columns + x] = type == DType::BOOL ? value != 0 : value;
        }
    }
}

inline void Product::integers(int64_t bi, int64_t i, int64_t j, int64_t rows, int64_t columns, char* c) const {
    int64_t size = computeSize(type);
    const PanelLoops& loops = panelLoops();
    PanelProduct run = type == DType::BOOL ? loops.truth : size == 8 ? loops.integer64 : loops.integer32;
    run(a.at(bi, i, 0, size), b.at(bi, 0, j, size), c, rows, columns, k, a.ld, b.ld, columns);
    if (alpha != 1 || beta != 0) {
        if (size == 8) {
            scaleIntegers(bi, i, j, rows, columns, reinterpret_cast<uint64_t*>(c));
        } else {
            scaleIntegers(bi, i, j, rows, columns, reinterpret_cast<uint32_t*>(c));
        }
    }
}

/** Computes one tile, rounds it to the type of the product, and applies the epilogue while it is in the cache. */
inline void Product::tile(int64_t number) {
    int64_t bi = number / grid.tiles(), at = number % grid.tiles();
    int64_t part = at / grid.columns.parts, column = at % grid.columns.parts;
    int64_t i = grid.rows.begin(part), j = grid.columns.begin(column);
    int64_t rows = grid.rows.begin(part + 1) - i, columns = grid.columns.begin(column + 1) - j;
    int64_t size = sizeOf(type);
    char* to = target ? target + size * (bi * targetBatch + i * n + j) : nullptr;
    int64_t ld = n;
    char* room = nullptr;
    if (!to || !isComputedAsIs(type)) {
        room = scratch(SCRATCH_TILE);
    }
    if (!to) {
        to = isComputedAsIs(type) ? room : room + roomBytes(rows, columns);
        ld = columns;
    }
    if (type == DType::FLOAT32) {
        compute(bi, i, j, rows, columns, static_cast<float>(beta), reinterpret_cast<float*>(to), ld);
    } else if (type == DType::FLOAT64) {
        compute(bi, i, j, rows, columns, beta, reinterpret_cast<double*>(to), ld);
    } else {
        if (isHalf(type)) {
            for (int64_t r = 0; beta != 0 && r < rows; r++) {
                panelLoops().widener(type)(room + 4 * r * columns, to + size * r * ld, 1, columns);
            }
            compute(bi, i, j, rows, columns, static_cast<float>(beta), reinterpret_cast<float*>(room), columns);
        } else {
            integers(bi, i, j, rows, columns, room);
        }
        NarrowRow narrow = panelLoops().narrower(type);
        for (int64_t r = 0; r < rows; r++) {
            narrow(to + size * r * ld, room + computeSize(type) * r * columns, columns);
        }
    }
    if (epilogue.program) {
        int32_t result = EpilogueTile(epilogue, {bi, i, j, rows, columns}, n, (bi * m + i) * n + j).run(to, ld);
        if (result != OK) {
            status.store(result);
        }
    }
}

/** k = 0 gives zeros; only beta * out remains, which is a product with one column of zeros. */
inline const char* zeros() {
    alignas(64) static const char bytes[64] = {};
    return bytes;
}

inline double asDouble(int64_t bits) {
    double d;
    memcpy(&d, &bits, 8);
    return d;
}

inline Product::Product(const int64_t* args)
    : type(static_cast<DType>(args[0])), batch(args[1]), m(args[2]), n(args[3]), k(args[4]), alpha(asDouble(args[5])), beta(asDouble(args[6])),
      left{reinterpret_cast<const char*>(args[7]), args[8], args[9], args[10]},
      right{reinterpret_cast<const char*>(args[11]), args[12], args[13], args[14]} {
    const int64_t* e = args + 15;
    const int64_t* outs = e + 4;
    const int64_t* extras = outs + 2 * e[1];
    epilogue = {reinterpret_cast<const Program*>(e[0]), e[1], e[2], e[3], outs, extras, extras + 4 * e[2]};
    if (epilogue.program) {
        epilogue.choosePlan();
    }
    if (k == 0) {
        k = 1;
        left = right = {zeros(), 0, 0, 0};
    }
    bool direct = isComputedAsIs(type);
    leftAsIs = direct && asPanels(left, m, k, a);
    rightAsIs = direct && asPanels(right, k, n, b);
    if (!leftAsIs) {
        a = {nullptr, left.batch == 0 ? 0 : m * k, k, false};
    }
    if (!rightAsIs) {
        b = {nullptr, right.batch == 0 ? 0 : k * n, n, false};
    }
    chooseTarget();
    plan();
    tiles = batch * grid.tiles();
    int64_t work = std::max<int64_t>(1, grid.rows.largest() * grid.columns.largest() * k);
    tilesPerChunk = std::max<int64_t>(1, CHUNK_WORK / work);
    need();
}

/** Brings the operands to panels where they are none. */
inline void Product::convert() {
    int64_t size = computeSize(type);
    if (!leftAsIs) {
        convertPanels(left, type, size, batch, m, k, SCRATCH_A, a);
    }
    if (!rightAsIs) {
        convertPanels(right, type, size, batch, k, n, SCRATCH_B, b);
    }
}

inline int32_t Product::run() {
    if (!scratches()->reserve(needs)) {
        return NO_MEMORY;
    }
    convert();
    if (own.keepsLeft || own.keepsRight) {
        own.generation = newGeneration(); // operands may have other values than at the last run
    }
    status.store(OK, std::memory_order_relaxed);
    if (tiles == 1) {
        tile(0);
        return status.load(std::memory_order_relaxed);
    }
    jangada_parallel(
            (tiles + tilesPerChunk - 1) / tilesPerChunk,
            [](void* ctx, int64_t chunk) {
                Product& q = *static_cast<Product*>(ctx);
                int64_t end = std::min((chunk + 1) * q.tilesPerChunk, q.tiles);
                for (int64_t t = chunk * q.tilesPerChunk; t < end; t++) {
                    q.tile(t);
                }
            },
            this,
            needs);
    return status.load(std::memory_order_relaxed);
}

} // namespace jangada

inline int32_t jangada_matmul(const int64_t* args) {
    using namespace jangada;
    BusyTime busy;
    return statusOf([&] {
        Product product(args);
        int32_t status = product.run();
        if (product.needs.most > Scratch::KEEP) {
            scratches()->trim();
        }
        return status;
    });
}

/**
 * Tells whether float32 products a @ b of this shape, a row-major, have the same bits for a row-major b as for a transposed one, and want
 * the row-major one if they are many: the own kernel reads that in place, and computes the other one's result across (64,128,784: 131
 * against 99 us; 32,256,1024: 176 against 165).
 */
inline bool jangada_prefers_rows(int64_t m, int64_t k, int64_t n) {
    using namespace jangada;
    const SgemmTable* table = sgemmTable(jangada_isa());
    return table && m > 1 && n > 1 && SgemmPlanner(*table, 1, m, n, k, false, true, k, k).wins() &&
           SgemmPlanner(*table, 1, m, n, k, false, false, k, n).wins();
}
