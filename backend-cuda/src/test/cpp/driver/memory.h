// Device memory: an address range of its own that the host cannot touch, guard pages between allocations, no address used twice.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "abi.h"

namespace sim {

const size_t PAGE = 4096;

struct Allocation {
  uintptr_t begin;   // what the caller got: ends close to the end of the mapping
  size_t size;
  uintptr_t mapping;
  size_t mapped;
  int number;
  int device;
  bool returned;     // freed by the caller, maybe not yet in stream order
  bool released;     // no longer mapped
};

const uintptr_t ARENA_BEGIN = 0x600000000000ull;
const size_t ARENA_SIZE = 1ull << 40;

inline bool inArena(uintptr_t address) { return address - ARENA_BEGIN < ARENA_SIZE; }

/** Null if the device has not that much memory left. */
Allocation* allocate(int device, size_t size);
void release(Allocation* allocation);
/** Gives back whatever a device still has allocated; returns how many. */
int releaseAll(int device);

/** The allocation whose mapping holds the address, released or not. */
Allocation* allocationAt(uintptr_t address);
/** The allocation that begins at this address and is not freed by the caller. */
Allocation* allocationOf(DevicePointer begin);
void eachLiveAllocation(const std::function<void(const Allocation&)>& visit);
SIM_EXPORT size_t usedMemory(int device);
SIM_EXPORT size_t totalMemory();
int liveAllocations(int device);

/** Looks for writes beside allocations: in all, or in the newest. */
void checkPadding(bool all);

/** An address in words: where it lies in which allocation. */
SIM_EXPORT std::string describe(uintptr_t address);

/** Whether the host must not dereference it: device memory or a module's variable. */
SIM_EXPORT bool isDeviceAddress(const void* address);
/** Why [begin, begin + size) is not inside one live allocation; empty if it is. */
SIM_EXPORT std::string rangeError(const void* begin, size_t size);

void addGlobal(uintptr_t begin, size_t size);

// Pinned host memory.
void* allocatePinned(size_t size);
bool freePinned(void* begin);
void registerPinned(void* begin, size_t size);
bool unregisterPinned(void* begin);
bool isPinned(const void* address);

/** While one lives, this thread may touch device memory. */
struct DeviceAccess {
  DeviceAccess();
  ~DeviceAccess();
  /** For a jump out of a fault handler, which skips destructors. */
  static int depth();
  static void restore(int depth);
};

}  // namespace sim
