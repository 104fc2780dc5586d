// Gather and scatter along a dimension by an int64 tensor.
//
//   int32_t jangada_gather(int64_t* args)
//       args: [dtype, rank, dim, out address, in address, index address, size of in along dim,
//              shape of out[rank], out strides[rank], in strides[rank], index strides[rank]]
//   int32_t jangada_scatter(int64_t* args)
//       args: [dtype, rank, dim, out address, src address, index address, size of out along dim,
//              shape of index[rank], out strides[rank], src strides[rank], index strides[rank], operation (ordinal of ScatterOp)]
//   Both return 0, or 1 with the offending index in args[0]; nothing is written then.
//
// Rows whose index does not change (index_select, embeddings: the index has stride 0 there) are copied or added as rows. A scatter runs in
// parallel only over lines that cannot meet, and within a line in the order of the index: the result is deterministic.
#pragma once

#include <atomic>

#include "scan.h"

namespace jangada {

/** Whether all indices lie in [0, size); an offending one (the first of its line) is stored in {@code bad}. */
inline bool indicesInRange(const int64_t* index, int64_t rank, const int64_t* shape, const int64_t* strides, int64_t size, int64_t& bad) {
    Nest<1> nest;
    for (int64_t d = 0; d < rank; d++) {
        if (strides[d] != 0) {
            nest.add(shape[d], {strides[d]});
        }
    }
    nest.collapse();
    Nest<1>::Dim line = nest.takeInnermost();
    std::atomic<bool> good{true};
    std::atomic<int64_t> offending{0};
    parallelFor(nest.count(), line.size, [&](int64_t i) {
        int64_t at[1];
        nest.locate(i, at);
        const int64_t* x = index + at[0];
        bool fits = true;
        for (int64_t j = 0; j < line.size; j++) {
            fits &= static_cast<uint64_t>(x[j * line.stride[0]]) < static_cast<uint64_t>(size);
        }
        for (int64_t j = 0; !fits && j < line.size; j++) {
            int64_t v = x[j * line.stride[0]];
            if (v < 0 || v >= size) {
                if (good.exchange(false)) {
                    offending.store(v);
                }
                break;
            }
        }
    });
    bad = offending.load();
    return good.load();
}

/** The operands of a call; operand 0 is the one written, 1 the one read, 2 the index. */
struct IndexJob {
    Nest<3> nest;
    Nest<3>::Dim along, inner;
    char* out;
    const char* in;
    const int64_t* index;

    template <class T>
    void gather(int64_t inAlong) const {
        // A long innermost dimension is cut into parts, so that a vector can be gathered by all threads.
        int64_t part = std::min(inner.size, CHUNK_ELEMENTS), parts = (inner.size + part - 1) / part;
        parallelFor(nest.count() * parts, part, [&](int64_t i) {
            int64_t at[3];
            nest.locate(i / parts, at);
            int64_t from = i % parts * part, n = std::min(part, inner.size - from);
            auto [_, stride] = inner;
            T* to = reinterpret_cast<T*>(out) + at[0] + from * stride[0];
            const T* x = reinterpret_cast<const T*>(in) + at[1] + from * stride[1];
            const int64_t* j = index + at[2] + from * stride[2];
            if (stride[2] != 0) {
                for (int64_t e = 0; e < n; e++) {
                    to[e * stride[0]] = x[e * stride[1] + j[e * stride[2]] * inAlong];
                }
            } else if (stride[0] == 1 && stride[1] == 1) {
                memcpy(to, x + *j * inAlong, n * sizeof(T));
            } else {
                for (int64_t e = 0; e < n; e++) {
                    to[e * stride[0]] = x[e * stride[1] + *j * inAlong];
                }
            }
        });
    }

    /** UPDATE(target, source) for every element; E is the type as in scan.h. */
    template <class E, bool ADD>
    void scatter() const {
        int64_t part = std::max<int64_t>(64, (inner.size + 7) / 8), parts = (inner.size + part - 1) / part;
        parallelFor(nest.count() * parts, std::min(part, inner.size) * along.size, [&](int64_t i) {
            int64_t at[3];
            nest.locate(i / parts, at);
            int64_t from = i % parts * part;
            int64_t n = std::min(part, inner.size - from);
            auto* to = reinterpret_cast<typename E::Stored*>(out) + at[0] + from * inner.stride[0];
            auto* x = reinterpret_cast<const typename E::Stored*>(in) + at[1] + from * inner.stride[1];
            const int64_t* j = index + at[2] + from * inner.stride[2];
            for (int64_t a = 0; a < along.size; a++) {
                row<E, ADD>(to, x + a * along.stride[1], j + a * along.stride[2], n);
            }
        });
    }

private:
    template <class E, bool ADD>
    static void update(typename E::Stored& to, typename E::Stored x) {
        if constexpr (ADD) {
            to = E::store(static_cast<typename E::Sum>(E::load(to) + E::load(x)));
        } else {
            to = x;
        }
    }

