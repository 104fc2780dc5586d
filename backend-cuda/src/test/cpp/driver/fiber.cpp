#include "fiber.h"

#include <sys/mman.h>

#include <vector>

#include "memory.h"

#ifndef __x86_64__
#error "the simulated device runs on x86-64 only"
#endif

// Saves what a callee must keep on the old stack, and takes it from the new one.
extern "C" void simSwitchStack(void** save, void* load);
asm(R"(
.text
.globl simSwitchStack
.hidden simSwitchStack
.type simSwitchStack,@function
simSwitchStack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size simSwitchStack, .-simSwitchStack
)");

namespace sim {

static std::vector<Fiber*> idle, busy;
static Fiber host;
static Fiber* runningFiber = &host;

Fiber* currentFiber() { return runningFiber; }
Fiber* hostFiber() { return &host; }

void switchFiber(Fiber* from, Fiber* to) {
  runningFiber = to;
  simSwitchStack(&from->stackPointer, to->stackPointer);
}

static Fiber* newFiber() {
  Fiber* fiber = new Fiber;
  char* mapping = static_cast<char*>(mmap(nullptr, Fiber::STACK_SIZE + PAGE, PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0));
  mprotect(mapping, PAGE, PROT_NONE);
  fiber->stack = mapping + PAGE;
  return fiber;
}

/** Stacks begin at different offsets: with equal ones all would compete for the same lines of the cache. */
static size_t colour(const Fiber* fiber) { return (reinterpret_cast<uintptr_t>(fiber->stack) / (Fiber::STACK_SIZE + PAGE) % 60) * 64; }

Fiber* takeFiber(void (*body)()) {
  Fiber* fiber;
  if (idle.empty()) {
    fiber = newFiber();
  } else {
    fiber = idle.back();
    idle.pop_back();
  }
  void** top = reinterpret_cast<void**>(fiber->stack + Fiber::STACK_SIZE - colour(fiber));
  *--top = nullptr;
  *--top = reinterpret_cast<void*>(body);  // simSwitchStack returns to it
  for (int saved = 0; saved < 6; saved++) *--top = nullptr;
  fiber->stackPointer = top;
  fiber->index = static_cast<int>(busy.size());
  busy.push_back(fiber);
  return fiber;
}

void giveFiber(Fiber* fiber) {
  busy.back()->index = fiber->index;
  busy[fiber->index] = busy.back();
  busy.pop_back();
  idle.push_back(fiber);
}

void giveAllFibers() {
  idle.insert(idle.end(), busy.begin(), busy.end());
  busy.clear();
  runningFiber = &host;
}

}  // namespace sim
