// Sorting along one dimension, stably, with indices.
//
// An element becomes an Item: a key, unsigned, whose order is the one asked for (NaN largest, both zeros equal, complemented when
// descending), and its index. Items are all different, so any network or merge of them sorts stably.
//
// SHORT: lines of up to 2048 elements: a bitonic network in shared memory, several lines per block.
// CHUNKS: runs of 2048 of long lines, sorted in the same way, go to the workspace.
// MERGE: two runs become one: a thread per item finds how many items of the other run come before it.
// FINISH: the first items of each line become values and indices.

#ifdef NARROW
/** Key and index in one number. */
typedef unsigned long long Item;
static __device__ __forceinline__ Item item(unsigned long long key, unsigned int index) { return key << 32 | index; }
static __device__ __forceinline__ unsigned int index_of(Item x) { return (unsigned int)x; }
static __device__ __forceinline__ bool before(Item x, Item y) { return x < y; }
static __device__ __forceinline__ Item last_item() { return 0xffffffffffffffffull; }
#else
struct Item {
    unsigned long long key;
    unsigned long long index;
};
static __device__ __forceinline__ Item item(unsigned long long key, unsigned int index) { return {key, index}; }
static __device__ __forceinline__ unsigned int index_of(Item x) { return (unsigned int)x.index; }
static __device__ __forceinline__ bool before(Item x, Item y) {
    return x.key < y.key || (x.key == y.key && x.index < y.index);
}
static __device__ __forceinline__ Item last_item() { return {0xffffffffffffffffull, 0xffffffffffffffffull}; }
#endif

#if defined(SHORT) || defined(CHUNKS)
/** Sorts the items of size (a power of two, at least 2) with a thread for every two; all threads of the block take part. */
static __device__ __forceinline__ void sort_shared(Item* items, unsigned int thread, unsigned int size) {
    for (unsigned int run = 2; run <= size; run *= 2) {
        for (unsigned int d = run / 2; d > 0; d /= 2) {
            __syncthreads();
            const unsigned int i = 2 * thread - (thread & (d - 1)), j = i + d;
            const Item x = items[i], y = items[j];
            if (before(y, x) == ((i & run) == 0)) {
                items[i] = y;
                items[j] = x;
            }
        }
    }
    __syncthreads();
}
#endif

#ifdef SHORT
extern "C" __global__ void __launch_bounds__(1024) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    extern __shared__ unsigned long long shared[];
    const unsigned int size = 2 * blockDim.x, length = (unsigned int)a.length;
    Item* items = reinterpret_cast<Item*>(shared) + threadIdx.y * size;
    for (Index first = (Index)blockIdx.x * blockDim.y; first < (Index)a.lines; first += (Index)gridDim.x * blockDim.y) {
        const Index line = first + threadIdx.y;
        const bool mine = line < (Index)a.lines;
        Index at_values = 0, at_indices = 0, at_x = 0;
        if (mine) {
            locate(a, line, at_values, at_indices, at_x);
        }
        for (unsigned int e = threadIdx.x; e < size; e += blockDim.x) {
            items[e] = mine && e < length ? item(key(a.x[at_x + e * (Index)a.stride_x]), e) : last_item();
        }
        sort_shared(items, threadIdx.x, size);
        for (unsigned int e = threadIdx.x; mine && e < (unsigned int)a.wanted; e += blockDim.x) {
            const unsigned int from = index_of(items[e]);
            a.values[at_values + e * (Index)a.stride_values] = a.x[at_x + from * (Index)a.stride_x];
            a.indices[at_indices + e * (Index)a.stride_indices] = from;
        }
        __syncthreads();
    }
}
#endif

#ifdef CHUNKS
extern "C" __global__ void __launch_bounds__(1024) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    __shared__ Item items[2048];
    const Index length = (Index)a.length, chunks = (length + 2047) / 2048;
    for (Index c = blockIdx.x; c < chunks * (Index)a.lines; c += gridDim.x) {
        const Index line = c / chunks, begin = c % chunks * 2048;
        Index at_values = 0, at_indices = 0, at_x = 0;
        locate(a, line + (Index)a.first, at_values, at_indices, at_x);
        for (unsigned int e = threadIdx.x; e < 2048; e += 1024) {
            const Index at = begin + e;
            items[e] = at < length ? item(key(a.x[at_x + at * (Index)a.stride_x]), (unsigned int)at) : last_item();
        }
        sort_shared(items, threadIdx.x, 2048);
        for (unsigned int e = threadIdx.x; e < 2048; e += 1024) {
            if (begin + e < length) {
                a.to[line * length + begin + e] = items[e];
            }
        }
        __syncthreads();
    }
}
#endif

#ifdef MERGE
extern "C" __global__ void __launch_bounds__(256) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    const Index length = (Index)a.length, run = (Index)a.run, step = (Index)gridDim.x * blockDim.x;
    for (Index i = (Index)blockIdx.x * blockDim.x + threadIdx.x; i < length * (Index)a.lines; i += step) {
        const Index line = i / length, at = i % length;
        const Item* items = a.from + line * length;
        const Item mine = items[at];
        const Index start = at / (2 * run) * (2 * run), middle = start + run < length ? start + run : length;
        const Index end = middle + run < length ? middle + run : length;
        const bool left = at < middle;
        Index low = left ? middle : start, high = left ? end : middle;
        const Index other = low;
        while (low < high) {
            const Index half = low + (high - low) / 2;
            if (before(items[half], mine)) {
                low = half + 1;
            } else {
                high = half;
            }
        }
        a.to[line * length + start + (at - (left ? start : middle)) + (low - other)] = mine;
    }
}
#endif

#ifdef FINISH
extern "C" __global__ void __launch_bounds__(256) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    const Index wanted = (Index)a.wanted, step = (Index)gridDim.x * blockDim.x;
    for (Index i = (Index)blockIdx.x * blockDim.x + threadIdx.x; i < wanted * (Index)a.lines; i += step) {
        const Index line = i / wanted, e = i % wanted;
        Index at_values = 0, at_indices = 0, at_x = 0;
        locate(a, line + (Index)a.first, at_values, at_indices, at_x);
        const unsigned int from = index_of(a.from[line * (Index)a.length + e]);
        a.values[at_values + e * (Index)a.stride_values] = a.x[at_x + from * (Index)a.stride_x];
        a.indices[at_indices + e * (Index)a.stride_indices] = from;
    }
}
#endif
