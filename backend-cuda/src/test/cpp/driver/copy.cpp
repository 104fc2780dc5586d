#include "copy.h"

#include <cstring>

#include "checker.h"
#include "memory.h"
#include "report.h"

namespace sim {

static std::string sideProblem(const char* name, const char* side, const void* address, size_t size, bool device) {
  if (device) {
    std::string error = rangeError(address, size);
    return error.empty() ? "" : text("%s: %s %s", name, side, error.c_str());
  }
  if (!address) return text("%s: %s is null", name, side);
  return isDeviceAddress(address) ? text("%s: the host's %s is device memory, %s", name, side, describe(reinterpret_cast<uintptr_t>(address)).c_str()) : "";
}

std::string copyProblem(const Copy& copy) {
  if (!copy.size) return "";
  std::string problem = sideProblem(copy.name, "destination", copy.destination, copy.size, copy.toDevice);
  return problem.empty() ? sideProblem(copy.name, "source", copy.source, copy.size, copy.fromDevice) : problem;
}

std::string fillProblem(const Fill& fill) {
  if (reinterpret_cast<uintptr_t>(fill.begin) % fill.elementSize) return text("%s: misaligned destination", fill.name);
  return fill.count ? sideProblem(fill.name, "destination", fill.begin, fill.count * fill.elementSize, true) : "";
}

static void runCopy(const Copy& copy) {
  std::string problem = copyProblem(copy);  // again: the memory may have been freed since the call
  if (!problem.empty()) return fail(ILLEGAL_ADDRESS, problem);
  std::memmove(copy.destination, copy.source, copy.size);
  if (copy.toDevice && copy.fromDevice) {
    copyInitialised(copy.destination, copy.source, copy.size);
  } else if (copy.toDevice) {
    markInitialised(copy.destination, copy.size);
  }
}

Task copyTask(const Copy& copy) { return {NODE_MEMCPY, copy.name, [copy] { runCopy(copy); }, nullptr}; }

Task stagedCopyTask(const Copy& copy) {
  const char* bytes = static_cast<const char*>(copy.source);
  auto staged = std::make_shared<std::vector<char>>(bytes, bytes + copy.size);
  auto run = [copy, staged] {
    Copy from = copy;
    from.source = staged->data();
    runCopy(from);
  };
  return {NODE_MEMCPY, copy.name, run, nullptr};
}

template <class T>
static void fillWith(const Fill& fill) {
  T* begin = static_cast<T*>(fill.begin);
  for (size_t i = 0; i < fill.count; i++) begin[i] = static_cast<T>(fill.value);
}

static void runFill(const Fill& fill) {
  std::string problem = fillProblem(fill);
  if (!problem.empty()) return fail(ILLEGAL_ADDRESS, problem);
  if (fill.elementSize == 1) fillWith<uint8_t>(fill);
  if (fill.elementSize == 2) fillWith<uint16_t>(fill);
  if (fill.elementSize == 4) fillWith<uint32_t>(fill);
  markInitialised(fill.begin, fill.count * fill.elementSize);
}

Task fillTask(const Fill& fill) { return {NODE_MEMSET, fill.name, [fill] { runFill(fill); }, nullptr}; }

}  // namespace sim
