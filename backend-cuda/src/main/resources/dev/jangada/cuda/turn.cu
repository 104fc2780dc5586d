// The scalars of the next turn of a loop. The table begins with the number of the turn, and with 1 if the scalars grow evenly: then two rows
// follow, the first turn's and what each turn adds; else there is a row for each turn.

extern "C" __global__ void __launch_bounds__(256) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    const long long turn = a.table[0];
    const bool even = a.table[1] != 0;
    const long long* row = a.table + 2 + (even ? 0 : turn * a.words);
    for (Index i = threadIdx.x; i < (Index)a.words; i += blockDim.x) {
        a.row[i] = even ? row[i] + turn * row[a.words + i] : row[i];
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        a.table[0] = turn + 1;
    }
}
