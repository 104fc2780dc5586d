// The reduce family: values by a plan, tile by tile; accumulators by row or column kernels; outputs by the epilogue's plan.
//
// The iteration space is reordered to [outer kept, reduced, inner kept] dimensions. Without inner ones each output is a row of consecutive
// elements (row kernels), else the inner ones are columns (column kernels). Long reductions are cut into pieces whose accumulators are
// merged in order; pieces and blocks follow from the shape and the program alone, so the number of threads changes no bit.
#pragma once

#include "map.h"

namespace jangada {

/** Adds b, which covers nb later elements, to a, which covers na. */
inline void mergeAccumulators(ReduceOp op, Class cls, Accumulator& a, const Accumulator& b, int64_t na, int64_t nb) {
    bool real = cls == F32 || cls == F64;
    switch (op) {
        case ReduceOp::SUM:
            if (real) {
                a.x.d += b.x.d;
            } else {
                a.x.u += b.x.u;
            }
            return;
        case ReduceOp::PROD:
            if (real) {
                a.x.d *= b.x.d;
            } else {
                a.x.u *= b.x.u;
            }
            return;
        case ReduceOp::ANY: a.x.i |= b.x.i; return;
        case ReduceOp::ALL: a.x.i &= b.x.i; return;
        case ReduceOp::MAX:
        case ReduceOp::ARGMAX:
            if (real ? b.x.d > a.x.d || (b.x.d != b.x.d && a.x.d == a.x.d) : b.x.i > a.x.i) {
                a = b;
            }
            return;
        case ReduceOp::MIN:
        case ReduceOp::ARGMIN:
            if (real ? b.x.d < a.x.d || (b.x.d != b.x.d && a.x.d == a.x.d) : b.x.i < a.x.i) {
                a = b;
            }
            return;
        case ReduceOp::VARIANCE: {
            double delta = b.y.d - a.y.d;
            double share = static_cast<double>(nb) / static_cast<double>(na + nb);
            a.x.d += b.x.d + delta * delta * static_cast<double>(na) * share;
            a.y.d += delta * share;
            return;
        }
        case ReduceOp::COUNT: return;
    }
}

/** The result of no elements. */
inline Accumulator emptyAccumulator(ReduceOp op, Class cls) {
    Accumulator a{};
    if (op == ReduceOp::PROD && cls != I64) {
        a.x.d = 1;
    } else if (op == ReduceOp::PROD || op == ReduceOp::ALL) {
        a.x.i = 1;
    } else if (op == ReduceOp::VARIANCE) {
        a.y.d = std::nan("");
    }
    return a;
}

struct Reduction {
    static constexpr int64_t TILE = 512;
    static constexpr int64_t BLOCK = 1024;      // columns per block
    static constexpr int64_t PIECE = 32768;     // elements per piece, at least
    static constexpr int64_t MOST_PIECES = 64;  // per output
    static constexpr int64_t BATCH = 256;       // outputs that pass through the epilogue at once

    ReduceOp op;
    Class cls; // of the values that are accumulated
    Kernel convert = nullptr;
    const Table* table;
    Call values;
    Call epilogue;
    DType resultType;
    int32_t results = 1;
    int64_t kept = 1, reduced = 1; // numbers of outputs and of elements per output
    int64_t inner = 1;             // columns; 1 for rows
    int64_t pieces = 1, pieceRows = 0; // per output: numbers of pieces, reduced elements in each
    int64_t group = 1;             // rows: outputs per item; columns: columns per item
    int64_t groups = 1;            // rows: groups of outputs; columns: blocks of columns
    int64_t chunks = 0;            // of a loop
    int64_t piecesAt = 0;           // where in the scratch the accumulators of pieces stand, in bytes
    Needs needs;
    Accumulator* partial = nullptr; // [kept][pieces] if there are several pieces
    std::atomic<int32_t> error{0};

    /** Bytes of memory that a reduction needs for as long as it lives. */
    static int64_t bytes(const int64_t* args) {
        int64_t rank = args[3], count = args[4] + args[5];
        return count * static_cast<int64_t>(sizeof(Operand)) + (4 * (count + 2) * rank + 4 * rank + 4) * 8;
    }

    /** Reads the arguments of jangada_reduce; then it can run as often as wanted while its operands and this object stay where they are. */
    Reduction(const int64_t* args, char* room);

