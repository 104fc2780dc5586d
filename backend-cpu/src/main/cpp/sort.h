// Stable sort and top-k along a dimension.
//
//   int32_t jangada_sort(const int64_t* args)
//       args: [dtype, rank, dim, descending, values address, indices address, in address, number of elements to store along dim,
//              shape of in[rank], value strides[rank], index strides[rank], in strides[rank]]
//       Returns 0, or 2 for lack of memory: nothing is written then.
//
// Each element becomes an unsigned key in the wanted order (floats: sign and magnitude to offset, -0 as 0, NaN last; descending: all bits
// flipped), paired with its position: the order of pairs is total, so any sort of pairs is a stable sort of values. Types up to 32 bits
// pack a pair into one 64-bit word; long lines of those are sorted by radix, lines of which only a few elements are wanted by selection.
#pragma once

#include "memory.h"
#include "scan.h"

namespace jangada {

template <class K>
struct Pair {
    K key;
    uint64_t position;
    bool operator<(const Pair& o) const { return key < o.key || (key == o.key && position < o.position); }
    int64_t at() const { return static_cast<int64_t>(position); }
    static Pair of(K key, int64_t at) { return {key, static_cast<uint64_t>(at)}; }
};

/** 32 bits of key, 32 of position. */
struct Packed {
    uint64_t word;
    bool operator<(const Packed& o) const { return word < o.word; }
    int64_t at() const { return static_cast<int64_t>(word & 0xffffffff); }
    static Packed of(uint32_t key, int64_t at) { return {static_cast<uint64_t>(key) << 32 | static_cast<uint64_t>(at)}; }
};

template <class K, class V>
inline K integerKey(V x) {
    constexpr bool isSigned = static_cast<V>(-1) < V(0);
    constexpr int64_t lowest = isSigned ? int64_t(1) << (8 * sizeof(V) - 1) : 0;
    return static_cast<K>(static_cast<uint64_t>(static_cast<int64_t>(x)) + static_cast<uint64_t>(lowest));
}

template <class K, class F>
inline K floatKey(F x) {
    if (x != x) {
        return ~K(0);
    }
    F value = x == 0 ? F(0) : x;
    K bits;
    memcpy(&bits, &value, sizeof bits);
    constexpr K sign = K(1) << (8 * sizeof(K) - 1);
    return bits & sign ? static_cast<K>(~bits) : static_cast<K>(bits | sign);
}

template <class V, class K>
struct IntegerElement {
    using Stored = V;
    using Key = K;
    static K key(V x) { return integerKey<K>(x); }
};
template <class F, class K>
struct FloatElement {
    using Stored = F;
    using Key = K;
    static K key(F x) { return floatKey<K>(x); }
};
template <class E>
struct HalfElement {
    using Stored = uint16_t;
    using Key = uint32_t;
    static uint32_t key(uint16_t x) { return floatKey<uint32_t>(E::load(x)); }
};

constexpr int64_t RADIX_FROM = 512;

/** Sorts words by their upper 32 bits, byte by byte from the lowest; bytes that are equal everywhere are skipped. Returns where they end. */
inline Packed* radixSort(Packed* from, Packed* spare, int64_t n) {
    int64_t counts[4][256] = {};
    for (int64_t i = 0; i < n; i++) {
        for (int d = 0; d < 4; d++) {
            counts[d][from[i].word >> (32 + 8 * d) & 255]++;
        }
    }
    for (int d = 0; d < 4; d++) {
        int shift = 32 + 8 * d;
        if (counts[d][from[0].word >> shift & 255] == n) {
            continue;
        }
        int64_t sum = 0;
        for (int64_t& c : counts[d]) {
            int64_t own = c;
            c = sum;
            sum += own;
        }
        for (int64_t i = 0; i < n; i++) {
            spare[counts[d][from[i].word >> shift & 255]++] = from[i];
        }
        std::swap(from, spare);
    }
    return from;
}

/** Brings the first {@code k} pairs of the order to the front; returns where. */
template <class P>
inline P* firstPairs(P* pairs, P* spare, int64_t n, int64_t k) {
    if (k < n / 2) {
        std::nth_element(pairs, pairs + k, pairs + n);
        std::sort(pairs, pairs + k);
        return pairs;
    }
    if constexpr (std::is_same_v<P, Packed>) {
        if (n >= RADIX_FROM) {
            return radixSort(pairs, spare, n);
        }
    }
    std::sort(pairs, pairs + n);
    return pairs;
}

struct SortJob {
    Nest<3> lines; // operand 0: values, 1: indices, 2: in
    Nest<3>::Dim along;
    int64_t wanted;
    bool descending;
    char* values;
    int64_t* indices;
    const char* in;

