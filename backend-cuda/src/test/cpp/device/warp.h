// Barriers, fences, shuffles and votes: each stops the thread until its partners have come.
#pragma once

#define __syncthreads() simBarrier(__LINE__, 0, nullptr)
#define SIM_BARRIER(kind, predicate)                     \
  ({                                                     \
    int simValue = (predicate) ? 1 : 0;                  \
    simBarrier(__LINE__, kind, &simValue);               \
    simValue;                                            \
  })
#define __syncthreads_count(predicate) SIM_BARRIER(1, predicate)
#define __syncthreads_and(predicate) SIM_BARRIER(2, predicate)
#define __syncthreads_or(predicate) SIM_BARRIER(3, predicate)

SIM_INLINE void __threadfence() { simFence(); }
SIM_INLINE void __threadfence_system() { simFence(); }
SIM_INLINE void __threadfence_block() { asm volatile("" ::: "memory"); }

SIM_INLINE unsigned simMask(unsigned mask = 0xFFFFFFFFu) { return mask; }
SIM_INLINE int simWidth(int width = 32) { return width; }
SIM_INLINE int simLane() { return static_cast<int>((threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) & 31u); }

template <class T>
SIM_UNCHECKED T simShuffle(unsigned mask, T value, int source, int line) {
  static_assert(sizeof(T) <= 8, "a shuffle moves 4 or 8 bytes");
  unsigned long long bits = 0;
  __builtin_memcpy(&bits, &value, sizeof(T));
  bits = simWarp(mask, 0, bits, source, line);
  __builtin_memcpy(&value, &bits, sizeof(T));
  return value;
}
SIM_INLINE int simLaneAt(int source, int width) { return (simLane() & ~(width - 1)) | (source & (width - 1)); }
SIM_INLINE int simLaneUp(int delta, int width) { return (simLane() & (width - 1)) < delta ? simLane() : simLane() - delta; }
SIM_INLINE int simLaneDown(int delta, int width) { return (simLane() & (width - 1)) + delta >= width ? simLane() : simLane() + delta; }
SIM_INLINE int simLaneXor(int mask, int width) { return (simLane() ^ mask) / width > simLane() / width ? simLane() : simLane() ^ mask; }

#define __syncwarp(...) ((void)simWarp(simMask(__VA_ARGS__), 2, 0, 0, __LINE__))
#define __shfl_sync(mask, value, source, ...) simShuffle(mask, value, simLaneAt(source, simWidth(__VA_ARGS__)), __LINE__)
#define __shfl_up_sync(mask, value, delta, ...) simShuffle(mask, value, simLaneUp(delta, simWidth(__VA_ARGS__)), __LINE__)
#define __shfl_down_sync(mask, value, delta, ...) simShuffle(mask, value, simLaneDown(delta, simWidth(__VA_ARGS__)), __LINE__)
#define __shfl_xor_sync(mask, value, with, ...) simShuffle(mask, value, simLaneXor(with, simWidth(__VA_ARGS__)), __LINE__)
#define __ballot_sync(mask, predicate) ((unsigned)simWarp(mask, 1, (predicate) ? 1 : 0, 0, __LINE__))
#define __any_sync(mask, predicate) (__ballot_sync(mask, predicate) != 0)
#define __all_sync(mask, predicate)                                            \
  ({                                                                           \
    unsigned simAll = (mask);                                                  \
    simWarp(simAll, 1, (predicate) ? 1 : 0, 0, __LINE__) == simAll;            \
  })
#define __reduce_add_sync(mask, value) ((__typeof__(value))simWarp(mask, 3, (unsigned long long)(value), 0, __LINE__))
#define __reduce_min_sync(mask, value) ((__typeof__(value))simWarp(mask, 4, (unsigned long long)(value), 0, __LINE__))
#define __reduce_max_sync(mask, value) ((__typeof__(value))simWarp(mask, 5, (unsigned long long)(value), 0, __LINE__))
#define __match_any_sync(mask, value) ((unsigned)simWarp(mask, 6, (unsigned long long)(value), 0, __LINE__))
#define __activemask() simActiveMask()
