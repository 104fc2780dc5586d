// The kernels of each instruction set and the choice among them.
//
// The kernel files are compiled three times, each in a namespace of its own under "#pragma GCC target". System headers come before: no
// inline function of theirs may be compiled in such a region, or the linker could pick a copy that the processor can't run.
#pragma once

#if defined(__clang__) || !defined(__GNUC__) || __GNUC__ < 12
#error "[backend-cpu] expected g++ 12 or newer, got another compiler; install it and name it with -Djangada.cxx=g++-12"
#endif

#include <immintrin.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "program.h"

namespace jangada {

/** d[i] = f(a[i], b[i], c[i], e[i]) for i < n; returns 1 if an integer was divided by zero. */
using Kernel = int32_t (*)(void* d, const void* a, const void* b, const void* c, const void* e, int64_t n);
/** Reads n elements at p, p + stride, … into a register. */
using Load = void (*)(void* d, const void* p, int64_t n, int64_t stride);
/** Writes a register to n elements at p, p + stride, …. */
using Store = void (*)(void* p, const void* s, int64_t n, int64_t stride);

/** Kernels for pairs of float32 primitives. */
enum Fused : int32_t {
    MULTIPLY_ADD,          // a * b + c
    MULTIPLY_MULTIPLY_ADD, // a * b + c * e
    MULTIPLY_SUBTRACT,     // a * b - c
    SUBTRACT_PRODUCT,      // c - a * b
    MULTIPLY_MULTIPLY,     // a * b * c
    MULTIPLY_DIVIDE,       // a * b / c
    SUBTRACT_QUOTIENT,     // c - a / b
    ROOT_ADD,              // sqrt(a) + c
    SUBTRACT_MULTIPLY,     // (a - b) * c
    ADD_MULTIPLY,          // (a + b) * c
    FUSED
};

/** The state of a reduction: d for floating point classes, i or u for the others. */
struct Accumulator {
    union {
        double d;
        int64_t i;
        uint64_t u;
    } x, y; // y: the index of ARGMAX and ARGMIN (i), the mean of VARIANCE (d), for which x is the sum of squared deviations
};

/** Reduces each of the rows of n values. */
using RowKernel = void (*)(const void* v, int64_t rows, int64_t n, Accumulator* out);
/** Adds rows of n values to n accumulators: x and y are arrays of the accumulator's type. */
using ColumnKernel = void (*)(const void* v, int64_t rows, int64_t n, void* x, void* y, int64_t seen, int64_t base);

/** What one instruction set offers. Where an entry is null, the operation is composed of others or done by libm. */
struct Table {
    const char* name = "";
    Kernel ops[OPS][CLASSES] = {}; // by class of the (last) argument
    Kernel cast[CLASSES][CLASSES] = {};
    Kernel fill[CLASSES] = {};
    Kernel compareSelect[6] = {}; // a op b ? c : e, float32; in the order EQ NE LT LE GT GE
    Kernel lessThanSigmoid = nullptr; // a < sigmoid(b) ? c : e, float32
    Kernel fused[FUSED] = {};
    Kernel wrap[DTYPES] = {};
    Kernel toHalf = nullptr, toBfloat = nullptr, toOdd = nullptr;
    Kernel iota = nullptr;    // a = the first number
    Kernel words = nullptr;   // a = seed, b = offset, c = first element number: RANDOM of consecutive elements
    Kernel uniform = nullptr; // the same, as (float)(word >> 8) * e
    Load load[DTYPES][CLASSES] = {};
    Store store[DTYPES] = {};
    RowKernel rows[REDUCE_OPS][CLASSES] = {};
    ColumnKernel columns[REDUCE_OPS][CLASSES] = {};

    Kernel* op(Op o) { return ops[static_cast<int>(o)]; }
    Kernel op(Op o, Class c) const { return ops[static_cast<int>(o)][c]; }
};

} // namespace jangada

#define INL static inline __attribute__((always_inline))

// JANGADA_ISA says which one it is: GCC does not define __AVX2__ and the like for a pragma in C++.
#define JANGADA_ISA 0
namespace jangada::generic {
#include "vmath.inc"
#include "map.inc"
#include "reduce.inc"
} // namespace jangada::generic

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
#undef JANGADA_ISA
#define JANGADA_ISA 1
namespace jangada::avx2 {
#include "vmath.inc"
#include "map.inc"
#include "reduce.inc"
} // namespace jangada::avx2
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
#undef JANGADA_ISA
#define JANGADA_ISA 2
namespace jangada::avx512 {
#include "vmath.inc"
#include "map.inc"
#include "reduce.inc"
} // namespace jangada::avx512
#pragma GCC pop_options

#include "libm.inc"

namespace jangada {

/** The tables, widest first. */
inline const Table* tables(int which) {
    static const Table* all = [] {
        Table* t = new Table[3];
        t[0].name = "avx512";
        t[1].name = "avx2";
        t[2].name = "generic";
        avx512::fillReduce(t[0]);
        avx512::fillMap(t[0]);
        avx2::fillReduce(t[1]);
        avx2::fillMap(t[1]);
        generic::fillReduce(t[2]);
        generic::fillMap(t[2]);
        for (int i = 0; i < 3; i++) {
            fillLibm(t[i]);
        }
        return t;
    }();
    return &all[which];
}

inline int widestIsa() {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi2") ||
        !__builtin_cpu_supports("f16c")) {
        return 2;
    }
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd")
               ? 0
               : 1;
}

inline std::atomic<const Table*>& chosenTable() {
    static std::atomic<const Table*> chosen{tables(widestIsa())};
    return chosen;
}

/** The kernels in use. Programs take theirs when they are built. */
inline const Table& table() { return *chosenTable().load(std::memory_order_relaxed); }

} // namespace jangada

inline void jangada_select_isa(const char* name) {
    int widest = jangada::widestIsa();
    int which = widest;
    for (int i = widest; i < 3; i++) {
        if (std::strcmp(jangada::tables(i)->name, name) == 0) {
            which = i;
        }
    }
    jangada::chosenTable().store(jangada::tables(which));
}

inline const char* jangada_isa() { return jangada::table().name; }
