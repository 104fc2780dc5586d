// Mathematical functions: glibc's, which differ from the device's in the last place or two.
#pragma once

extern "C" {
#define SIM_LIBM1(name) \
  double name(double);  \
  float name##f(float);
SIM_LIBM1(exp) SIM_LIBM1(exp2) SIM_LIBM1(expm1) SIM_LIBM1(log) SIM_LIBM1(log2) SIM_LIBM1(log10) SIM_LIBM1(log1p)
SIM_LIBM1(sin) SIM_LIBM1(cos) SIM_LIBM1(tan) SIM_LIBM1(asin) SIM_LIBM1(acos) SIM_LIBM1(atan)
SIM_LIBM1(sinh) SIM_LIBM1(cosh) SIM_LIBM1(tanh) SIM_LIBM1(asinh) SIM_LIBM1(acosh) SIM_LIBM1(atanh)
SIM_LIBM1(erf) SIM_LIBM1(erfc) SIM_LIBM1(lgamma) SIM_LIBM1(tgamma) SIM_LIBM1(cbrt)
double exp10(double) noexcept(true);
float exp10f(float) noexcept(true);
double pow(double, double), atan2(double, double), fmod(double, double), hypot(double, double), remainder(double, double), nextafter(double, double),
    ldexp(double, int), frexp(double, int*);
float powf(float, float), atan2f(float, float), fmodf(float, float), hypotf(float, float), remainderf(float, float), nextafterf(float, float),
    ldexpf(float, int), frexpf(float, int*);
void sincosf(float, float*, float*), sincos(double, double*, double*);
}

