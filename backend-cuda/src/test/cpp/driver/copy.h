// Copies and fills as tasks, of streams and of graph nodes.
#pragma once
#include <string>

#include "stream.h"

namespace sim {

struct Copy {
  void* destination;
  const void* source;
  size_t size;
  bool toDevice, fromDevice;
  const char* name;
};

struct Fill {
  void* begin;
  unsigned value;
  unsigned elementSize;
  size_t count;
  const char* name;
};

/** What is wrong with the addresses now; empty if nothing. */
std::string copyProblem(const Copy& copy);
std::string fillProblem(const Fill& fill);

Task copyTask(const Copy& copy);
/** From pageable host memory: the driver takes the bytes at the call. */
Task stagedCopyTask(const Copy& copy);
Task fillTask(const Fill& fill);

}  // namespace sim
