// What the limit programs share: threads that run the same step side by side, matrix products, Adam, random numbers, and the clock.
//
// A limit program is a training step fused by hand for one shape, without tensors, graph or Java: what is left to gain on this machine. Its
// products come from OpenBLAS alone ("openblas") or also from the backend's own kernel where that is the faster one ("own"); the choice and
// the kernel are the backend's headers, the threads and everything else are its own.
#pragma once

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tiling.h"

// From here on everything is compiled for this processor. Not by -march: the backend's kernels for others would no longer compile.
#ifdef LIMIT_AVX512
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
#define JANGADA_ISA 2
#else
#pragma GCC target("arch=x86-64-v3")
#define JANGADA_ISA 1
#endif

namespace limit {

#define INL static inline __attribute__((always_inline))
#include "vmath.inc"

constexpr const char* ISA = JANGADA_ISA == 2 ? "avx512" : "avx2";

inline int threads = 1;
inline bool own = false;

/** All threads wait here for the last one. */
inline void barrier() {
    static std::atomic<int> arrived{0}, turn{0};
    int now = turn.load();
    if (arrived.fetch_add(1) == threads - 1) {
        arrived.store(0);
        turn.store(now + 1);
        return;
    }
    for (int i = 0; turn.load(std::memory_order_acquire) == now; i++) {
        if (i > 50000) {
            std::this_thread::yield();
        } else {
            __builtin_ia32_pause();
        }
    }
}

struct Range {
    int64_t begin, end;
    int64_t size() const { return end - begin; }
};

/** The part of thread {@code id} of n things, in multiples of {@code unit}. */
inline Range share(int id, int64_t n, int64_t unit) {
    jangada::Split split{n, unit, threads};
    return {split.begin(id), split.begin(id + 1)};
}

inline float* room(int64_t n) {
    float* p = reinterpret_cast<float*>(jangada_allocate(std::max<int64_t>(4096, 4 * n)));
    std::fill(p, p + n, 0.f);
    return p;
}

inline void randomize(float* x, int64_t n, float low, float high, uint32_t seed) {
    for (int64_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = low + (high - low) * static_cast<float>(seed >> 8) / 16777216.f;
    }
}

/** A product c = op(a) op(b) + beta c of row-major matrices, of which a thread computes the tiles that it wants. */
class Product {
public:
    /**
     * @param m, n size of what this thread will compute; it decides the kernel
     * @param keepsRight whether b is packed by the first tile and kept: for products of few rows that are repeated with the same b
     */
    Product(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b, int64_t ldb, float* c, int64_t ldc,
            float beta = 0, bool keepsRight = false)
        : ta(ta), tb(tb), k(k), a(a), lda(lda), b(b), ldb(ldb), c(c), ldc(ldc), beta(beta) {
        jangada::SgemmPlanner planner(*jangada::sgemmTable(ISA), 1, m, n, k, ta, tb, lda, ldb);
        if (own && (keepsRight || planner.wins())) {
            jangada::Grid grid{};
            plan = planner.plan(grid);
            if (keepsRight) {
                plan.swapped = false;
                plan.packsLeft = ta;
                plan.packsRight = true;
                plan.vectors = plan.table->mostVectors;
            }
            plan.keepsLeft = plan.packsLeft;
            plan.keepsRight = plan.packsRight;
        }
    }

    bool isOwn() const { return plan.table != nullptr; }

    /** Goes on with another a and c. */
    void from(const float* left, float* to) {
        a = left;
        c = to;
    }

    void tile(Range rows, Range columns) {
        if (rows.size() <= 0 || columns.size() <= 0) {
            return;
        }
        const float* left = ta ? a + rows.begin : a + rows.begin * lda;
        const float* right = tb ? b + columns.begin * ldb : b + columns.begin;
        float* to = c + rows.begin * ldc + columns.begin;
        if (isOwn()) {
            jangada::Needs needs;
            jangada::needSgemm(plan, rows.size(), columns.size(), k, needs);
            jangada::scratches()->reserve(needs);
            jangada::runSgemm(plan, ta, tb, rows.size(), columns.size(), k, 1, left, lda, right, ldb, beta, to, ldc);
        } else {
            jangada::product<float>(ta, tb, rows.size(), columns.size(), k, 1, left, lda, right, ldb, beta, to, ldc);
        }
    }

    /** Computes a range in tiles of some rows and columns, with {@code then(rows, columns)} after each; OpenBLAS does it in one tile. */
    template <class Then>
    void tiles(Range rows, Range columns, int64_t tileRows, int64_t tileColumns, Then then) {
        if (!isOwn()) {
            tileRows = std::max<int64_t>(1, rows.size());
            tileColumns = std::max<int64_t>(1, columns.size());
        }
        for (int64_t i = rows.begin; i < rows.end; i += tileRows) {
            for (int64_t j = columns.begin; j < columns.end; j += tileColumns) {
                Range r{i, std::min(i + tileRows, rows.end)}, s{j, std::min(j + tileColumns, columns.end)};
                tile(r, s);
                then(r, s);
            }
        }
    }

private:
    bool ta, tb;
    int64_t k;
    const float* a;
    int64_t lda;
    const float* b;
    int64_t ldb;
    float* c;
    int64_t ldc;
    float beta;
    jangada::SgemmPlan plan{};
};

/** A trained array with its gradient and moments. */
struct Parameter {
    float *w, *g, *m, *v;
    int64_t n;

