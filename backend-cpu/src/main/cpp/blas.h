// The matrix kernels that the matmul family calls: function pointers, so that others than OpenBLAS can take their place.
#pragma once

#include <cstdint>
#include <cstring>

namespace jangada {

/** Subnormals are flushed while this lives: they cost a hundred times as much in a product. */
class FlushSubnormals {
public:
    FlushSubnormals() : saved_(__builtin_ia32_stmxcsr()) { __builtin_ia32_ldmxcsr(saved_ | 0x8040); }
    ~FlushSubnormals() { __builtin_ia32_ldmxcsr(saved_); }
    FlushSubnormals(const FlushSubnormals&) = delete;

private:
    unsigned saved_;
};

/** C interface of BLAS, as in the reference implementation's cblas.h. */
enum BlasOrder { ROW_MAJOR = 101 };
enum BlasTranspose { AS_IS = 111, TRANSPOSED = 112 };

template <class U>
struct BlasTable {
    void (*gemm)(
            int order, int ta, int tb, int m, int n, int k, U alpha, const U* a, int lda, const U* b, int ldb, U beta, U* c, int ldc);
    void (*gemv)(int order, int ta, int m, int n, U alpha, const U* a, int lda, const U* x, int incx, U beta, U* y, int incy);
};

template <class U>
inline BlasTable<U>& blas() {
    static BlasTable<U> table{};
    return table;
}

/** The product of two small matrices, by a plain loop that sums in float64: a call of BLAS costs about 0.1 us. See tiny.inc, too. */
template <class U>
inline void tinyProduct(
        bool ta, bool tb, int64_t m, int64_t n, int64_t k, U alpha, const U* a, int64_t lda, const U* b, int64_t ldb, U beta, U* c, int64_t ldc) {
    int64_t aRow = ta ? 1 : lda, aColumn = ta ? lda : 1, bRow = tb ? 1 : ldb, bColumn = tb ? ldb : 1;
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t p = 0; p < k; p++) {
                sum += static_cast<double>(a[i * aRow + p * aColumn]) * b[p * bRow + j * bColumn];
            }
            sum *= alpha;
            c[i * ldc + j] = static_cast<U>(beta == 0 ? sum : sum + static_cast<double>(beta) * c[i * ldc + j]);
        }
    }
}

constexpr int64_t TINY = 512; // multiplications that such loops do

/** c = alpha * a @ b + beta * c by the fastest kernel for the shape; with beta 0, c is not read. */
template <class U>
inline void product(
        bool ta, bool tb, int64_t m, int64_t n, int64_t k, U alpha, const U* a, int64_t lda, const U* b, int64_t ldb, U beta, U* c, int64_t ldc) {
    if (m * n * k <= TINY) {
        tinyProduct(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    } else if (m == 1) {
        if (beta == 0) {
            memset(c, 0, n * sizeof(U)); // some kernels multiply by beta
        }
        // Row-major b is [k, n], or [n, k] if transposed.
        int rows = static_cast<int>(tb ? n : k), columns = static_cast<int>(tb ? k : n);
        int step = ta ? static_cast<int>(lda) : 1;
        blas<U>().gemv(ROW_MAJOR, tb ? AS_IS : TRANSPOSED, rows, columns, alpha, b, static_cast<int>(ldb), a, step, beta, c, 1);
    } else if (n == 1) {
        for (int64_t i = 0; beta == 0 && i < m; i++) {
            c[i * ldc] = 0;
        }
        int rows = static_cast<int>(ta ? k : m), columns = static_cast<int>(ta ? m : k);
        int step = tb ? 1 : static_cast<int>(ldb);
        blas<U>().gemv(
                ROW_MAJOR, ta ? TRANSPOSED : AS_IS, rows, columns, alpha, a, static_cast<int>(lda), b, step, beta, c, static_cast<int>(ldc));
    } else {
        blas<U>().gemm(
                ROW_MAJOR, ta ? TRANSPOSED : AS_IS, tb ? TRANSPOSED : AS_IS, static_cast<int>(m), static_cast<int>(n), static_cast<int>(k), alpha, a,
                static_cast<int>(lda), b, static_cast<int>(ldb), beta, c, static_cast<int>(ldc));
    }
}

} // namespace jangada

/** Sets the kernels from addresses of cblas_sgemm, cblas_dgemm, cblas_sgemv, cblas_dgemv. */
inline void jangada_set_blas(int64_t sgemm, int64_t dgemm, int64_t sgemv, int64_t dgemv) {
    using namespace jangada;
    blas<float>() = {reinterpret_cast<decltype(BlasTable<float>::gemm)>(sgemm), reinterpret_cast<decltype(BlasTable<float>::gemv)>(sgemv)};
    blas<double>() = {reinterpret_cast<decltype(BlasTable<double>::gemm)>(dgemm), reinterpret_cast<decltype(BlasTable<double>::gemv)>(dgemv)};
}
