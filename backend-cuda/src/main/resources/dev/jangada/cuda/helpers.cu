// Device functions that kernels share. Each kernel gets the sections whose names it uses; see Helpers.java.

//@ JgPack
/** Neighbouring elements that are read or written at once, 16 bytes at a time where there are as many. */
template <class T, int N>
struct alignas(sizeof(T) * N > 16 ? 16 : sizeof(T) * N) JgPack {
    T v[N];
};

//@ jg_load
template <int N, class T>
static __device__ __forceinline__ JgPack<T, N> jg_load(const T* p) {
    return *reinterpret_cast<const JgPack<T, N>*>(p);
}

//@ jg_store
template <int N, class T>
static __device__ __forceinline__ void jg_store(T* p, const JgPack<T, N>& x) {
    *reinterpret_cast<JgPack<T, N>*>(p) = x;
}

//@ jg_quotient
/** n / size for n < 2^31, by a multiplication; the divider holds the multiplier (low half) and the shift (high half). */
static __device__ __forceinline__ unsigned int jg_quotient(unsigned int n, long long size, long long divider) {
    return (__umulhi(n, (unsigned int)divider) + n) >> (unsigned int)(divider >> 32);
}
static __device__ __forceinline__ unsigned long long jg_quotient(unsigned long long n, long long size, long long divider) {
    return n / (unsigned long long)size;
}

//@ jg_failed
/** Whether a kernel before this one has failed: then nothing more is written. */
static __device__ __forceinline__ bool jg_failed(const long long* failure) {
    return *(volatile const long long*)failure != 0;
}

//@ jg_fail
/** Claims the record for the first failure, and tells the host: where, the offending value, and the number of its element. */
static __device__ void jg_fail(long long* failure, long long site, long long value, long long number) {
    if (atomicCAS((unsigned long long*)failure, 0ull, (unsigned long long)site) == 0ull) {
        volatile long long* host = (volatile long long*)failure[1]; // where a thread may look that waited for other work
        host[1] = value;
        host[2] = number;
        __threadfence_system(); // so the site, which says that there is something, comes last
        host[0] = site;
    }
}

//@ jg_from_half
/** float16 to float, exact. */
static __device__ __forceinline__ float jg_from_half(unsigned short h) {
#ifndef __CUDACC_VER_MAJOR__ // no NVIDIA compiler: the same in C
    unsigned int sign = (unsigned int)(h & 0x8000) << 16;
    unsigned int a = h & 0x7fff;
    if (a >= 0x7c00) {
        return __uint_as_float(sign | 0x7f800000u | (a & 0x3ff) << 13);
    }
    if (a < 0x400) {
        return copysignf((float)a * 5.9604645e-8f, __uint_as_float(sign));
    }
    return __uint_as_float(sign | ((a << 13) + 0x38000000u));
#else
    float f;
    asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(h));
    return f;
#endif
}

//@ jg_to_half
/** float to float16, to nearest, ties to even; subnormals are kept. */
static __device__ __forceinline__ unsigned short jg_to_half(float x) {
#ifndef __CUDACC_VER_MAJOR__ // no NVIDIA compiler: the same in C
    unsigned int i = __float_as_uint(x);
    unsigned int sign = (i >> 16) & 0x8000;
    unsigned int a = i & 0x7fffffff;
    if (a > 0x7f800000u) {
        return (unsigned short)0x7fff;
    }
    if (a >= 0x477ff000u) {
        return (unsigned short)(sign | 0x7c00);
    }
    if (a < 0x38800000u) { // adding 0.5 leaves the rounded fraction of a subnormal in the low bits
        return (unsigned short)(sign | (__float_as_uint(__uint_as_float(a) + 0.5f) - 0x3f000000u));
    }
    return (unsigned short)(sign | ((a - 0x38000000u + 0xfff + ((a >> 13) & 1)) >> 13));
#else
    unsigned short h;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h) : "f"(x));
    return h;
#endif
}

//@ jg_from_bfloat
/** bfloat16 to float: its upper half. */
static __device__ __forceinline__ float jg_from_bfloat(unsigned short h) {
    return __uint_as_float((unsigned int)h << 16);
}

//@ jg_to_bfloat
/** float to bfloat16, to nearest, ties to even. */
static __device__ __forceinline__ unsigned short jg_to_bfloat(float x) {
    unsigned int i = __float_as_uint(x);
    return x == x ? (unsigned short)((i + 0x7fff + ((i >> 16) & 1)) >> 16) : (unsigned short)0x7fff;
}

