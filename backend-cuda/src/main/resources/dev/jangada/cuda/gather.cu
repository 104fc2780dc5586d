// y[i][j][k] = x[i][index[i][j][k]][k] along one dimension: a thread per element of y. Elements are moved as bits.
//
// An index outside the dimension is left in the failure record, and its element is not written.

extern "C" __global__ void __launch_bounds__(256) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    const Index step = (Index)gridDim.x * blockDim.x;
    for (Index i = (Index)blockIdx.x * blockDim.x + threadIdx.x; i < (Index)a.count; i += step) {
        Index at_y = 0, at_x = 0, at_index = 0;
        locate(a, i, at_y, at_x, at_index);
        const long long from = a.index[at_index];
        if ((unsigned long long)from >= (unsigned long long)a.size) {
            jg_fail(a.failure, a.site, from, (long long)i);
            continue;
        }
        a.y[at_y] = a.x[at_x + (Index)from * (Index)a.stride];
    }
}