    Parameter(int64_t n, float scale, uint32_t seed) : w(room(n)), g(room(n)), m(room(n)), v(room(n)), n(n) {
        randomize(w, n, -scale, scale, seed);
    }
};

/** Adam with lr 1e-3, betas 0.9 and 0.999, eps 1e-8; AdamW if less than all of a weight is kept. */
struct Adam {
    double power1 = 1, power2 = 1;
    float step = 0, root = 0, keep = 1;

    void tick() {
        power1 *= 0.9;
        power2 *= 0.999;
        step = static_cast<float>(1e-3 / (1 - power1));
        root = static_cast<float>(1 / std::sqrt(1 - power2));
    }

    void update(Parameter& p, Range range) const {
        float* __restrict w = p.w;
        float* __restrict m = p.m;
        float* __restrict v = p.v;
        const float* __restrict g = p.g;
        for (int64_t i = range.begin; i < range.end; i++) {
            float first = m[i] * 0.9f + 0.1f * g[i];
            float second = v[i] * 0.999f + 0.001f * g[i] * g[i];
            m[i] = first;
            v[i] = second;
            w[i] = w[i] * keep - step * first / (__builtin_sqrtf(second) * root + 1e-8f);
        }
    }
};

#ifdef LIMIT_AVX512
/** High and low halves of 16 products. */
INL void multiplyWide(__m512i a, __m512i b, __m512i& high, __m512i& low) {
    __m512i even = _mm512_mul_epu32(a, b), odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), b);
    low = _mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64(odd, 32));
    high = _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32), odd);
}

