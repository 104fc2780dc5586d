#include "block.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "checker.h"
#include "report.h"
#include "settings.h"

sim::KernelContext simKernelContext;

namespace sim {

Block block;
Failure failure;

static int order[MAX_THREADS];  // in which threads start
static int started;
static int alive;
static int ready[MAX_THREADS * 2];  // threads released from a barrier or warp operation, first in first out
static int readyBegin, readyEnd;
static int atWarp[MAX_THREADS / 32];  // how many threads of each warp wait in a warp operation

void stopKernel(Status status, const std::string& message, uintptr_t code, uintptr_t otherCode) {
  failure = {status, message, code, otherCode};
  siglongjmp(block.stopped, 1);
}

std::string thisThread() {
  const Dim3& b = simKernelContext.block;
  const Dim3& t = block.thread[block.current].index;
  return text("kernel %s, block (%u,%u,%u), thread (%u,%u,%u)", block.kernel->name, b.x, b.y, b.z, t.x, t.y, t.z);
}

// ---- running threads

static void enter(int thread) {
  block.current = thread;
  simKernelContext.thread = block.thread[thread].index;
  block.thread[thread].state = ThreadState::RUNNING;
}

/** Of every fiber: runs fresh threads one after the other; one that blocks takes the fiber with it. */
static void runFreshThreads() {
  while (true) {
    while (started < block.threads) {
      int thread = order[started++];
      block.thread[thread].fiber = currentFiber();
      enter(thread);
      block.kernel->invoke(block.arguments);
      block.thread[block.current].state = ThreadState::DONE;
      alive--;
    }
    Fiber* self = currentFiber();
    giveFiber(self);
    switchFiber(self, hostFiber());
  }
}

static void waitInThread(ThreadState state, int line) {
  int self = block.current;
  block.thread[self].state = state;
  block.thread[self].line = line;
  switchFiber(block.thread[self].fiber, hostFiber());
  enter(self);
}

void prepareThreads(Dim3 size) {
  block.threads = static_cast<int>(size.count());
  int number = 0;
  for (unsigned z = 0; z < size.z; z++) {
    for (unsigned y = 0; y < size.y; y++) {
      for (unsigned x = 0; x < size.x; x++) block.thread[number++].index = {x, y, z};
    }
  }
  std::iota(order, order + block.threads, 0);
  if (settings.orderOf() == Order::REVERSE) std::reverse(order, order + block.threads);
}

static void makeReady(int thread) {
  block.thread[thread].state = ThreadState::READY;
  ready[readyEnd++] = thread;
}

/** Keeps the list in its array: no more than MAX_THREADS entries are ever waiting in it. */
static void dropTaken() {
  if (readyBegin < readyEnd && readyBegin < MAX_THREADS) return;
  std::copy(ready + readyBegin, ready + readyEnd, ready);
  readyEnd -= readyBegin;
  readyBegin = 0;
}

static void reorderReady(int from) {
  if (settings.orderOf() == Order::REVERSE) std::reverse(ready + from, ready + readyEnd);
  if (settings.orderOf() != Order::RANDOM) return;
  for (int i = readyEnd - 1; i > from; i--) std::swap(ready[i], ready[from + nextRandom() % (i - from + 1)]);
}

// ---- barriers

static int combineBarrier(BarrierKind kind) {
  int value = kind == BARRIER_AND ? 1 : 0;
  for (int i = 0; i < block.threads; i++) {
    const Thread& thread = block.thread[i];
    if (thread.state != ThreadState::AT_BARRIER) continue;
    if (kind == BARRIER_COUNT) value += thread.barrierValue;
    if (kind == BARRIER_AND) value &= thread.barrierValue;
    if (kind == BARRIER_OR) value |= thread.barrierValue;
  }
  return value;
}

/** Where the threads of the block are, in words. */
static std::string whereThreadsWait() {
  std::map<std::string, int> counts;
  for (int i = 0; i < block.threads; i++) {
    const Thread& thread = block.thread[i];
    if (thread.state == ThreadState::AT_BARRIER) counts[text("__syncthreads in line %d", thread.line)]++;
    if (thread.state == ThreadState::AT_WARP) counts[text("a warp operation in line %d, mask %08x", thread.line, thread.warpMask)]++;
    if (thread.state == ThreadState::DONE) counts["their end"]++;
  }
  std::string result;
  for (const auto& each : counts) result += text("%s%d threads at %s", result.empty() ? "" : ", ", each.second, each.first.c_str());
  return result;
}

/** Lets all go on if every living thread has come to the barrier. */
static bool releaseBarrier() {
  int waiting = 0, line = -1;
  bool divergent = false;
  BarrierKind kind = BARRIER_PLAIN;
  for (int i = 0; i < block.threads; i++) {
    const Thread& thread = block.thread[i];
    if (thread.state != ThreadState::AT_BARRIER) continue;
    if (waiting++ == 0) {
      line = thread.line;
      kind = static_cast<BarrierKind>(thread.barrierKind);
    }
    divergent |= thread.line != line;
  }
  if (waiting == 0 || waiting != alive) return false;
  if (divergent) stopKernel(LAUNCH_FAILED, text("divergent __syncthreads in kernel %s: %s", block.kernel->name, whereThreadsWait().c_str()));
  int value = combineBarrier(kind);
  readyBegin = readyEnd = 0;
  for (int i = 0; i < block.threads; i++) {
    if (block.thread[i].state != ThreadState::AT_BARRIER) continue;
    block.thread[i].barrierValue = value;
    makeReady(i);
  }
  reorderReady(0);
  block.barrierTime = ++block.time;
  return true;
}

// ---- warp operations

static unsigned long long combineWarp(int first, unsigned lanes, const Thread& thread) {
  unsigned long long result = thread.warpOperation == WARP_MIN ? UINT64_MAX : 0;
  for (int lane = 0; lane < 32; lane++) {
    if (!(lanes >> lane & 1)) continue;
    unsigned long long value = block.thread[first + lane].warpValue;
    switch (thread.warpOperation) {
      case WARP_BALLOT: result |= (value ? 1ull : 0ull) << lane; break;
      case WARP_ADD: result += value; break;
      case WARP_MIN: result = std::min(result, value); break;
      case WARP_MAX: result = std::max(result, value); break;
      case WARP_MATCH: result |= (value == thread.warpValue ? 1ull : 0ull) << lane; break;
      default: break;
    }
  }
  return result;
}

/** Completes the operation of that mask if all its lanes have come; lanes that have ended count as come when nothing else can run. */
static bool completeWarp(int warp, unsigned mask, bool forgiveEnded) {
  int first = warp * 32;
  unsigned existing = block.threads - first >= 32 ? ~0u : (1u << (block.threads - first)) - 1;
  if (!forgiveEnded && atWarp[warp] < __builtin_popcount(mask & existing)) return false;  // as after all but the last of them
  unsigned come = 0, ended = 0;
  for (int lane = 0; lane < 32 && first + lane < block.threads; lane++) {
    const Thread& thread = block.thread[first + lane];
    if (thread.state == ThreadState::DONE) ended |= 1u << lane;
    if (mask >> lane & 1 && thread.state == ThreadState::AT_WARP && thread.warpMask == mask) come |= 1u << lane;
  }
  unsigned needed = mask & existing & (forgiveEnded ? ~ended : ~0u);
  if (come != needed || !come) return false;
  bool sync = false;
  int from = readyEnd;
  for (int lane = 0; lane < 32; lane++) {
    if (!(come >> lane & 1)) continue;
    Thread& thread = block.thread[first + lane];
    if (thread.warpOperation == WARP_SHUFFLE) {
      if (!(come >> thread.warpSource & 1)) {
        block.current = first + lane;
        stopKernel(LAUNCH_FAILED, text("line %d: shuffle from lane %d, which takes no part, in %s", thread.line, thread.warpSource, thisThread().c_str()));
      }
      thread.warpResult = block.thread[first + thread.warpSource].warpValue;
    } else {
      thread.warpResult = combineWarp(first, come, thread);
    }
    sync |= thread.warpOperation == WARP_SYNC;
    makeReady(first + lane);
    atWarp[warp]--;
  }
  if (sync) block.warpTime[warp] = ++block.time;  // only __syncwarp orders memory
  reorderReady(from);
  return true;
}

static bool completeAnyWarp() {
  for (int i = 0; i < block.threads; i++) {
    if (block.thread[i].state == ThreadState::AT_WARP && completeWarp(i / 32, block.thread[i].warpMask, true)) return true;
  }
  return false;
}

// ---- the scheduler, on the host's stack

void runBlock() {
  alive = block.threads;
  started = readyBegin = readyEnd = 0;
  std::fill(std::begin(atWarp), std::end(atWarp), 0);
  for (int i = 0; i < block.threads; i++) block.thread[i].state = ThreadState::FRESH;
  block.barrierTime = ++block.time;
  std::fill(std::begin(block.warpTime), std::end(block.warpTime), block.time);
  if (settings.orderOf() == Order::RANDOM) {
    for (int i = block.threads - 1; i > 0; i--) std::swap(order[i], order[nextRandom() % (i + 1)]);
  }
  while (alive > 0) {
    if (readyBegin < readyEnd) {
      int thread = ready[readyBegin++];
      dropTaken();
      block.current = thread;
      switchFiber(hostFiber(), block.thread[thread].fiber);
    } else if (started < block.threads) {
      switchFiber(hostFiber(), takeFiber(runFreshThreads));
    } else if (releaseBarrier() || completeAnyWarp()) {
      continue;
    } else {
      stopKernel(LAUNCH_FAILED, text("deadlock in kernel %s: %s", block.kernel->name, whereThreadsWait().c_str()));
    }
    const Thread& last = block.thread[block.current];
    if (last.state == ThreadState::AT_WARP) completeWarp(block.current / 32, last.warpMask, false);
  }
}

}  // namespace sim

