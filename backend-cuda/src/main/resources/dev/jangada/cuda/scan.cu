// Cumulative sums, products and extremes: y[j] = x[0] combined with ... x[j] along one dimension, for every line.
//
// LINES: a thread per line, where neighbouring lines lie side by side or lines are short.
// ROWS: a block per line. Tiles of 1024: each thread scans 4 neighbours, warps by shuffles, 8 warps through shared memory; the tile before
// is carried over.
// TOTALS, PIECES: a block per piece of a line, where there are few long lines: first the totals of all pieces, then each piece is scanned
// from what the totals before it give.
// Half types accumulate in float and are rounded per element. The order follows from the shape alone.

#ifdef LINES
extern "C" __global__ void __launch_bounds__(256) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    const Index step = (Index)gridDim.x * blockDim.x;
    for (Index i = (Index)blockIdx.x * blockDim.x + threadIdx.x; i < (Index)a.lines; i += step) {
        Index at_y = 0, at_x = 0;
        locate(a, i, at_y, at_x);
        Value sum = widen(a.x[at_x]);
        a.y[at_y] = narrow(sum);
        for (Index j = 1; j < (Index)a.length; j++) {
            at_y += (Index)a.stride_y;
            at_x += (Index)a.stride_x;
            sum = combine(sum, widen(a.x[at_x]));
            a.y[at_y] = narrow(sum);
        }
    }
}
#else
/** Combines the values of the threads before this one; total is that of all 256. */
static __device__ __forceinline__ Value scan_block(Value v, Value* shared, Value& total) {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    Value sum = v;
#pragma unroll
    for (int d = 1; d < 32; d *= 2) {
        const Value other = jg_up(sum, d);
        sum = lane >= d ? combine(other, sum) : sum;
    }
    __syncthreads();
    if (lane == 31) {
        shared[warp] = sum;
    }
    __syncthreads();
    Value before = NEUTRAL;
    total = NEUTRAL;
#pragma unroll
    for (int w = 0; w < 8; w++) {
        before = w < warp ? combine(before, shared[w]) : before;
        total = combine(total, shared[w]);
    }
    const Value neighbour = jg_up(sum, 1);
    return lane == 0 ? before : combine(before, neighbour);
}

extern "C" __global__ void __launch_bounds__(256) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    __shared__ Value shared[8];
    const Index length = (Index)a.length;
    const Index begin = (Index)blockIdx.y * (Index)a.piece;
    const Index end = begin + (Index)a.piece < length ? begin + (Index)a.piece : length;
    for (Index line = blockIdx.x; line < (Index)a.lines; line += gridDim.x) {
        Index at_y = 0, at_x = 0;
        locate(a, line, at_y, at_x);
        Value carry = NEUTRAL;
#ifdef PIECES
        const unsigned int before = threadIdx.x;
        scan_block(before < blockIdx.y ? a.totals[line * gridDim.y + before] : NEUTRAL, shared, carry);
#endif
        for (Index tile = begin; tile < end; tile += 1024) {
            const Index first = tile + threadIdx.x * 4;
            Value v[4];
            Value sum = NEUTRAL;
#pragma unroll
            for (int j = 0; j < 4; j++) {
                v[j] = first + j < end ? widen(a.x[at_x + (first + j) * (Index)a.stride_x]) : NEUTRAL;
                sum = combine(sum, v[j]);
            }
            Value total;
            Value before_this = scan_block(sum, shared, total);
#ifndef TOTALS
            sum = combine(carry, before_this);
#pragma unroll
            for (int j = 0; j < 4; j++) {
                sum = combine(sum, v[j]);
                if (first + j < end) {
                    a.y[at_y + (first + j) * (Index)a.stride_y] = narrow(sum);
                }
            }
#endif
            carry = combine(carry, total);
        }
#ifdef TOTALS
        if (threadIdx.x == 0) {
            a.totals[line * gridDim.y + blockIdx.y] = carry;
        }
#endif
    }
}
#endif