/** 64 uniforms in [0, 1) by Philox4x32-10 on 16 counters. */
INL void uniforms(uint64_t block, uint64_t seed, float* out) {
    const __m512i first = _mm512_set1_epi64(0xD2511F53u), second = _mm512_set1_epi64(0xCD9E8D57u);
    __m512i c[4] = {_mm512_set1_epi32(static_cast<int>(block << 4)), _mm512_set1_epi32(static_cast<int>(block >> 28)), _mm512_setzero_si512(),
                    _mm512_setzero_si512()};
    c[0] = _mm512_or_si512(c[0], _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    uint32_t k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
        __m512i high0, low0, high2, low2;
        multiplyWide(c[0], first, high0, low0);
        multiplyWide(c[2], second, high2, low2);
        c[0] = _mm512_ternarylogic_epi32(high2, c[1], _mm512_set1_epi32(static_cast<int>(k0)), 0x96);
        c[2] = _mm512_ternarylogic_epi32(high0, c[3], _mm512_set1_epi32(static_cast<int>(k1)), 0x96);
        c[1] = low2;
        c[3] = low0;
    }
    for (int i = 0; i < 4; i++) {
        _mm512_storeu_ps(out + 16 * i, _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_srli_epi32(c[i], 8)), _mm512_set1_ps(0x1p-24f)));
    }
}
#else
/** 64 uniforms in [0, 1) by Philox4x32-10 on 16 counters. */
inline void uniforms(uint64_t block, uint64_t seed, float* __restrict out) {
    uint32_t c0[16], c1[16], c2[16] = {}, c3[16] = {}, k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
    for (int j = 0; j < 16; j++) {
        c0[j] = static_cast<uint32_t>(block * 16) + j;
        c1[j] = static_cast<uint32_t>(block >> 28);
    }
    for (int round = 0; round < 10; round++) {
        for (int j = 0; j < 16; j++) {
            uint64_t a = static_cast<uint64_t>(c0[j]) * 0xD2511F53u, b = static_cast<uint64_t>(c2[j]) * 0xCD9E8D57u;
            c0[j] = static_cast<uint32_t>(b >> 32) ^ c1[j] ^ k0;
            c2[j] = static_cast<uint32_t>(a >> 32) ^ c3[j] ^ k1;
            c1[j] = static_cast<uint32_t>(b);
            c3[j] = static_cast<uint32_t>(a);
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int j = 0; j < 16; j++) {
        out[j] = static_cast<float>(static_cast<int32_t>(c0[j] >> 8)) * 0x1p-24f;
        out[16 + j] = static_cast<float>(static_cast<int32_t>(c1[j] >> 8)) * 0x1p-24f;
        out[32 + j] = static_cast<float>(static_cast<int32_t>(c2[j] >> 8)) * 0x1p-24f;
        out[48 + j] = static_cast<float>(static_cast<int32_t>(c3[j] >> 8)) * 0x1p-24f;
    }
}
#endif

/** out = op(a) op(b) + out in float64, for the checks: nothing of the step's own code. */
inline void plainProduct(
        bool ta, bool tb, int64_t m, int64_t n, int64_t k, const std::vector<double>& a, const std::vector<double>& b, std::vector<double>& out) {
    for (int64_t i = 0; i < m; i++) {
        for (int64_t p = 0; p < k; p++) {
            double x = ta ? a[p * m + i] : a[i * k + p];
            for (int64_t j = 0; j < n; j++) {
                out[i * n + j] += x * (tb ? b[j * k + p] : b[p * n + j]);
            }
        }
    }
}

inline std::vector<double> wide(const float* x, int64_t n) { return std::vector<double>(x, x + n); }

/** Whether an array is that of the check, relative to its largest element; prints which one is not. */
inline bool agrees(const char* name, const float* x, const std::vector<double>& right, double tolerance) {
    double largest = 0, worst = 0;
    for (size_t i = 0; i < right.size(); i++) {
        largest = std::max(largest, std::abs(right[i]));
        double error = std::abs(x[i] - right[i]);
        worst = error <= worst ? worst : error; // NaN stays
    }
    bool ok = worst <= tolerance * largest;
    fprintf(stderr, "%-16s largest %.3g, worst error %.2g of it%s\n", name, largest, worst / largest, ok ? "" : "  WRONG");
    return ok;
}

/** Whether one step of Adam from zero moments changed the weights as its formula says. */
inline bool adamAgrees(
        const char* name, const Parameter& p, const std::vector<double>& before, const std::vector<double>& gradient, double keep = 1) {
    std::vector<double> after(before);
    for (size_t i = 0; i < after.size(); i++) {
        double g = gradient[i];
        after[i] = after[i] * keep - 1e-3 * g / (std::abs(g) + 1e-8);
    }
    double worst = 0;
    for (size_t i = 0; i < after.size(); i++) {
        bool clear = std::abs(gradient[i]) > 1e-5; // the sign of smaller ones is left to rounding
        worst = std::max(worst, clear ? std::abs(after[i] - p.w[i]) : 0);
    }
    bool ok = worst <= 2e-6;
    fprintf(stderr, "%-16s worst error of Adam's step %.2g%s\n", name, worst, ok ? "" : "  WRONG");
    return ok;
}

/** Runs {@code steps} steps on all threads. */
template <class Model>
void run(Model& model, int steps) {
    auto work = [&](int id) {
        __builtin_ia32_ldmxcsr(0x1f80 | 0x8040); // subnormals to zero
        for (int i = 0; i < steps; i++) {
            model.step(id);
        }
    };
    std::vector<std::thread> others;
    for (int id = 1; id < threads; id++) {
        others.emplace_back(work, id);
    }
    work(0);
    for (std::thread& t : others) {
        t.join();
    }
}

/** Median milliseconds of a step. */
template <class Model>
double measure(Model& model, double seconds) {
    auto now = [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); };
    double start = now();
    run(model, 3);
    double first = (now() - start) / 3;
    int steps = std::max(3, static_cast<int>(0.1 / first));
    std::vector<double> times;
    for (double end = now() + seconds; now() < end || times.size() < 5;) {
        start = now();
        run(model, steps);
        times.push_back((now() - start) / steps * 1e3);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

inline void loadBlas(const char* path) {
    void* library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    auto find = [&](const char* name) {
        void* f = library ? dlsym(library, name) : nullptr;
        if (!f) {
            fprintf(stderr, "[limit] expected a BLAS library with %s, got %s (%s)\n", name, path, library ? "no such function" : dlerror());
            exit(2);
        }
        return f;
    };
    jangada_set_blas(
            reinterpret_cast<int64_t>(find("cblas_sgemm")), reinterpret_cast<int64_t>(find("cblas_dgemm")),
            reinterpret_cast<int64_t>(find("cblas_sgemv")), reinterpret_cast<int64_t>(find("cblas_dgemv")));
    reinterpret_cast<void (*)(int)>(find("openblas_set_num_threads"))(1);
}

/** The command line of every limit program. */
template <class Model>
int runProgram(int argc, char** argv) {
    bool check = false;
    double seconds = 2;
    std::string blas = "libopenblas.so.0";
    for (int i = 1; i < argc; i++) {
        std::string name = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
        if (name == "--check") {
            check = true;
            continue;
        }
        if (name == "--kernel" && (value == "own" || value == "openblas")) {
            own = value == "own";
        } else if (name == "--threads") {
            threads = std::max(1, atoi(value.c_str()));
        } else if (name == "--seconds") {
            seconds = atof(value.c_str());
        } else if (name == "--blas") {
            blas = value;
        } else {
            fprintf(stderr, "usage: %s [--kernel own|openblas] [--threads N] [--seconds S] [--blas LIBRARY] [--check]\n", argv[0]);
            return 2;
        }
        i++;
    }
    loadBlas(blas.c_str());
    if (check) {
        return Model::check() ? 0 : 1;
    }
    Model& model = *new Model();
    printf("%.4f\n", measure(model, seconds));
    return 0;
}

} // namespace limit