// ---- called by device code

using namespace sim;

extern "C" SIM_EXPORT void simBarrier(int line, int kind, int* value) {
  if (block.threads == 1) return;
  Thread& thread = block.thread[block.current];
  thread.barrierKind = kind;
  thread.barrierValue = value ? *value : 0;
  waitInThread(ThreadState::AT_BARRIER, line);
  if (value) *value = thread.barrierValue;
}

extern "C" SIM_EXPORT unsigned long long simWarp(unsigned mask, int operation, unsigned long long value, int source, int line) {
  int self = block.current;
  Thread& thread = block.thread[self];
  if (!(mask >> (self & 31) & 1)) {
    stopKernel(LAUNCH_FAILED, text("line %d: a warp operation whose mask %08x leaves out the caller, %s", line, mask, thisThread().c_str()));
  }
  thread.warpMask = mask;
  thread.warpOperation = operation;
  thread.warpValue = value;
  thread.warpSource = source;
  atWarp[self / 32]++;
  waitInThread(ThreadState::AT_WARP, line);
  return thread.warpResult;
}

extern "C" SIM_EXPORT unsigned simActiveMask() {
  unsigned mask = 0;
  int first = block.current & ~31;
  for (int lane = 0; lane < 32 && first + lane < block.threads; lane++) {
    if (block.thread[first + lane].state != ThreadState::DONE) mask |= 1u << lane;
  }
  return mask;
}

extern "C" SIM_EXPORT void simTrap(const char* what, int line) {
  stopKernel(DEVICE_ASSERT, text("line %d: %s in %s", line, what, thisThread().c_str()));
}