    template <class E, class P>
    int32_t run() const {
        using T = typename E::Stored;
        int64_t n = along.size;
        Needs needs;
        needs.add(SCRATCH_SORT, bytesOf(2, n, static_cast<int64_t>(sizeof(P))));
        auto line = [&](int64_t i) {
            int64_t at[3];
            lines.locate(i, at);
            P* pairs = reinterpret_cast<P*>(scratch(SCRATCH_SORT));
            const T* x = reinterpret_cast<const T*>(in) + at[2];
            for (int64_t j = 0; j < n; j++) {
                auto key = E::key(x[j * along.stride[2]]);
                pairs[j] = P::of(descending ? static_cast<typename E::Key>(~key) : key, j);
            }
            P* sorted = firstPairs(pairs, pairs + n, n, wanted);
            T* v = reinterpret_cast<T*>(values) + at[0];
            for (int64_t j = 0; j < wanted; j++) {
                v[j * along.stride[0]] = x[sorted[j].at() * along.stride[2]];
                indices[at[1] + j * along.stride[1]] = sorted[j].at();
            }
        };
        return parallelFor(lines.count(), 4 * n, line, needs) ? OK : NO_MEMORY;
    }

    /** For types with 32-bit keys. */
    template <class E>
    int32_t runNarrow() const {
        return along.size <= INT32_MAX ? run<E, Packed>() : run<E, Pair<uint32_t>>();
    }
};

/** What a sort needs: as SortJob::run asks for. */
inline Needs sortNeeds(const int64_t* args) {
    DType type = static_cast<DType>(args[0]);
    int64_t n = args[8 + args[2]];
    bool wide = type == DType::INT64 || type == DType::FLOAT64;
    static_assert(sizeof(Pair<uint32_t>) == sizeof(Pair<uint64_t>));
    Needs needs;
    needs.add(SCRATCH_SORT, bytesOf(2, n, wide || n > INT32_MAX ? sizeof(Pair<uint64_t>) : sizeof(Packed)));
    return needs;
}

inline int32_t sortByArguments(const int64_t* args) {
    int64_t rank = args[1], dim = args[2];
    const int64_t *shape = args + 8, *values = shape + rank, *indices = values + rank, *ins = indices + rank;
    SortJob job;
    job.descending = args[3] != 0;
    job.values = reinterpret_cast<char*>(args[4]);
    job.indices = reinterpret_cast<int64_t*>(args[5]);
    job.in = reinterpret_cast<const char*>(args[6]);
    job.wanted = args[7];
    for (int64_t d = 0; d < rank; d++) {
        if (d == dim) {
            job.along = {shape[d], {values[d], indices[d], ins[d]}};
        } else {
            job.lines.add(shape[d], {values[d], indices[d], ins[d]});
        }
    }
    job.lines.collapse();
    switch (static_cast<DType>(args[0])) {
        case DType::BOOL:
        case DType::UINT8: return job.runNarrow<IntegerElement<uint8_t, uint32_t>>();
        case DType::INT8: return job.runNarrow<IntegerElement<int8_t, uint32_t>>();
        case DType::INT16: return job.runNarrow<IntegerElement<int16_t, uint32_t>>();
        case DType::INT32: return job.runNarrow<IntegerElement<int32_t, uint32_t>>();
        case DType::INT64: return job.run<IntegerElement<int64_t, uint64_t>, Pair<uint64_t>>();
        case DType::FLOAT16: return job.runNarrow<HalfElement<Half>>();
        case DType::BFLOAT16: return job.runNarrow<HalfElement<Brain>>();
        case DType::FLOAT32: return job.runNarrow<FloatElement<float, uint32_t>>();
        default: return job.run<FloatElement<double, uint64_t>, Pair<uint64_t>>();
    }
}

} // namespace jangada

inline int32_t jangada_sort(const int64_t* args) {
    jangada::BusyTime busy;
    int32_t status = jangada::sortByArguments(args);
    jangada::scratches()->trim();
    return status;
}