    template <class E, bool ADD>
    void row(typename E::Stored* to, const typename E::Stored* x, const int64_t* j, int64_t n) const {
        auto [_, stride] = inner;
        if (stride[2] != 0) {
            for (int64_t e = 0; e < n; e++) {
                update<E, ADD>(to[e * stride[0] + j[e * stride[2]] * along.stride[0]], x[e * stride[1]]);
            }
            return;
        }
        typename E::Stored* __restrict target = to + *j * along.stride[0];
        if (stride[0] == 1 && stride[1] == 1) {
            for (int64_t e = 0; e < n; e++) {
                update<E, ADD>(target[e], x[e]);
            }
        } else {
            for (int64_t e = 0; e < n; e++) {
                update<E, ADD>(target[e * stride[0]], x[e * stride[1]]);
            }
        }
    }
};

template <class E>
inline void scatterAs(const IndexJob& job, bool add) {
    if (add) {
        job.scatter<E, true>();
    } else {
        job.scatter<E, false>();
    }
}

} // namespace jangada

inline int32_t jangada_gather(int64_t* args) {
    using namespace jangada;
    BusyTime busy;
    int64_t rank = args[1], dim = args[2];
    const int64_t *shape = args + 7, *outs = shape + rank, *ins = outs + rank, *indices = ins + rank;
    IndexJob job;
    job.out = reinterpret_cast<char*>(args[3]);
    job.in = reinterpret_cast<const char*>(args[4]);
    job.index = reinterpret_cast<const int64_t*>(args[5]);
    int64_t bad = 0;
    if (!indicesInRange(job.index, rank, shape, indices, args[6], bad)) {
        args[0] = bad;
        return 1;
    }
    for (int64_t d = 0; d < rank; d++) {
        job.nest.add(shape[d], {outs[d], d == dim ? 0 : ins[d], indices[d]});
    }
    job.nest.collapse();
    job.inner = job.nest.takeInnermost();
    switch (sizeOf(static_cast<DType>(args[0]))) {
        case 1: job.gather<uint8_t>(ins[dim]); break;
        case 2: job.gather<uint16_t>(ins[dim]); break;
        case 4: job.gather<uint32_t>(ins[dim]); break;
        default: job.gather<uint64_t>(ins[dim]); break;
    }
    return 0;
}

inline int32_t jangada_scatter(int64_t* args) {
    using namespace jangada;
    BusyTime busy;
    int64_t rank = args[1], dim = args[2];
    const int64_t *shape = args + 7, *outs = shape + rank, *ins = outs + rank, *indices = ins + rank;
    bool add = indices[rank] == 1;
    IndexJob job;
    job.out = reinterpret_cast<char*>(args[3]);
    job.in = reinterpret_cast<const char*>(args[4]);
    job.index = reinterpret_cast<const int64_t*>(args[5]);
    int64_t bad = 0;
    if (!indicesInRange(job.index, rank, shape, indices, args[6], bad)) {
        args[0] = bad;
        return 1;
    }
    for (int64_t d = 0; d < rank; d++) {
        if (d == dim) {
            job.along = {shape[d], {outs[d], ins[d], indices[d]}};
        } else {
            job.nest.add(shape[d], {outs[d], ins[d], indices[d]});
        }
    }
    job.nest.collapse();
    job.inner = job.nest.takeClosest(0);
    switch (static_cast<DType>(args[0])) {
        case DType::BOOL: scatterAs<Truth>(job, add); break;
        case DType::UINT8:
        case DType::INT8: scatterAs<Plain<uint8_t>>(job, add); break;
        case DType::INT16: scatterAs<Plain<uint16_t>>(job, add); break;
        case DType::INT32: scatterAs<Plain<uint32_t>>(job, add); break;
        case DType::INT64: scatterAs<Plain<uint64_t>>(job, add); break;
        case DType::FLOAT16: scatterAs<Half>(job, add); break;
        case DType::BFLOAT16: scatterAs<Brain>(job, add); break;
        case DType::FLOAT32: scatterAs<Plain<float>>(job, add); break;
        default: scatterAs<Plain<double>>(job, add); break;
    }
    return 0;
}
