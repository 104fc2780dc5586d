// What a test may change about the simulated machine, by name: see CudaSim.set in Java.
#pragma once
#include <cstdint>

namespace sim {

enum class Order : long { NATURAL = 0, REVERSE = 1, RANDOM = 2 };  // of threads, blocks, warps, graph nodes
enum class Async : long { EAGER = 0, LAZY = 1, RANDOM = 2 };       // when queued work runs

enum class Scarce : long { MODULE = 1, LAUNCH, INSTANTIATION, GRAPH, CUBLAS, PRODUCT, CHILD_GRAPH, BUILTINS };  // what may lack memory besides allocations; the last two are not there at all

struct Settings {
  long check = 0;              // 1: kernels are compiled with hooks; bounds, races and uninitialised reads are reported
  long order = 0;              // Order
  long async = 1;              // Async
  long seed = 0;               // of both kinds of random order
  long poison = 1;             // fresh memory is filled with 0xFF (NaN), paddings are watched
  long memoryMb = 4096;        // per device
  long capability = 90;        // 90 means 9.0
  long multiprocessors = 4;
  long devices = 1;            // 0 to 4
  long computeMode = 0;        // 0 shared; 2 prohibited; 3 exclusive, and another process has it
  long driverVersion = 13000;  // 13000 means 13.0
  long initStatus = 0;         // what cuInit answers
  long failAllocation = 0;     // n > 0: the n-th allocation from now on fails
  long failLaunch = 0;         // n > 0: the n-th kernel from now on dies of an illegal address
  long refuse = 0;             // Scarce: calls of this kind find no memory ...
  long refusals = 0;           // ... so many times from now on
  long lost = 0;               // a status: every call answers it, as after the device fell off the bus
  long log = 0;                // 1: every queued operation on stderr

  Order orderOf() const { return static_cast<Order>(order); }
  Async asyncOf() const { return static_cast<Async>(async); }
};

extern __attribute__((visibility("default"))) Settings settings;

/** Whether a call is to answer that there is no memory for it. */
inline bool isRefused(Scarce kind) {
  return settings.refuse == static_cast<long>(kind) && settings.refusals > 0 && settings.refusals-- > 0;
}

/** The setting of that name; null if there is none. */
long* setting(const char* name);

/** Numbers for both kinds of random order; the same after the same `seed`. */
uint64_t nextRandom();
void seedRandom(long seed);

}  // namespace sim
