// float4 and its kin, aligned as on the device.
#pragma once

#define SIM_VECTOR2(name, type, alignment)                      \
  struct __attribute__((aligned(alignment))) name##2 {          \
    type x, y;                                                  \
  };                                                            \
  SIM_INLINE name##2 make_##name##2(type x, type y) { return name##2{x, y}; }
#define SIM_VECTOR3(name, type)                                 \
  struct name##3 {                                              \
    type x, y, z;                                               \
  };                                                            \
  SIM_INLINE name##3 make_##name##3(type x, type y, type z) { return name##3{x, y, z}; }
#define SIM_VECTOR4(name, type, alignment)                      \
  struct __attribute__((aligned(alignment))) name##4 {          \
    type x, y, z, w;                                            \
  };                                                            \
  SIM_INLINE name##4 make_##name##4(type x, type y, type z, type w) { return name##4{x, y, z, w}; }

SIM_VECTOR2(char, signed char, 2)
SIM_VECTOR4(char, signed char, 4)
SIM_VECTOR2(uchar, unsigned char, 2)
SIM_VECTOR4(uchar, unsigned char, 4)
SIM_VECTOR2(short, short, 4)
SIM_VECTOR4(short, short, 8)
SIM_VECTOR2(ushort, unsigned short, 4)
SIM_VECTOR4(ushort, unsigned short, 8)
SIM_VECTOR2(int, int, 8)
SIM_VECTOR3(int, int)
SIM_VECTOR4(int, int, 16)
SIM_VECTOR2(uint, unsigned, 8)
SIM_VECTOR4(uint, unsigned, 16)
SIM_VECTOR2(longlong, long long, 16)
SIM_VECTOR2(ulonglong, unsigned long long, 16)
SIM_VECTOR2(float, float, 8)
SIM_VECTOR3(float, float)
SIM_VECTOR4(float, float, 16)
SIM_VECTOR2(double, double, 16)
SIM_INLINE uint3 make_uint3(unsigned x, unsigned y, unsigned z) { return uint3{x, y, z}; }