    int32_t run() {
        if (!scratches()->reserve(needs)) {
            return NO_MEMORY;
        }
        start();
        if (work() < SERIAL_COST) {
            for (int64_t i = 0; i < chunks; i++) {
                runChunk(i);
            }
        } else {
            jangada_parallel(chunks, [](void* ctx, int64_t i) { static_cast<Reduction*>(ctx)->runChunk(i); }, this, needs);
        }
        return finish();
    }

    int64_t work() const { return kept * reduced * values.plan->cost; }

    int64_t pieceBytes() const { return pieces > 1 ? kept * pieces * static_cast<int64_t>(sizeof(Accumulator)) : 0; }

    /** Leaves room for the pieces of others, which are at work at the same time; returns where the own ones end. */
    int64_t placePieces(int64_t at) {
        piecesAt = at;
        need();
        return at + (pieceBytes() + 63) / 64 * 64;
    }

    /** Gets ready for its chunks, which may then be run in any order. What it needs has been reserved. */
    void start() {
        error.store(0, std::memory_order_relaxed);
        partial = pieces > 1 ? reinterpret_cast<Accumulator*>(jangada::scratch(SCRATCH_PIECES) + piecesAt) : nullptr;
    }

    void runChunk(int64_t i) {
        if (reduced == 0) {
            runEmpty();
        } else if (inner == 1) {
            rows(i / pieces, i % pieces);
        } else {
            columns(i / pieces, i % pieces);
        }
    }

    /** After all chunks: puts pieces together and returns the status. */
    int32_t finish() {
        if (partial) {
            mergePieces();
        }
        return error.load(std::memory_order_relaxed);
    }

private:
    /** Decides the grid of items: from the shape alone. */
    void plan() {
        int64_t width = inner == 1 ? 1 : std::min(inner, BLOCK);
        pieceRows = reduced;
        if (reduced * width > 2 * PIECE) {
            pieceRows = std::max((PIECE + width - 1) / width, (reduced + MOST_PIECES - 1) / MOST_PIECES);
            pieceRows = inner == 1 ? (pieceRows + TILE - 1) / TILE * TILE : pieceRows;
        }
        pieces = (reduced + pieceRows - 1) / pieceRows;
        if (inner == 1) {
            group = pieces > 1 ? 1 : std::max<int64_t>(1, PIECE / 2 / std::max<int64_t>(reduced, 1) / values.plan->cost);
            groups = (kept + group - 1) / group;
        } else {
            group = width;
            groups = (inner + group - 1) / group * (kept / inner);
        }
        chunks = groups * pieces;
    }

    void need() {
        Operand found[2];
        Call call = epilogue;
        call.ins = found;
        needs.addRegisters(SCRATCH_REGISTERS, Tiles::bytes(values));
        needs.addRegisters(SCRATCH_RESULTS, Tiles::bytes(call));
        needs.add(SCRATCH_PIECES, pieces > 1 ? piecesAt + pieceBytes() : 0);
    }

    /** Outputs of empty reductions. */
    void runEmpty() {
        Accumulator a[BATCH];
        std::fill(a, a + BATCH, emptyAccumulator(op, cls));
        for (int64_t o = 0; o < kept; o += BATCH) {
            finish(o, std::min(BATCH, kept - o), a);
        }
    }

    void fail(int32_t e) {
        if (e) {
            error.store(DIVISION_BY_ZERO, std::memory_order_relaxed);
        }
    }

    const void* converted(const Tiles& t, int64_t n, void* buffer) const {
        if (convert == nullptr) {
            return t.result();
        }
        convert(buffer, t.result(), nullptr, nullptr, nullptr, n);
        return buffer;
    }

    void rows(int64_t g, int64_t piece) {
        JANGADA_SCRATCH(memory, SCRATCH_REGISTERS, Tiles::bytes(values));
        alignas(64) int64_t buffer[TILE];
        Accumulator found[TILE];
        RowKernel kernel = table->rows[static_cast<int>(op)][cls];
        int64_t first = g * group, end = std::min(first + group, kept);
        int64_t start = piece * pieceRows, length = std::min(pieceRows, reduced - start);
        Tiles t(values, memory, first * reduced + start, TILE);
        if (length > TILE) {
            for (int64_t o = first; o < end; o++) {
                Accumulator total = longRow(t, kernel, start, length, buffer);
                if (pieces > 1) {
                    partial[o * pieces + piece] = total;
                } else {
                    finish(o, 1, &total);
                }
            }
        } else {
            int64_t atOnce = std::min<int64_t>(TILE / length, BATCH);
            for (int64_t o = first; o < end; o += atOnce) {
                int64_t m = std::min(atOnce, end - o);
                t.compute(m * length);
                kernel(converted(t, m * length, buffer), m, length, found);
                t.advance(m * length);
                if (pieces > 1) {
                    found[0].y.i += op == ReduceOp::ARGMAX || op == ReduceOp::ARGMIN ? start : 0;
                    partial[o * pieces + piece] = found[0]; // then there is one row
                } else {
                    finish(o, m, found);
                }
            }
        }
        fail(t.error);
    }

