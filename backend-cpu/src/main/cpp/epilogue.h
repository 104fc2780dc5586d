// What is done to a matrix product while it is at hand: an element-wise program whose input 0 is the product, tile by tile.
//
// A tile is run in pieces: of one row if it is wide, where operands are used in place; of several rows if it is narrow, where they are
// copied to and from registers. A piece whose program asks for element numbers has consecutive ones.
#pragma once

#include <algorithm>

#include "map.h"
#include "program.h"

namespace jangada {

/** A further input of the program: a batch of matrices with any strides, in elements. */
struct Extra {
    const char* data;
    int64_t batch, row, column;
};

/** A result: a batch of matrices whose rows lie behind each other. */
struct Result {
    char* data;
    int64_t batch;
};

/** The results of a product and the program that makes them of it; without a program the product is the one result. */
struct Epilogue {
    const Program* program;
    int64_t outCount, extraCount, scalarCount;
    const int64_t* outs;   // 2 words each
    const int64_t* extras; // 4 words each
    const int64_t* scalars;
    const Plan* plan = nullptr; // of the program

    Result out(int64_t i) const { return {reinterpret_cast<char*>(outs[2 * i]), outs[2 * i + 1]}; }

    Extra extra(int64_t i) const {
        const int64_t* e = extras + 4 * i;
        return {reinterpret_cast<const char*>(e[0]), e[1], e[2], e[3]};
    }

    DType outType(int64_t i) const { return program->outputType(static_cast<int32_t>(i)); }
    DType extraType(int64_t i) const { return program->code.inputs[static_cast<size_t>(1 + i)]; }

    bool reads(const char* from, const char* to, int64_t batch, int64_t m, int64_t n) const;

    void choosePlan() {
        uint64_t uniform = 0;
        for (int64_t x = 0; x < extraCount && 1 + x < MASK_BITS; x++) {
            Extra e = extra(x);
            uniform |= e.row == 0 && e.column == 0 ? 2ull << x : 0;
        }
        plan = program->plan(uniform, true);
    }
};

/** Whether any further input has an element between two addresses. */
inline bool Epilogue::reads(const char* from, const char* to, int64_t batch, int64_t m, int64_t n) const {
    for (int64_t x = 0; x < extraCount; x++) {
        Extra e = extra(x);
        int64_t low = 0, high = 0;
        for (int64_t last : {(batch - 1) * e.batch, (m - 1) * e.row, (n - 1) * e.column}) {
            (last < 0 ? low : high) += last;
        }
        int64_t size = sizeOf(extraType(x));
        if (e.data + size * low < to && from < e.data + size * (high + 1)) {
            return true;
        }
    }
    return false;
}

/** A tile of matrix b of the batch. */
struct TilePlace {
    int64_t b, row, column, rows, columns;
};

/** Runs the program of an epilogue on one tile of the product. */
class EpilogueTile {
public:
    /**
     * @param n columns of the whole result
     * @param first number of the tile's first element in all matrices of the result
     */
    EpilogueTile(const Epilogue& epilogue, const TilePlace& at, int64_t n, int64_t first)
        : epilogue(epilogue), place(at), n(n), first(first), plan(epilogue.plan) {
        bool merges = at.columns < NARROW && (at.columns == n || !plan->usesNumber);
        height = merges ? std::min(at.rows, std::max<int64_t>(1, plan->tile / at.columns)) : 1;
        width = std::min(at.columns, plan->tile);
    }

    /** Bytes of memory that a tile needs. */
    static int64_t bytes(const Epilogue& e) {
        int64_t registers = static_cast<int64_t>(e.plan->slots.size()), sides = 1 + e.extraCount + e.outCount;
        return e.plan->scratch + registers * static_cast<int64_t>(sizeof(char*)) + sides * static_cast<int64_t>(sizeof(Side));
    }

    /** @param product the tile's first element, ld the distance of its rows; returns a status as jangada_map */
    int32_t run(const char* product, int64_t ld) {
        int64_t registers = static_cast<int64_t>(plan->slots.size());
        JANGADA_SCRATCH(memory, SCRATCH_REGISTERS, bytes(epilogue));
        regs = reinterpret_cast<char**>(memory + plan->scratch);
        sides = reinterpret_cast<Side*>(regs + registers);
        regs[0] = nullptr;
        for (int64_t r = 1; r < registers; r++) {
            regs[r] = memory + plan->slots[r];
        }
        begin(product, ld);
        for (int64_t r = 0; r < place.rows; r += height) {
            for (int64_t c = 0; c < place.columns; c += width) {
                piece(r, c, std::min(height, place.rows - r), std::min(width, place.columns - c));
            }
        }
        return error;
    }

private:
    static constexpr int64_t NARROW = 64; // columns from which on a row is a piece of its own

