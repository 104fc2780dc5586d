// Copies between places that a graph knows and places that each launch of it names in a table: one row of blocks per move.

extern "C" __global__ void __launch_bounds__(256) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    const Move m = a.moves[blockIdx.y];
#ifdef INWARD
    const char* from = (const char*)a.table[m.entry];
    char* to = (char*)m.place;
#else
    const char* from = (const char*)m.place;
    char* to = (char*)a.table[m.entry];
#endif
    const Index first = (Index)blockIdx.x * blockDim.x + threadIdx.x, step = (Index)gridDim.x * blockDim.x;
    const Index alignment = (Index)from | (Index)to;
    Index done = 0;
    if (alignment % 16 == 0) {
        done = (Index)m.bytes / 16 * 16;
        for (Index i = first; i < done / 16; i += step) {
            jg_store<4>((unsigned int*)to + 4 * i, jg_load<4>((const unsigned int*)from + 4 * i));
        }
    } else if (alignment % 4 == 0) {
        done = (Index)m.bytes / 4 * 4;
        for (Index i = first; i < done / 4; i += step) {
            ((unsigned int*)to)[i] = ((const unsigned int*)from)[i];
        }
    }
    for (Index i = done + first; i < (Index)m.bytes; i += step) {
        to[i] = from[i];
    }
}
