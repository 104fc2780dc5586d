// The checking mode: kernels call a hook before each access to memory; here it is looked up what is known about that memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "abi.h"

namespace sim {

/** Before a launch, with its dynamic shared memory; before each of its blocks. */
void beginLaunchCheck(const char* dynamicShared, size_t size);
void beginBlockCheck();

/** Nothing is known any more about this memory. */
void forgetShadow(uintptr_t begin, size_t size);
/** All memory counts as initialised: the mode was just switched on, or an unchecked kernel ran. */
void trustAllMemory();

/** Work other than kernels wrote, moved or wants to read this memory. */
SIM_EXPORT void markInitialised(const void* begin, size_t size);
void copyInitialised(const void* destination, const void* source, size_t size);
/** The first uninitialised byte; null if there is none, or outside the checking mode. */
SIM_EXPORT const void* firstUninitialised(const void* begin, size_t size);

/** Instructions as " (kernel.cu:12, other access at kernel.cu:9)"; empty where nothing is known. */
std::string sourceLines(uintptr_t code, uintptr_t otherCode);

}  // namespace sim
