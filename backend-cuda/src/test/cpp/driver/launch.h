// A kernel with its grid and its arguments, and how it runs.
#pragma once
#include <memory>
#include <vector>

#include "block.h"
#include "module.h"

namespace sim {

struct Launch {
  const Function* function;
  Dim3 grid, block;
  unsigned dynamicShared;
  std::vector<char> buffer;       // the arguments' values
  std::vector<size_t> offsets;    // where each begins
};

/** Where each parameter lies in a buffer of arguments, and at the end how long that buffer is. */
std::vector<size_t> parameterOffsets(const KernelInfo& kernel);

/** The task of a launch, or null and why not in `status`. */
std::shared_ptr<Launch> makeLaunch(void* function, Dim3 grid, Dim3 block, unsigned dynamicShared, void** arguments, void** extra, Status& status);
Task kernelTask(std::shared_ptr<const Launch> launch);

/** The most dynamic shared memory that a function may ask for on this device. */
int sharedMemoryLimit();

void installFaultHandler();

}  // namespace sim