//@ jg_to_float_odd
/** double to float, rounded to odd, so that a further rounding to 16 bits is right. */
static __device__ __forceinline__ float jg_to_float_odd(double x) {
    float f = (float)x;
    double fx = f < 0 ? -(double)f : (double)f;
    double ax = x < 0 ? -x : x;
    if (fx == ax || x != x || (__float_as_int(f) & 1) != 0) {
        return f;
    }
    return __int_as_float(fx > ax ? __float_as_int(f) - 1 : __float_as_int(f) + 1);
}

//@ jg_random
/**
 * Word (element mod 4) of Philox4x32-10 for counter offset + element / 4 and key seed. Where a thread asks for neighbours the compiler
 * sees that their counters are equal and computes the block once.
 */
static __device__ __forceinline__ long long jg_random(long long seed, long long offset, long long element) {
    unsigned long long counter = (unsigned long long)offset + ((unsigned long long)element >> 2);
    unsigned int c0 = (unsigned int)counter, c1 = (unsigned int)(counter >> 32), c2 = 0, c3 = 0;
    unsigned int k0 = (unsigned int)seed, k1 = (unsigned int)((unsigned long long)seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        unsigned int high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
        unsigned int high1 = __umulhi(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    unsigned int word = (unsigned int)element & 3;
    return word == 0 ? c0 : word == 1 ? c1 : word == 2 ? c2 : c3;
}

//@ jg_max
/** The larger value; NaN wins. */
template <class T>
static __device__ __forceinline__ T jg_max(T a, T b) {
    return a > b || a != a ? a : b;
}

//@ jg_min
/** The smaller value; NaN wins. */
template <class T>
static __device__ __forceinline__ T jg_min(T a, T b) {
    return a < b || a != a ? a : b;
}

//@ jg_sigmoid
/** 1 / (1 + e^-x), for x < 0 as e^x / (1 + e^x), which keeps small results. */
static __device__ __forceinline__ float jg_sigmoid(float x) {
    float e = expf(-fabsf(x));
    return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}
static __device__ __forceinline__ double jg_sigmoid(double x) {
    double e = exp(-fabs(x));
    return (x < 0.0 ? e : 1.0) / (1.0 + e);
}

//@ jg_remainder
/** The remainder with the sign of the divisor. */
static __device__ __forceinline__ float jg_remainder(float a, float b) {
    float m = fmodf(a, b);
    return m != 0.0f && (m < 0.0f) != (b < 0.0f) ? m + b : m;
}
static __device__ __forceinline__ double jg_remainder(double a, double b) {
    double m = fmod(a, b);
    return m != 0.0 && (m < 0.0) != (b < 0.0) ? m + b : m;
}

//@ jg_div
/** Integer quotient; the smallest number by -1 wraps (T is int or long long, U its unsigned form). */
template <class U, class T>
static __device__ __forceinline__ T jg_div(T a, T b, bool& failed) {
    failed |= b == 0;
    return b == 0 ? 0 : b == (T)-1 && (T)-1 < 0 ? (T)((U)0 - (U)a) : (T)(a / b);
}

//@ jg_fmod
/** Integer remainder with the sign of the dividend. */
template <class T>
static __device__ __forceinline__ T jg_fmod(T a, T b, bool& failed) {
    failed |= b == 0;
    return b == 0 || (b == (T)-1 && (T)-1 < 0) ? 0 : (T)(a % b);
}

//@ jg_mod
/** Integer remainder with the sign of the divisor. */
template <class T>
static __device__ __forceinline__ T jg_mod(T a, T b, bool& failed) {
    T m = jg_fmod(a, b, failed);
    return m != 0 && (m < 0) != (b < 0) ? (T)(m + b) : m;
}

//@ jg_power
/** Integer power, modulo 2^64; negative exponents give 0 except for bases 1 and -1. */
static __device__ long long jg_power(long long base, long long exponent) {
    if (exponent < 0) {
        return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
    }
    unsigned long long r = 1, b = (unsigned long long)base;
    for (unsigned long long e = (unsigned long long)exponent; e != 0; e >>= 1) {
        r = (e & 1) != 0 ? r * b : r;
        b *= b;
    }
    return (long long)r;
}

//@ jg_down
/** The value of the lane d further up, within groups of width lanes. */
template <class T>
static __device__ __forceinline__ T jg_down(T x, int d, int width) {
    return (T)__shfl_down_sync(0xffffffffu, x, d, width);
}

//@ JgSum
/** Sum; of integers modulo 2^32 or 2^64. */
template <class T>
struct JgSum {
    T x;
    __device__ __forceinline__ void add(T v, long long) { x = x + v; }
    __device__ __forceinline__ void merge(const JgSum& o) { x = x + o.x; }
    __device__ __forceinline__ JgSum down(int d, int width) const { return {jg_down(x, d, width)}; }
};

//@ JgProduct
/** Product; of integers modulo 2^32 or 2^64. */
template <class T>
struct JgProduct {
    T x;
    __device__ __forceinline__ void add(T v, long long) { x = x * v; }
    __device__ __forceinline__ void merge(const JgProduct& o) { x = x * o.x; }
    __device__ __forceinline__ JgProduct down(int d, int width) const { return {jg_down(x, d, width)}; }
};

//@ JgAny
/** Whether any value is true. */
struct JgAny {
    bool x;
    __device__ __forceinline__ void add(bool v, long long) { x = x || v; }
    __device__ __forceinline__ void merge(const JgAny& o) { x = x || o.x; }
    __device__ __forceinline__ JgAny down(int d, int width) const { return {jg_down((int)x, d, width) != 0}; }
};

//@ JgAll
/** Whether all values are true. */
struct JgAll {
    bool x;
    __device__ __forceinline__ void add(bool v, long long) { x = x && v; }
    __device__ __forceinline__ void merge(const JgAll& o) { x = x && o.x; }
    __device__ __forceinline__ JgAll down(int d, int width) const { return {jg_down((int)x, d, width) != 0}; }
};

//@ JgMax
/** Largest value; NaN wins. */
template <class T>
struct JgMax {
    T x;
    __device__ __forceinline__ void add(T v, long long) { x = v > x || v != v ? v : x; }
    __device__ __forceinline__ void merge(const JgMax& o) { add(o.x, 0); }
    __device__ __forceinline__ JgMax down(int d, int width) const { return {jg_down(x, d, width)}; }
};

//@ JgMin
/** Smallest value; NaN wins. */
template <class T>
struct JgMin {
    T x;
    __device__ __forceinline__ void add(T v, long long) { x = v < x || v != v ? v : x; }
    __device__ __forceinline__ void merge(const JgMin& o) { add(o.x, 0); }
    __device__ __forceinline__ JgMin down(int d, int width) const { return {jg_down(x, d, width)}; }
};

//@ JgArg
/** Number of the first largest (or smallest) value; NaN wins. Ties go to the lower number, so the order of merging does not matter. */
template <class T, bool LARGEST>
struct JgArg {
    T x;
    long long number;
    __device__ __forceinline__ void add(T v, long long n) {
        const bool beats = (LARGEST ? v > x : v < x) || (v != v && x == x);
        const bool ties = v == x || (v != v && x != x);
        if (beats || (ties && n < number)) {
            x = v;
            number = n;
        }
    }
    __device__ __forceinline__ void merge(const JgArg& o) { add(o.x, o.number); }
    __device__ __forceinline__ JgArg down(int d, int width) const {
        return {jg_down(x, d, width), jg_down(number, d, width)};
    }
};

//@ JgWelford
/** Mean and sum of squared deviations from it (Welford; merged as Chan, Golub, LeVeque do). */
template <class T>
struct JgWelford {
    T mean, squares;
    long long count;
    __device__ __forceinline__ void add(T v, long long) {
        count++;
        const T before = v - mean;
        mean = mean + before / (T)count;
        squares = squares + before * (v - mean);
    }
    __device__ __forceinline__ void merge(const JgWelford& o) {
        if (o.count == 0) {
            return;
        }
        const T before = o.mean - mean;
        const T share = (T)o.count / (T)(count + o.count);
        squares = squares + o.squares + before * before * (T)count * share;
        mean = mean + before * share;
        count += o.count;
    }
    __device__ __forceinline__ JgWelford down(int d, int width) const {
        return {jg_down(mean, d, width), jg_down(squares, d, width), jg_down(count, d, width)};
    }
};

//@ jg_up
/** The value of the lane d further down; lanes below d keep theirs. */
template <class T>
static __device__ __forceinline__ T jg_up(T x, int d) {
    return (T)__shfl_up_sync(0xffffffffu, x, d);
}

//@ jg_key
/** A number in whose unsigned order floats are sorted: NaN last, both zeros equal. */
static __device__ __forceinline__ unsigned int jg_key(float x) {
    const unsigned int i = x == 0.0f ? 0u : __float_as_uint(x);
    return x != x ? 0xffffffffu : (i & 0x80000000u) != 0 ? ~i : i | 0x80000000u;
}
static __device__ __forceinline__ unsigned long long jg_key(double x) {
    const unsigned long long i = x == 0.0 ? 0ull : (unsigned long long)__double_as_longlong(x);
    const unsigned long long sign = 0x8000000000000000ull;
    return x != x ? 0xffffffffffffffffull : (i & sign) != 0 ? ~i : i | sign;
}