// Those that the processor does itself.
#define SIM_BUILTIN1(name)                                              \
  SIM_INLINE double name(double x) { return __builtin_##name(x); }      \
  SIM_INLINE float name##f(float x) { return __builtin_##name##f(x); }
#define SIM_BUILTIN2(name)                                                              \
  SIM_INLINE double name(double x, double y) { return __builtin_##name(x, y); }         \
  SIM_INLINE float name##f(float x, float y) { return __builtin_##name##f(x, y); }
SIM_BUILTIN1(sqrt) SIM_BUILTIN1(fabs) SIM_BUILTIN1(floor) SIM_BUILTIN1(ceil) SIM_BUILTIN1(trunc) SIM_BUILTIN1(rint) SIM_BUILTIN1(round) SIM_BUILTIN1(nearbyint)
SIM_BUILTIN2(fmax) SIM_BUILTIN2(fmin) SIM_BUILTIN2(copysign) SIM_BUILTIN2(fdim)
SIM_INLINE double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
SIM_INLINE float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
SIM_INLINE double rsqrt(double x) { return 1.0 / __builtin_sqrt(x); }
SIM_INLINE float rsqrtf(float x) { return 1.0f / __builtin_sqrtf(x); }
SIM_INLINE float normcdff(float x) { return 0.5f * erfcf(-0.70710678f * x); }
SIM_INLINE double normcdf(double x) { return 0.5 * erfc(-0.70710678118654752 * x); }
SIM_INLINE long long llrintf(float x) { return __builtin_llrintf(x); }
SIM_INLINE long long llrint(double x) { return __builtin_llrint(x); }
SIM_INLINE long lrintf(float x) { return __builtin_lrintf(x); }

// The C++ overloads.
#define SIM_OVERLOAD1(name) \
  SIM_INLINE float name(float x) { return name##f(x); }
SIM_OVERLOAD1(exp) SIM_OVERLOAD1(exp2) SIM_OVERLOAD1(expm1) SIM_OVERLOAD1(log) SIM_OVERLOAD1(log2) SIM_OVERLOAD1(log10) SIM_OVERLOAD1(log1p)
SIM_OVERLOAD1(sin) SIM_OVERLOAD1(cos) SIM_OVERLOAD1(tan) SIM_OVERLOAD1(asin) SIM_OVERLOAD1(acos) SIM_OVERLOAD1(atan)
SIM_OVERLOAD1(sinh) SIM_OVERLOAD1(cosh) SIM_OVERLOAD1(tanh) SIM_OVERLOAD1(asinh) SIM_OVERLOAD1(acosh) SIM_OVERLOAD1(atanh)
SIM_OVERLOAD1(erf) SIM_OVERLOAD1(erfc) SIM_OVERLOAD1(lgamma) SIM_OVERLOAD1(tgamma) SIM_OVERLOAD1(cbrt)
SIM_OVERLOAD1(sqrt) SIM_OVERLOAD1(fabs) SIM_OVERLOAD1(floor) SIM_OVERLOAD1(ceil) SIM_OVERLOAD1(trunc) SIM_OVERLOAD1(rint) SIM_OVERLOAD1(round)
SIM_OVERLOAD1(rsqrt)
SIM_INLINE float pow(float x, float y) { return powf(x, y); }
SIM_INLINE float fmod(float x, float y) { return fmodf(x, y); }
SIM_INLINE float atan2(float x, float y) { return atan2f(x, y); }
SIM_INLINE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
SIM_INLINE float fmax(float x, float y) { return fmaxf(x, y); }
SIM_INLINE float fmin(float x, float y) { return fminf(x, y); }
SIM_INLINE float copysign(float x, float y) { return copysignf(x, y); }

SIM_INLINE bool isnan(float x) { return __builtin_isnan(x); }
SIM_INLINE bool isnan(double x) { return __builtin_isnan(x); }
SIM_INLINE bool isinf(float x) { return __builtin_isinf(x); }
SIM_INLINE bool isinf(double x) { return __builtin_isinf(x); }
SIM_INLINE bool isfinite(float x) { return __builtin_isfinite(x); }
SIM_INLINE bool isfinite(double x) { return __builtin_isfinite(x); }
SIM_INLINE bool signbit(float x) { return __builtin_signbitf(x); }
SIM_INLINE bool signbit(double x) { return __builtin_signbit(x); }

SIM_INLINE int abs(int x) { return x < 0 ? -x : x; }
SIM_INLINE long abs(long x) { return x < 0 ? -x : x; }
SIM_INLINE long long abs(long long x) { return x < 0 ? -x : x; }
SIM_INLINE long long llabs(long long x) { return x < 0 ? -x : x; }
SIM_INLINE float abs(float x) { return __builtin_fabsf(x); }
SIM_INLINE double abs(double x) { return __builtin_fabs(x); }

#define SIM_MIN_MAX(type)                                              \
  SIM_INLINE type min(type a, type b) { return b < a ? b : a; }        \
  SIM_INLINE type max(type a, type b) { return a < b ? b : a; }
SIM_MIN_MAX(int) SIM_MIN_MAX(unsigned) SIM_MIN_MAX(long) SIM_MIN_MAX(unsigned long) SIM_MIN_MAX(long long) SIM_MIN_MAX(unsigned long long)
SIM_INLINE unsigned min(unsigned a, int b) { return min(a, static_cast<unsigned>(b)); }
SIM_INLINE unsigned min(int a, unsigned b) { return min(static_cast<unsigned>(a), b); }
SIM_INLINE unsigned max(unsigned a, int b) { return max(a, static_cast<unsigned>(b)); }
SIM_INLINE unsigned max(int a, unsigned b) { return max(static_cast<unsigned>(a), b); }
SIM_INLINE float min(float a, float b) { return __builtin_fminf(a, b); }
SIM_INLINE float max(float a, float b) { return __builtin_fmaxf(a, b); }
SIM_INLINE double min(double a, double b) { return __builtin_fmin(a, b); }
SIM_INLINE double max(double a, double b) { return __builtin_fmax(a, b); }

// Intrinsics: the exact function where the device has a quick one.
SIM_INLINE float __expf(float x) { return expf(x); }
SIM_INLINE float __exp10f(float x) { return exp10f(x); }
SIM_INLINE float __logf(float x) { return logf(x); }
SIM_INLINE float __log2f(float x) { return log2f(x); }
SIM_INLINE float __log10f(float x) { return log10f(x); }
SIM_INLINE float __sinf(float x) { return sinf(x); }
SIM_INLINE float __cosf(float x) { return cosf(x); }
SIM_INLINE float __tanf(float x) { return tanf(x); }
SIM_INLINE float __powf(float x, float y) { return powf(x, y); }
SIM_INLINE void __sincosf(float x, float* s, float* c) { sincosf(x, s, c); }
SIM_INLINE float __fdividef(float a, float b) { return a / b; }
SIM_INLINE float __saturatef(float x) { return x != x || x < 0 ? 0 : x > 1 ? 1 : x; }

// Rounded to nearest and never contracted: a volatile keeps g++ from making a fused multiply-add of a product.
SIM_UNCHECKED float __fmul_rn(float a, float b) { volatile float r = a * b; return r; }
SIM_UNCHECKED float __fadd_rn(float a, float b) { volatile float r = a + b; return r; }
SIM_UNCHECKED float __fsub_rn(float a, float b) { volatile float r = a - b; return r; }
SIM_UNCHECKED double __dmul_rn(double a, double b) { volatile double r = a * b; return r; }
SIM_UNCHECKED double __dadd_rn(double a, double b) { volatile double r = a + b; return r; }
SIM_UNCHECKED double __dsub_rn(double a, double b) { volatile double r = a - b; return r; }
SIM_INLINE float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
SIM_INLINE double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
SIM_INLINE float __fdiv_rn(float a, float b) { return a / b; }
SIM_INLINE double __ddiv_rn(double a, double b) { return a / b; }
SIM_INLINE float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
SIM_INLINE double __dsqrt_rn(double a) { return __builtin_sqrt(a); }
SIM_INLINE float __frsqrt_rn(float a) { return rsqrtf(a); }
SIM_INLINE float __frcp_rn(float a) { return 1.0f / a; }
