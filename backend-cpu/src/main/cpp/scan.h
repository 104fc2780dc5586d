// Cumulative sum, product, maximum and minimum along a dimension.
//
//   int32_t jangada_scan(const int64_t* args)
//       args: [operation (ordinal of ScanOp), dtype, rank, dim, out address, in address, shape[rank], out strides[rank], in strides[rank]]
//
// float32 is accumulated in float64, half types in float32, integers modulo their width. Lines are taken up to WIDTH at a time where they
// lie side by side in memory, so that rows are read as rows; each line is still accumulated alone, in order.
#pragma once

#include "panel.h"
#include "nest.h"

namespace jangada {

enum ScanOp : int64_t { SCAN_SUM, SCAN_PROD, SCAN_MAX, SCAN_MIN };

/** How an element type is read, accumulated and stored. */
template <class T, class A = T>
struct Plain {
    using Stored = T;
    using Sum = A;
    static A load(T x) { return static_cast<A>(x); }
    static T store(A x) { return static_cast<T>(x); }
};
struct Half {
    using Stored = uint16_t;
    using Sum = float;
    static float load(uint16_t x) { return panel_generic::floatOfHalf(x); }
    static uint16_t store(float x) { return panel_generic::halfOfFloat(x); }
};
struct Brain {
    using Stored = uint16_t;
    using Sum = float;
    static float load(uint16_t x) { return panel_generic::floatOfBrain(x); }
    static uint16_t store(float x) { return panel_generic::brainOfFloat(x); }
};
/** Bool: the sum is "or", the product "and". */
struct Truth {
    using Stored = uint8_t;
    using Sum = bool;
    static bool load(uint8_t x) { return x != 0; }
    static uint8_t store(bool x) { return x; }
};

template <ScanOp OP, class A>
inline A accumulate(A sum, A x) {
    if constexpr (OP == SCAN_SUM) {
        return static_cast<A>(sum + x);
    } else if constexpr (OP == SCAN_PROD) {
        return static_cast<A>(sum * x);
    } else {
        bool wins = OP == SCAN_MAX ? x > sum : x < sum;
        return wins || (x != x && sum == sum) ? x : sum;
    }
}

struct ScanJob {
    Nest<2> lines; // operand 0: out, 1: in
    Nest<2>::Dim along, beside;
    char* out;
    const char* in;

    template <class E, ScanOp OP>
    void run() const {
        constexpr int64_t WIDTH = 64;
        bool grouped = beside.stride[1] != 0 && beside.stride[1] < along.stride[1];
        int64_t width = grouped ? std::min(WIDTH, beside.size) : 1;
        int64_t groups = (beside.size + width - 1) / width;
        parallelFor(lines.count() * groups, along.size * width, [&](int64_t i) {
            int64_t at[2];
            lines.locate(i / groups, at);
            int64_t from = i % groups * width;
            auto* to = reinterpret_cast<typename E::Stored*>(out) + at[0] + from * beside.stride[0];
            auto* x = reinterpret_cast<const typename E::Stored*>(in) + at[1] + from * beside.stride[1];
            group<E, OP>(to, x, std::min(width, beside.size - from));
        });
    }

private:
    template <class E, ScanOp OP>
    void group(typename E::Stored* to, const typename E::Stored* x, int64_t width) const {
        typename E::Sum sums[64];
        for (int64_t w = 0; w < width; w++) {
            sums[w] = E::load(x[w * beside.stride[1]]);
            to[w * beside.stride[0]] = E::store(sums[w]);
        }
        for (int64_t j = 1; j < along.size; j++) {
            for (int64_t w = 0; w < width; w++) {
                sums[w] = accumulate<OP>(sums[w], E::load(x[j * along.stride[1] + w * beside.stride[1]]));
                to[j * along.stride[0] + w * beside.stride[0]] = E::store(sums[w]);
            }
        }
    }
};

template <class Sums, class Extremes>
inline void scanAs(const ScanJob& job, int64_t op) {
    switch (op) {
        case SCAN_SUM: job.run<Sums, SCAN_SUM>(); break;
        case SCAN_PROD: job.run<Sums, SCAN_PROD>(); break;
        case SCAN_MAX: job.run<Extremes, SCAN_MAX>(); break;
        default: job.run<Extremes, SCAN_MIN>(); break;
    }
}

} // namespace jangada

inline int32_t jangada_scan(const int64_t* args) {
    using namespace jangada;
    BusyTime busy;
    int64_t op = args[0], rank = args[2], dim = args[3];
    const int64_t *shape = args + 6, *outs = shape + rank, *ins = outs + rank;
    ScanJob job;
    job.out = reinterpret_cast<char*>(args[4]);
    job.in = reinterpret_cast<const char*>(args[5]);
    for (int64_t d = 0; d < rank; d++) {
        if (d == dim) {
            job.along = {shape[d], {outs[d], ins[d]}};
        } else {
            job.lines.add(shape[d], {outs[d], ins[d]});
        }
    }
    job.lines.collapse();
    job.beside = job.lines.takeClosest(1);
    switch (static_cast<DType>(args[1])) {
        case DType::BOOL: scanAs<Truth, Truth>(job, op); break;
        case DType::UINT8: scanAs<Plain<uint8_t>, Plain<uint8_t>>(job, op); break;
        case DType::INT8: scanAs<Plain<uint8_t>, Plain<int8_t>>(job, op); break;
        case DType::INT16: scanAs<Plain<uint16_t, uint32_t>, Plain<int16_t>>(job, op); break;
        case DType::INT32: scanAs<Plain<uint32_t>, Plain<int32_t>>(job, op); break;
        case DType::INT64: scanAs<Plain<uint64_t>, Plain<int64_t>>(job, op); break;
        case DType::FLOAT16: scanAs<Half, Half>(job, op); break;
        case DType::BFLOAT16: scanAs<Brain, Brain>(job, op); break;
        case DType::FLOAT32: scanAs<Plain<float, double>, Plain<float>>(job, op); break;
        default: scanAs<Plain<double>, Plain<double>>(job, op); break;
    }
    return 0;
}
