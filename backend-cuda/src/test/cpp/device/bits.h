// Reinterpretation, conversion, integer arithmetic and cached loads.
#pragma once

template <class To, class From>
SIM_INLINE To simBits(From from) {
  static_assert(sizeof(To) == sizeof(From), "sizes differ");
  To to;
  __builtin_memcpy(&to, &from, sizeof to);
  return to;
}
SIM_INLINE int __float_as_int(float x) { return simBits<int>(x); }
SIM_INLINE unsigned __float_as_uint(float x) { return simBits<unsigned>(x); }
SIM_INLINE float __int_as_float(int x) { return simBits<float>(x); }
SIM_INLINE float __uint_as_float(unsigned x) { return simBits<float>(x); }
SIM_INLINE long long __double_as_longlong(double x) { return simBits<long long>(x); }
SIM_INLINE double __longlong_as_double(long long x) { return simBits<double>(x); }
SIM_INLINE int __double2hiint(double x) { return static_cast<int>(simBits<long long>(x) >> 32); }
SIM_INLINE int __double2loint(double x) { return static_cast<int>(simBits<long long>(x)); }
SIM_INLINE double __hiloint2double(int high, int low) {
  return simBits<double>(static_cast<long long>(high) << 32 | static_cast<unsigned>(low));
}

// The device's conversions saturate, NaN becomes 0. (A plain cast does so too on the device, but not under g++: use these.)
SIM_INLINE int simToInt(double x) { return x != x ? 0 : x >= 2147483647.0 ? 2147483647 : x <= -2147483648.0 ? -2147483647 - 1 : static_cast<int>(x); }
SIM_INLINE unsigned simToUint(double x) { return !(x > 0) ? 0 : x >= 4294967295.0 ? 4294967295u : static_cast<unsigned>(x); }
SIM_INLINE long long simToLong(double x) {
  return x != x ? 0 : x >= 9223372036854775808.0 ? 9223372036854775807ll : x <= -9223372036854775808.0 ? -9223372036854775807ll - 1 : static_cast<long long>(x);
}
SIM_INLINE unsigned long long simToUlong(double x) { return !(x > 0) ? 0 : x >= 18446744073709551616.0 ? ~0ull : static_cast<unsigned long long>(x); }
SIM_INLINE int __float2int_rn(float x) { return simToInt(__builtin_rint(x)); }
SIM_INLINE int __float2int_rz(float x) { return simToInt(x); }
SIM_INLINE int __float2int_rd(float x) { return simToInt(__builtin_floor(x)); }
SIM_INLINE int __float2int_ru(float x) { return simToInt(__builtin_ceil(x)); }
SIM_INLINE unsigned __float2uint_rz(float x) { return simToUint(x); }
SIM_INLINE unsigned __float2uint_rn(float x) { return simToUint(__builtin_rint(x)); }
SIM_INLINE long long __float2ll_rz(float x) { return simToLong(x); }
SIM_INLINE long long __float2ll_rn(float x) { return simToLong(__builtin_rint(x)); }
SIM_INLINE unsigned long long __float2ull_rz(float x) { return simToUlong(x); }
SIM_INLINE int __double2int_rz(double x) { return simToInt(x); }
SIM_INLINE int __double2int_rn(double x) { return simToInt(__builtin_rint(x)); }
SIM_INLINE unsigned __double2uint_rz(double x) { return simToUint(x); }
SIM_INLINE long long __double2ll_rz(double x) { return simToLong(x); }
SIM_INLINE long long __double2ll_rn(double x) { return simToLong(__builtin_rint(x)); }
SIM_INLINE unsigned long long __double2ull_rz(double x) { return simToUlong(x); }
SIM_INLINE float __double2float_rn(double x) { return static_cast<float>(x); }
SIM_INLINE float __int2float_rn(int x) { return static_cast<float>(x); }
SIM_INLINE float __uint2float_rn(unsigned x) { return static_cast<float>(x); }
SIM_INLINE float __ll2float_rn(long long x) { return static_cast<float>(x); }
SIM_INLINE double __ll2double_rn(long long x) { return static_cast<double>(x); }

SIM_INLINE unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(static_cast<unsigned long long>(a) * b >> 32); }
SIM_INLINE int __mulhi(int a, int b) { return static_cast<int>(static_cast<long long>(a) * b >> 32); }
SIM_INLINE unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return static_cast<unsigned long long>(static_cast<unsigned __int128>(a) * b >> 64);
}
SIM_INLINE long long __mul64hi(long long a, long long b) { return static_cast<long long>(static_cast<__int128>(a) * b >> 64); }
SIM_INLINE int __popc(unsigned x) { return __builtin_popcount(x); }
SIM_INLINE int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
SIM_INLINE int __clz(int x) { return x ? __builtin_clz(x) : 32; }
SIM_INLINE int __clzll(long long x) { return x ? __builtin_clzll(x) : 64; }
SIM_INLINE int __ffs(int x) { return __builtin_ffs(x); }
SIM_INLINE int __ffsll(long long x) { return __builtin_ffsll(x); }
SIM_INLINE unsigned __brev(unsigned x) {
  unsigned reversed = 0;
  for (int bit = 0; bit < 32; bit++) reversed = reversed << 1 | (x >> bit & 1);
  return reversed;
}
SIM_INLINE unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  unsigned long long bytes = static_cast<unsigned long long>(y) << 32 | x;
  unsigned result = 0;
  for (int i = 0; i < 4; i++) result |= static_cast<unsigned>(bytes >> (selector >> 4 * i & 7) * 8 & 0xFF) << 8 * i;
  return result;
}
SIM_INLINE unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  shift &= 31;
  return shift ? high << shift | low >> (32 - shift) : high;
}
SIM_INLINE unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  shift &= 31;
  return shift ? low >> shift | high << (32 - shift) : low;
}

// Cache hints mean nothing here.
#define SIM_LOAD(name)       \
  template <class T>         \
  SIM_INLINE T name(const T* address) { return *address; }
SIM_LOAD(__ldg) SIM_LOAD(__ldcg) SIM_LOAD(__ldca) SIM_LOAD(__ldcs) SIM_LOAD(__ldlu) SIM_LOAD(__ldcv)
#define SIM_STORE(name)      \
  template <class T>         \
  SIM_INLINE void name(T* address, T value) { *address = value; }
SIM_STORE(__stcs) SIM_STORE(__stcg) SIM_STORE(__stwb) SIM_STORE(__stwt)

SIM_INLINE long long clock64() { return static_cast<long long>(__builtin_ia32_rdtsc()); }
SIM_INLINE int clock() { return static_cast<int>(clock64()); }
