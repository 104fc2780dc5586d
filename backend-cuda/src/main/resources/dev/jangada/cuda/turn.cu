// The scalars of the next turn of a loop: the table begins with the number of the turn, and has a row for each.

extern "C" __global__ void __launch_bounds__(256) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    const long long turn = a.table[0];
    for (Index i = threadIdx.x; i < (Index)a.words; i += blockDim.x) {
        a.row[i] = a.table[1 + (Index)turn * (Index)a.words + i];
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        a.table[0] = turn + 1;
    }
}
