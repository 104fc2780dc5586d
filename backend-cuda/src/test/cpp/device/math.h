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
#define SIM_OVERLOAD2(name) \
  SIM_INLINE float name(float x, float y) { return name##f(x, y); }
SIM_OVERLOAD2(pow) SIM_OVERLOAD2(fmod) SIM_OVERLOAD2(atan2) SIM_OVERLOAD2(fmax) SIM_OVERLOAD2(fmin) SIM_OVERLOAD2(copysign)
SIM_INLINE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

#define SIM_PREDICATE(name)                                        \
  SIM_INLINE bool name(float x) { return __builtin_##name(x); }    \
  SIM_INLINE bool name(double x) { return __builtin_##name(x); }
SIM_PREDICATE(isnan) SIM_PREDICATE(isinf) SIM_PREDICATE(isfinite) SIM_PREDICATE(signbit)

#define SIM_ABS(type) \
  SIM_INLINE type abs(type x) { return x < 0 ? -x : x; }
SIM_ABS(int) SIM_ABS(long) SIM_ABS(long long)
SIM_INLINE long long llabs(long long x) { return abs(x); }
SIM_INLINE float abs(float x) { return fabsf(x); }
SIM_INLINE double abs(double x) { return fabs(x); }

#define SIM_MIN_MAX(type)                                              \
  SIM_INLINE type min(type a, type b) { return b < a ? b : a; }        \
  SIM_INLINE type max(type a, type b) { return a < b ? b : a; }
SIM_MIN_MAX(int) SIM_MIN_MAX(unsigned) SIM_MIN_MAX(long) SIM_MIN_MAX(unsigned long) SIM_MIN_MAX(long long) SIM_MIN_MAX(unsigned long long)
#define SIM_MIN_OR_MAX(name)                                                                           \
  SIM_INLINE unsigned name(unsigned a, int b) { return name(a, static_cast<unsigned>(b)); }            \
  SIM_INLINE unsigned name(int a, unsigned b) { return name(static_cast<unsigned>(a), b); }            \
  SIM_INLINE float name(float a, float b) { return f##name##f(a, b); }                                 \
  SIM_INLINE double name(double a, double b) { return f##name(a, b); }
SIM_MIN_OR_MAX(min) SIM_MIN_OR_MAX(max)

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
#define SIM_ROUNDED(name, op)                                                                              \
  SIM_UNCHECKED float __f##name##_rn(float a, float b) { volatile float r = a op b; return r; }            \
  SIM_UNCHECKED double __d##name##_rn(double a, double b) { volatile double r = a op b; return r; }
SIM_ROUNDED(mul, *) SIM_ROUNDED(add, +) SIM_ROUNDED(sub, -)
SIM_INLINE float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
SIM_INLINE double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
SIM_INLINE float __fdiv_rn(float a, float b) { return a / b; }
SIM_INLINE double __ddiv_rn(double a, double b) { return a / b; }
SIM_INLINE float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
SIM_INLINE double __dsqrt_rn(double a) { return __builtin_sqrt(a); }
SIM_INLINE float __frsqrt_rn(float a) { return rsqrtf(a); }
SIM_INLINE float __frcp_rn(float a) { return 1.0f / a; }