    /** An operand as the tile sees it. */
    struct Side {
        int32_t reg;
        char* at;   // its first element in the tile
        char* slot; // null if it is used in place
        int64_t size, slotSize, row, column;
        Load read;
        Store write;
    };

    const Epilogue& epilogue;
    const TilePlace place;
    int64_t n, first;
    const Plan* plan;
    int64_t height, width; // of a piece
    char** regs = nullptr;
    Side* sides = nullptr; // inputs that differ from element to element, then outputs
    int64_t loads = 0, stores = 0;
    int32_t error = 0;

    void step(const Step& s, int64_t elements) { error |= s.kernel(regs[s.d], regs[s.a], regs[s.b], regs[s.c], regs[s.e], elements); }

    void begin(const char* product, int64_t ld) {
        for (auto& c : plan->constants) {
            std::memcpy(regs[c.first], &c.second, 8);
        }
        for (auto& s : plan->scalars) {
            int64_t bits = scalarBits(epilogue.scalars[s.second], epilogue.program->code.scalars[s.second]);
            std::memcpy(regs[s.first], &bits, 8);
        }
        beginInput(0, const_cast<char*>(product), ld, 1);
        for (int32_t x = 0; x < epilogue.extraCount; x++) {
            Extra e = epilogue.extra(x);
            int64_t position = place.b * e.batch + place.row * e.row + place.column * e.column;
            beginInput(1 + x, const_cast<char*>(e.data) + sizeOf(epilogue.extraType(x)) * position, e.row, e.column);
        }
        for (int32_t k = 0; k < epilogue.outCount; k++) {
            beginOutput(k);
        }
        for (const Step& s : plan->once) {
            step(s, 1);
        }
        for (const Step& s : plan->spread) {
            step(s, height * width);
        }
    }

    bool isDense(int64_t row, int64_t column) const {
        return (column == 1 || place.columns == 1) && (height == 1 || row == place.columns);
    }

    void beginInput(int32_t i, char* at, int64_t row, int64_t column) {
        if (!plan->read[i]) {
            return;
        }
        DType type = epilogue.program->code.inputs[i];
        Class as = plan->loadAs[i];
        bool fits = isNative(type) && classOf(type) == as;
        Load read = plan->table->load[static_cast<int>(type)][as];
        int32_t reg = plan->in(i);
        if (!plan->isUniform(i)) {
            char* slot = fits && isDense(row, column) ? nullptr : regs[reg];
            sides[loads++] = {reg, at, slot, sizeOf(type), sizeOf(as), row, column, read, nullptr};
        } else if (fits) {
            regs[reg] = at;
        } else {
            read(regs[reg], at, 1, 0);
        }
    }

    /** An output is not used in place if an input would still be read from there after the write. */
    void beginOutput(int32_t k) {
        DType type = epilogue.outType(k);
        Result r = epilogue.out(k);
        int32_t reg = plan->out(k);
        Side s{reg, r.data + sizeOf(type) * (place.b * r.batch + place.row * n + place.column), nullptr, sizeOf(type), sizeOf(classOf(type)), n, 1,
               nullptr, plan->table->store[static_cast<int>(type)]};
        bool inPlace = isNative(type) && isDense(n, 1);
        for (int64_t i = 0; i < loads && inPlace; i++) {
            int32_t input = sides[i].reg - 1;
            bool later = (plan->readAfter[k] >> std::min(input, MASK_BITS) & 1) != 0;
            inPlace = !(later && !sides[i].slot && sides[i].at == s.at);
        }
        s.slot = inPlace ? nullptr : regs[reg];
        sides[loads + stores++] = s;
    }

    /** Calls move(element in memory, element in the slot) for each row of a piece. */
    template <class Move>
    static void rows(const Side& s, int64_t r, int64_t c, int64_t high, int64_t wide, Move move) {
        for (int64_t q = 0; q < high; q++) {
            move(s.at + s.size * ((r + q) * s.row + c * s.column), s.slot + s.slotSize * q * wide);
        }
    }

    void piece(int64_t r, int64_t c, int64_t high, int64_t wide) {
        for (int64_t i = 0; i < loads + stores; i++) {
            const Side& s = sides[i];
            if (!s.slot) {
                regs[s.reg] = s.at + s.size * (r * s.row + c * s.column);
            } else if (i < loads) {
                rows(s, r, c, high, wide, [&](char* from, char* to) { s.read(to, from, wide, s.column); });
            }
        }
        if (plan->usesNumber) {
            int64_t number = first + r * n + c;
            std::memcpy(regs[plan->number], &number, 8);
        }
        for (const Step& s : plan->steps) {
            step(s, high * wide);
        }
        for (int64_t i = loads; i < loads + stores; i++) {
            const Side& s = sides[i];
            if (s.slot) {
                rows(s, r, c, high, wide, [&](char* to, char* from) { s.write(to, from, wide, 1); });
            }
        }
    }
};

} // namespace jangada