    Accumulator longRow(Tiles& t, RowKernel kernel, int64_t start, int64_t length, void* buffer) {
        Accumulator total{};
        bool index = op == ReduceOp::ARGMAX || op == ReduceOp::ARGMIN;
        for (int64_t i = 0; i < length; i += TILE) {
            int64_t n = std::min(TILE, length - i);
            Accumulator part{};
            t.compute(n);
            kernel(converted(t, n, buffer), 1, n, &part);
            t.advance(n);
            part.y.i += index ? start + i : 0;
            if (i == 0) {
                total = part;
            } else {
                mergeAccumulators(op, cls, total, part, i, n);
            }
        }
        return total;
    }

    void columns(int64_t g, int64_t piece) {
        JANGADA_SCRATCH(memory, SCRATCH_REGISTERS, Tiles::bytes(values));
        alignas(64) int64_t buffer[TILE];
        alignas(64) int64_t x[BLOCK];
        alignas(64) int64_t y[BLOCK];
        ColumnKernel kernel = table->columns[static_cast<int>(op)][cls];
        int64_t blocks = (inner + group - 1) / group;
        int64_t outer = g / blocks, column = g % blocks * group;
        int64_t width = std::min(group, inner - column);
        int64_t start = piece * pieceRows, length = std::min(pieceRows, reduced - start);
        Tiles t(values, memory, (outer * reduced + start) * inner + column, TILE);
        int64_t wide = cls == F32 && (op == ReduceOp::MAX || op == ReduceOp::MIN || op == ReduceOp::ARGMAX || op == ReduceOp::ARGMIN) ? 4
                       : cls == BIT                                                                                                ? 1
                                                                                                                                   : 8;
        char* px = reinterpret_cast<char*>(x);
        if (width == inner && width <= TILE) {
            int64_t atOnce = TILE / width;
            for (int64_t r = 0; r < length; r += atOnce) {
                int64_t m = std::min(atOnce, length - r);
                t.compute(m * width);
                kernel(converted(t, m * width, buffer), m, width, x, y, r, start + r);
                t.advance(m * width);
            }
        } else {
            for (int64_t r = 0; r < length; r++) {
                if (width != inner && r > 0) {
                    t.seek((outer * reduced + start + r) * inner + column);
                }
                for (int64_t c = 0; c < width; c += TILE) {
                    int64_t n = std::min(TILE, width - c);
                    t.compute(n);
                    kernel(converted(t, n, buffer), 1, n, px + c * wide, y + c, r, start + r);
                    t.advance(n);
                }
            }
        }
        fail(t.error);
        store(outer * inner + column, width, piece, px, wide, y);
    }

    /** Hands the accumulators of columns on: to the epilogue or to the array of pieces. */
    void store(int64_t first, int64_t count, int64_t piece, const char* x, int64_t wide, const int64_t* y) {
        Accumulator batch[BATCH];
        for (int64_t c = 0; c < count; c += BATCH) {
            int64_t n = std::min(BATCH, count - c);
            for (int64_t i = 0; i < n; i++) {
                const char* p = x + (c + i) * wide;
                if (wide == 4) {
                    float f;
                    std::memcpy(&f, p, 4);
                    batch[i].x.d = f;
                } else if (wide == 1) {
                    batch[i].x.i = *p;
                } else {
                    std::memcpy(&batch[i].x, p, 8);
                }
                std::memcpy(&batch[i].y, y + c + i, 8);
            }
            if (pieces == 1) {
                finish(first + c, n, batch);
            } else {
                for (int64_t i = 0; i < n; i++) {
                    partial[(first + c + i) * pieces + piece] = batch[i];
                }
            }
        }
    }

