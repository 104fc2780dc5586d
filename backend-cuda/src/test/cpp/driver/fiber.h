// Stacks that CUDA threads run on until they block: x86-64, System V calling convention.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sim {

struct Fiber {
  void* stackPointer = nullptr;
  char* stack = nullptr;
  int index = -1;  // in the list of those in use

  static const size_t STACK_SIZE = 128 * 1024;
  bool owns(uintptr_t address) const { return address - reinterpret_cast<uintptr_t>(stack) < STACK_SIZE; }
};

/** A fiber that will run `body`, which must not return but switch away. */
Fiber* takeFiber(void (*body)());
void giveFiber(Fiber* fiber);
/** After a kernel was stopped in the middle. */
void giveAllFibers();

/** The one that runs; the host's own while a kernel's scheduler runs. */
Fiber* currentFiber();
Fiber* hostFiber();
void switchFiber(Fiber* from, Fiber* to);

}  // namespace sim
