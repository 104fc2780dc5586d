// y[i][index[i][j][k]][k] = src[i][j][k], or += , along one dimension.
//
// CHECK: a thread per index looks whether it is in range, before anything is written.
// Otherwise: indices of different lines (i, k) never meet, and within a line the order counts. The targets of a line are dealt to classes
// by their last bits; a thread takes one class of one line and goes through the whole index of the line in order, so every target sees its
// values in row-major order, without atomics and without sorting. Threads of a warp take neighbouring lines where there are some.

#ifdef CHECK
extern "C" __global__ void __launch_bounds__(256) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    const Index step = (Index)gridDim.x * blockDim.x;
    for (Index i = (Index)blockIdx.x * blockDim.x + threadIdx.x; i < (Index)a.count; i += step) {
        Index at_index = 0;
        locate(a, i, at_index);
        const long long to = a.index[at_index];
        if ((unsigned long long)to >= (unsigned long long)a.size) {
            jg_fail(a.failure, a.site, to, (long long)i);
        }
    }
}
#else
extern "C" __global__ void __launch_bounds__(256) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    const unsigned int mine = blockIdx.y * blockDim.y + threadIdx.y;
    const unsigned int mask = (unsigned int)a.classes - 1;
    if (mine > mask) {
        return;
    }
    const Index length = (Index)a.length, step = (Index)gridDim.x * blockDim.x;
    for (Index line = (Index)blockIdx.x * blockDim.x + threadIdx.x; line < (Index)a.lines; line += step) {
        Index at_y = 0, at_index = 0, at_src = 0;
        locate(a, line, at_y, at_index, at_src);
        for (Index first = 0; first < length; first += 8) {
            long long to[8];
#pragma unroll
            for (int u = 0; u < 8; u++) {
                to[u] = first + u < length ? a.index[at_index + (first + u) * (Index)a.stride_index] : -1;
            }
#pragma unroll
            for (int u = 0; u < 8; u++) {
                if (to[u] >= 0 && ((unsigned int)to[u] & mask) == mine) {
                    Element* y = a.y + (at_y + (Index)to[u] * (Index)a.stride_y);
                    *y = update(*y, a.src[at_src + (first + u) * (Index)a.stride_src]);
                }
            }
        }
    }
}
#endif
