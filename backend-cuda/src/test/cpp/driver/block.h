// One block of threads at a time: each thread runs until it blocks, a scheduler releases barriers and warp operations.
#pragma once
#include <csetjmp>
#include <cstdint>
#include <string>

#include "abi.h"
#include "fiber.h"

namespace sim {

struct Dim3 {
  unsigned x, y, z;
  size_t count() const { return static_cast<size_t>(x) * y * z; }
};

/** What device code reads its indices from; kernel_context in device/kernel.h. */
struct KernelContext {
  Dim3 thread, block, blockDim, grid;
  void* dynamicShared;
};

/** What a module tells about each of its kernels; kernel_info in device/kernel.h. */
struct KernelInfo {
  const char* name;
  void* function;
  void (*invoke)(void** arguments);
  int parameters;
  const unsigned* sizes;
  const unsigned* alignments;
  int maxThreads;  // of __launch_bounds__; 0 without
  char* sharedBegin;
  char* sharedEnd;
};

enum class ThreadState : uint8_t { FRESH, RUNNING, READY, AT_BARRIER, AT_WARP, DONE };

enum BarrierKind : int { BARRIER_PLAIN = 0, BARRIER_COUNT = 1, BARRIER_AND = 2, BARRIER_OR = 3 };
enum WarpOperation : int { WARP_SHUFFLE = 0, WARP_BALLOT = 1, WARP_SYNC = 2, WARP_ADD = 3, WARP_MIN = 4, WARP_MAX = 5, WARP_MATCH = 6 };

struct Thread {
  Dim3 index;
  ThreadState state;
  int line;  // where it waits
  int barrierKind, barrierValue;
  unsigned warpMask;
  int warpOperation, warpSource;
  unsigned long long warpValue, warpResult;
  Fiber* fiber;
};

const int MAX_THREADS = 1024;

/** The block that runs now. */
struct Block {
  const KernelInfo* kernel = nullptr;
  void** arguments = nullptr;
  int threads = 0;
  int current = -1;          // the thread that runs
  uint32_t number = 0;       // the block's in its grid
  uint32_t launch = 0;       // counts up over all launches
  uint32_t time = 0;         // counts synchronisations
  uint32_t barrierTime = 0;  // of the block's last barrier
  uint32_t warpTime[MAX_THREADS / 32];
  Thread thread[MAX_THREADS];
  bool inKernel = false;
  sigjmp_buf stopped;        // where a kernel's end by an error jumps to
};

extern Block block;

/** Why a kernel ended before its end. */
struct Failure {
  Status status = SUCCESS;
  std::string message;
  uintptr_t code = 0;       // the instruction, and of a race the other one: resolved to lines later
  uintptr_t otherCode = 0;
};

extern Failure failure;

/** Sets threads, indices and the order they start in. */
void prepareThreads(Dim3 size);
/** Runs the block named by `block` and the kernel context to its end. */
void runBlock();

/** Ends the kernel: never returns. */
[[noreturn]] void stopKernel(Status status, const std::string& message, uintptr_t code = 0, uintptr_t otherCode = 0);
/** The running thread in words. */
std::string thisThread();

}  // namespace sim

extern "C" SIM_EXPORT sim::KernelContext simKernelContext;
