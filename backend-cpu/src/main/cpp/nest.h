// Nests of loops over strided operands: everything the scan, index and sort families have in common.
#pragma once

#include <algorithm>
#include <cstdint>

#include "pool.h"

namespace jangada {

/** Some dimensions that several operands share, the innermost last; each operand has its strides, in elements. */
template <int OPERANDS>
struct Nest {
    struct Dim {
        int64_t size;
        int64_t stride[OPERANDS];
    };

    static constexpr int32_t MOST_DIMS = 64; // as dev.jangada.Shape

    Dim dims[MOST_DIMS];
    int32_t rank = 0;

    void add(int64_t size, std::initializer_list<int64_t> strides) {
        if (size == 1) {
            return;
        }
        Dim& d = dims[rank++];
        d.size = size;
        std::copy(strides.begin(), strides.end(), d.stride);
    }

    /** Joins neighbours that lie behind each other for every operand. */
    void collapse() {
        int32_t kept = 0;
        for (int32_t i = 1; i < rank; i++) {
            Dim& outer = dims[kept];
            const Dim& inner = dims[i];
            bool joins = true;
            for (int o = 0; o < OPERANDS; o++) {
                joins = joins && outer.stride[o] == inner.stride[o] * inner.size;
            }
            if (joins) {
                outer.size *= inner.size;
                std::copy(inner.stride, inner.stride + OPERANDS, outer.stride);
            } else {
                dims[++kept] = inner;
            }
        }
        rank = rank == 0 ? 0 : kept + 1;
    }

    /** Removes and returns the dimension in which an operand's elements lie closest; of size 1 if there is none. */
    Dim takeClosest(int operand) {
        int32_t best = rank;
        for (int32_t i = 0; i < rank; i++) {
            if (best == rank || dims[i].stride[operand] <= dims[best].stride[operand]) {
                best = i;
            }
        }
        if (best == rank) {
            return Dim{1, {}};
        }
        Dim d = dims[best];
        std::copy(dims + best + 1, dims + rank, dims + best);
        rank--;
        return d;
    }

    /** Removes and returns the innermost dimension; of size 1 if there is none. */
    Dim takeInnermost() {
        return rank == 0 ? Dim{1, {}} : dims[--rank];
    }

    int64_t count() const {
        int64_t n = 1;
        for (int32_t d = 0; d < rank; d++) {
            n *= dims[d].size;
        }
        return n;
    }

    /** Sets where element number {@code i} of these dimensions stands. */
    void locate(int64_t i, int64_t (&offset)[OPERANDS]) const {
        std::fill(offset, offset + OPERANDS, 0);
        for (int32_t d = rank; d-- > 0;) {
            int64_t at = i % dims[d].size;
            i /= dims[d].size;
            for (int o = 0; o < OPERANDS; o++) {
                offset[o] += at * dims[d].stride[o];
            }
        }
    }
};

constexpr int64_t CHUNK_ELEMENTS = 16384;

/**
 * Runs {@code body(i)} for i in [0, count) on the pool, as many in one chunk as make about CHUNK_ELEMENTS of {@code elements} each; false, and
 * nothing is run, if there is no memory for what the body needs.
 */
template <class F>
inline bool parallelFor(int64_t count, int64_t elements, const F& body, const Needs& needs = Needs()) {
    struct Job {
        int64_t count, perChunk;
        const F& body;
    } job{count, std::max<int64_t>(1, CHUNK_ELEMENTS / std::max<int64_t>(1, elements)), body};
    return jangada_parallel(
            (count + job.perChunk - 1) / job.perChunk,
            [](void* ctx, int64_t chunk) {
                const Job& j = *static_cast<Job*>(ctx);
                int64_t end = std::min(j.count, (chunk + 1) * j.perChunk);
                for (int64_t i = chunk * j.perChunk; i < end; i++) {
                    j.body(i);
                }
            },
            &job,
            needs);
}

} // namespace jangada
