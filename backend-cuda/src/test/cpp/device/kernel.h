// Everything CUDA C offers without an #include, for g++: what a thread sees is in kernel_context, the rest in the headers below.
// No header of the host is included: like NVRTC nothing else is declared, and a kernel compiles in 0.1 s.
#pragma once

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;

#define __CUDACC__ 1
#define __CUDACC_RTC__ 1

#ifdef SIM_LIST_KERNELS  // the preprocessor alone looks for kernels: leave the words that tell
#define __global__ __global__
#else
#define __global__ __attribute__((visibility("default")))
#define __launch_bounds__(...)
#endif
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __restrict__ __restrict
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(n) __attribute__((aligned(n)))
#define __shared__ static __attribute__((section("sim_shared")))

#define SIM_INLINE static inline __attribute__((always_inline, unused))
#define SIM_UNCHECKED static inline __attribute__((unused, no_sanitize("thread")))

struct uint3 {
  unsigned x, y, z;
};

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

struct kernel_context {
  uint3 thread, block, block_dim, grid_dim;
  void* dynamic_shared;
};

extern "C" {
extern kernel_context simKernelContext;
void simBarrier(int line, int kind, int* value);
unsigned long long simWarp(unsigned mask, int operation, unsigned long long value, int source, int line);
unsigned simActiveMask(void);
void simAtomic(void* address, int size);
void simFence(void);
void simTrap(const char* what, int line);
int printf(const char*, ...);
void* memcpy(void*, const void*, size_t);
void* memset(void*, int, size_t);
// Of the driver: sets the condition of a graph's conditional node. To be declared by the kernel's source, as for NVRTC.
}

#define threadIdx (simKernelContext.thread)
#define blockIdx (simKernelContext.block)
#define blockDim (simKernelContext.block_dim)
#define gridDim (simKernelContext.grid_dim)
#define warpSize 32

#undef assert
#define assert(condition) ((condition) ? (void)0 : simTrap("assert(" #condition ")", __LINE__))
#define __trap() simTrap("__trap()", __LINE__)
#define __builtin_assume(condition) ((void)0)
#define __nanosleep(nanos) ((void)(nanos))

#include "vectors.h"
#include "math.h"
#include "bits.h"
#include "warp.h"
#include "atomics.h"
#include "register.h"