    void mergePieces() {
        Accumulator batch[BATCH];
        for (int64_t o = 0; o < kept; o += BATCH) {
            int64_t n = std::min(BATCH, kept - o);
            for (int64_t i = 0; i < n; i++) {
                const Accumulator* p = partial + (o + i) * pieces;
                batch[i] = p[0];
                for (int64_t k = 1; k < pieces; k++) {
                    mergeAccumulators(op, cls, batch[i], p[k], k * pieceRows, std::min(pieceRows, reduced - k * pieceRows));
                }
            }
            finish(o, n, batch);
        }
    }

    /** Runs the epilogue for n outputs from number {@code first} on. */
    void finish(int64_t first, int64_t n, const Accumulator* found) {
        for (; n > BATCH; first += BATCH, n -= BATCH, found += BATCH) {
            finish(first, BATCH, found);
        }
        alignas(64) char buffers[2][BATCH * 8];
        Class goal = classOf(resultType);
        for (int64_t i = 0; i < n; i++) {
            put(goal, buffers[0] + i * sizeOf(goal), op == ReduceOp::ARGMAX || op == ReduceOp::ARGMIN ? found[i].y : found[i].x, op);
            if (results == 2) {
                put(goal, buffers[1] + i * sizeOf(goal), found[i].y, op);
            }
        }
        Kernel wrap = table->wrap[static_cast<int>(resultType)];
        if (wrap) {
            wrap(buffers[0], buffers[0], nullptr, nullptr, nullptr, n);
        }
        Call call = epilogue;
        Operand ins[2];
        constexpr DType native[] = {DType::FLOAT32, DType::FLOAT64, DType::INT64, DType::BOOL};
        for (int32_t k = 0; k < results; k++) {
            ins[k].type = native[goal];
            ins[k].inPlace = classOf(ins[k].type) == call.plan->loadAs[k];
            ins[k].address = buffers[k] - (ins[k].inPlace ? first * sizeOf(ins[k].type) : 0);
            if (!ins[k].inPlace) { // an integer that is loaded as float32
                std::memcpy(unloaded(k), buffers[k], n * 8);
                table->load[static_cast<int>(ins[k].type)][call.plan->loadAs[k]](buffers[k], unloaded(k), n, 1);
                ins[k].type = native[call.plan->loadAs[k]];
                ins[k].inPlace = true;
                ins[k].address = buffers[k] - first * sizeOf(ins[k].type);
            }
        }
        call.ins = ins;
        JANGADA_SCRATCH(memory, SCRATCH_RESULTS, Tiles::bytes(call));
        int64_t tile = call.plan->tile;
        Tiles t(call, memory, first, std::min(tile, n));
        for (int64_t i = 0; i < n; i += tile) {
            int64_t m = std::min(tile, n - i);
            t.compute(m);
            t.advance(m);
        }
        fail(t.error);
    }

    static char* unloaded(int32_t k) {
        static thread_local char memory[2][BATCH * 8];
        return memory[k];
    }

