// What is done to a matrix product while it is at hand: an element-wise program whose input 0 is the product.
#pragma once

#include <algorithm>
#include <vector>

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

    Result out(int64_t i) const { return {reinterpret_cast<char*>(outs[2 * i]), outs[2 * i + 1]}; }

    Extra extra(int64_t i) const {
        const int64_t* e = extras + 4 * i;
        return {reinterpret_cast<const char*>(e[0]), e[1], e[2], e[3]};
    }

    DType outType(int64_t i) const { return program->outputType(static_cast<int32_t>(i)); }
    DType extraType(int64_t i) const { return program->code.inputs[static_cast<size_t>(1 + i)]; }

    /** Whether it must see the whole result in one call: it asks for the number of the element. */
    bool whole() const { return program && program->usesIndex; }

    bool reads(const char* from, const char* to, int64_t batch, int64_t m, int64_t n) const;
    int32_t apply(int64_t b, int64_t n, int64_t i, int64_t j, int64_t rows, int64_t columns, const char* product, int64_t ld) const;
    int32_t applyWhole(int64_t batch, int64_t m, int64_t n, const char* product, int64_t productBatch) const;

private:
    /** Room for the arguments of the program; kept by the thread. */
    int64_t* words() const {
        static thread_local std::vector<int64_t> room;
        room.resize(static_cast<size_t>(7 + 4 * (outCount + 1 + extraCount) + scalarCount));
        return room.data();
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

/** Runs the program on a tile of matrix b; n is the number of columns of the whole result. */
inline int32_t Epilogue::apply(
        int64_t b, int64_t n, int64_t i, int64_t j, int64_t rows, int64_t columns, const char* product, int64_t ld) const {
    int64_t* args = words();
    int64_t* p = args;
    auto put = [&](std::initializer_list<int64_t> values) { p = std::copy(values.begin(), values.end(), p); };
    put({reinterpret_cast<int64_t>(program), 2, outCount, 1 + extraCount, rows, columns});
    for (int64_t x = 0; x < outCount; x++) {
        Result r = out(x);
        put({reinterpret_cast<int64_t>(r.data + sizeOf(outType(x)) * (b * r.batch + i * n + j)), n, 1});
    }
    put({reinterpret_cast<int64_t>(product), ld, 1});
    for (int64_t x = 0; x < extraCount; x++) {
        Extra e = extra(x);
        put({reinterpret_cast<int64_t>(e.data + sizeOf(extraType(x)) * (b * e.batch + i * e.row + j * e.column)), e.row, e.column});
    }
    std::copy(scalars, scalars + scalarCount, p);
    return jangada_map(args);
}

/** Runs the program on the whole product in one call. */
inline int32_t Epilogue::applyWhole(int64_t batch, int64_t m, int64_t n, const char* product, int64_t productBatch) const {
    int64_t* args = words();
    int64_t* p = args;
    auto put = [&](std::initializer_list<int64_t> values) { p = std::copy(values.begin(), values.end(), p); };
    put({reinterpret_cast<int64_t>(program), 3, outCount, 1 + extraCount, batch, m, n});
    for (int64_t x = 0; x < outCount; x++) {
        put({outs[2 * x], outs[2 * x + 1], n, 1});
    }
    put({reinterpret_cast<int64_t>(product), productBatch, n, 1});
    p = std::copy(extras, extras + 4 * extraCount, p);
    std::copy(scalars, scalars + scalarCount, p);
    return jangada_map(args);
}

} // namespace jangada
