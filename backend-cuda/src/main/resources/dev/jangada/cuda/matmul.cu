// y = alpha * a @ b + beta * y for integers and bool, batch by batch, modulo the width of the type; for bool "or" of "and".
//
// A block of 16 x 16 threads computes 32 x 32 elements, each thread 2 x 2, from tiles of 32 x 16 and 16 x 32 in shared memory. Floating
// point products are the matter of cuBLAS.

extern "C" __global__ void __launch_bounds__(256) ENTRY(const __grid_constant__ Arguments a) {
    GUARD
    __shared__ Value left[16][33];
    __shared__ Value right[16][33];
    const int column = threadIdx.x, row = threadIdx.y, thread = row * 16 + column;
    const Index m = (Index)a.m, n = (Index)a.n, k = (Index)a.k;
    const Index column0 = (Index)blockIdx.x * 32;
    for (Index batch = blockIdx.z; batch < (Index)a.batches; batch += gridDim.z) {
        for (Index row0 = (Index)blockIdx.y * 32; row0 < m; row0 += (Index)gridDim.y * 32) {
            Value sum[2][2] = {{0, 0}, {0, 0}};
            for (Index p0 = 0; p0 < k; p0 += 16) {
#pragma unroll
                for (int e = thread; e < 512; e += 256) {
                    const Index i = row0 + e / 16, p = p0 + e % 16;
                    left[e % 16][e / 16] = i < m && p < k
                        ? widen(a.a[batch * (Index)a.a_batch + i * (Index)a.a_row + p * (Index)a.a_column]) : (Value)0;
                    const Index q = p0 + e / 32, j = column0 + e % 32;
                    right[e / 32][e % 32] = q < k && j < n
                        ? widen(a.b[batch * (Index)a.b_batch + q * (Index)a.b_row + j * (Index)a.b_column]) : (Value)0;
                }
                __syncthreads();
#pragma unroll
                for (int p = 0; p < 16; p++) {
#pragma unroll
                    for (int e = 0; e < 4; e++) {
                        Value& s = sum[e / 2][e % 2];
                        s = plus(s, times(left[p][row + e / 2 * 16], right[p][column + e % 2 * 16]));
                    }
                }
                __syncthreads();
            }
#pragma unroll
            for (int e = 0; e < 4; e++) {
                const Index i = row0 + row + e / 2 * 16, j = column0 + column + e % 2 * 16;
                if (i < m && j < n) {
                    Element* y = a.y + (batch * (Index)a.y_batch + i * (Index)a.y_row + j * (Index)a.y_column);
                    Value v = times((Value)a.alpha, sum[e / 2][e % 2]);
                    if (a.beta != 0) {
                        v = plus(v, times((Value)a.beta, widen(*y)));
                    }
                    *y = narrow(v);
                }
            }
        }
    }
}