    /** Writes a result as the epilogue's register holds it. */
    template <class Value>
    void put(Class goal, char* to, const Value& value, ReduceOp op) const {
        bool real = (cls == F32 || cls == F64) && op != ReduceOp::ARGMAX && op != ReduceOp::ARGMIN;
        switch (goal) {
            case F32: {
                float f = static_cast<float>(value.d);
                std::memcpy(to, &f, 4);
                return;
            }
            case F64: std::memcpy(to, &value.d, 8); return;
            case BIT: *to = real ? value.d != 0 : value.i != 0; return;
            default: {
                int64_t i = real ? static_cast<int64_t>(value.d) : value.i;
                std::memcpy(to, &i, 8);
            }
        }
    }
};

/** Chooses the class in which values are accumulated: what is not defined for bool is turned into what it means. */
inline void chooseAccumulation(Reduction& r, DType value) {
    Class own = classOf(value);
    r.cls = own;
    if (own == BIT) {
        r.op = r.op == ReduceOp::SUM || r.op == ReduceOp::MAX    ? ReduceOp::ANY
               : r.op == ReduceOp::PROD || r.op == ReduceOp::MIN ? ReduceOp::ALL
                                                                 : r.op;
        r.cls = r.op == ReduceOp::ARGMAX || r.op == ReduceOp::ARGMIN ? I64 : BIT;
    } else if (r.op == ReduceOp::ANY || r.op == ReduceOp::ALL) {
        r.cls = BIT;
    }
    if (r.op == ReduceOp::VARIANCE && r.cls != F32) {
        r.cls = F64;
    }
    r.convert = r.cls == own ? nullptr : r.table->cast[own][r.cls];
}

inline Reduction::Reduction(const int64_t* args, char* room) : table(&jangada::table()) {
    const Program& program = *reinterpret_cast<const Program*>(args[0]);
    const Program& finishing = *reinterpret_cast<const Program*>(args[1]);
    int32_t rank = static_cast<int32_t>(args[3]);
    int32_t nouts = static_cast<int32_t>(args[4]);
    int32_t nins = static_cast<int32_t>(args[5]);
    const int64_t* shape = args + 6;
    const int64_t* flags = shape + rank;
    const int64_t* operands = flags + rank;
    op = static_cast<ReduceOp>(args[2]);
    chooseAccumulation(*this, program.outputType(0));
    resultType = finishing.code.inputs[0];
    results = static_cast<int32_t>(finishing.code.inputs.size());

    Operand* all = reinterpret_cast<Operand*>(room);
    int64_t* memory = reinterpret_cast<int64_t*>(room + (nouts + nins) * sizeof(Operand));
    int32_t* order = reinterpret_cast<int32_t*>(memory); // kept, reduced
    int32_t* outOrder = order + rank;
    int64_t* rowMajor = memory + rank;
    memory += 2 * rank + 1;
    int32_t n = 0, keptDims = 0, lastReduced = -1;
    int64_t step = 1;
    for (int32_t d = rank - 1; d >= 0; d--) {
        rowMajor[d] = step;
        step *= shape[d];
        lastReduced = flags[d] && shape[d] != 1 && lastReduced < 0 ? d : lastReduced;
        (flags[d] ? reduced : kept) *= shape[d];
    }
    for (int pass = 0; pass < 3; pass++) { // outer kept, reduced, inner kept
        for (int32_t d = 0; d < rank; d++) {
            bool isInner = d > lastReduced && lastReduced >= 0;
            if (shape[d] != 1 && (pass == 1 ? flags[d] != 0 : !flags[d] && isInner == (pass == 2))) {
                order[n++] = d;
                inner *= pass == 2 ? shape[d] : 1;
            }
        }
    }
    for (int32_t d = 0; d < rank; d++) {
        if (shape[d] != 1 && !flags[d]) {
            outOrder[keptDims++] = d;
        }
    }
    if (kept == 0) {
        return;
    }
    uint64_t uniform = 0;
    for (int32_t i = 0; i < nouts + nins; i++, operands += rank + 1) {
        Operand& o = *new (&all[i]) Operand;
        bool out = i < nouts;
        o.address = reinterpret_cast<char*>(operands[0]);
        o.type = out ? finishing.outputType(i) : program.code.inputs[i - nouts];
        o.path = pathOf(out ? keptDims : n, out ? outOrder : order, shape, operands + 1, memory);
        if (!out && i - nouts < MASK_BITS && o.path.isSingle()) {
            uniform |= 1ull << (i - nouts);
        }
    }
    values.ins = all + nouts;
    values.outs = nullptr;
    values.scalars = epilogue.scalars = operands;
    values.scalarTypes = epilogue.scalarTypes = program.code.scalars.data();
    bool consecutive = true;
    if (program.usesIndex) {
        values.numbers = pathOf(n, order, shape, rowMajor, memory);
        consecutive = values.numbers.isDense();
    }
    values.plan = program.plan(uniform, consecutive, true);
    epilogue.plan = finishing.plan(0, true);
    epilogue.outs = all;
    placeOperands(values, kept * reduced);
    for (int32_t k = 0; k < nouts; k++) {
        all[k].inPlace = all[k].path.isDense() && isNative(all[k].type) && epilogue.plan->readAfter[k] == 0;
    }
    if (reduced > 0) {
        plan();
    } else {
        chunks = 1;
    }
    need();
}

} // namespace jangada

inline int32_t jangada_reduce(const int64_t* args) {
    using namespace jangada;
    BusyTime busy;
    char* room = static_cast<char*>(alloca(Reduction::bytes(args)));
    int32_t status = statusOf([&] { return Reduction(args, room).run(); });
    scratches()->slots[SCRATCH_PIECES].trim();
    return status;
}
