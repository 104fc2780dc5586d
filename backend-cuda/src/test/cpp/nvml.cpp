// The simulated NVML: utilisation is the share of the time since the last question that work ran.
#include <algorithm>
#include <cstdio>

#include "driver/memory.h"
#include "driver/settings.h"
#include "driver/stream.h"

namespace {

enum Result : int { SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6 };

int users = 0;
struct Device {
  int number;
  uint64_t wall, busy;  // at the last question
} devices[4] = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {3, 0, 0}};

struct Utilisation {
  unsigned gpu, memory;
};

struct Memory {
  unsigned long long total, free, used;
};

}  // namespace

#define API extern "C" __attribute__((visibility("default"))) Result
#define STARTED \
  if (!users) return UNINITIALIZED

API nvmlInit_v2() {
  if (users++ == 0) {
    for (Device& device : devices) device = {device.number, sim::nowNanos(), sim::busyNanos(device.number)};
  }
  return SUCCESS;
}

API nvmlInitWithFlags(unsigned) { return nvmlInit_v2(); }

API nvmlShutdown() {
  STARTED;
  users--;
  return SUCCESS;
}

extern "C" __attribute__((visibility("default"))) const char* nvmlErrorString(Result result) {
  switch (result) {
    case SUCCESS: return "Success";
    case UNINITIALIZED: return "Uninitialized";
    case INVALID_ARGUMENT: return "Invalid Argument";
    case NOT_SUPPORTED: return "Not Supported";
    case NOT_FOUND: return "Not Found";
  }
  return "Unknown Error";
}

API nvmlSystemGetDriverVersion(char* version, unsigned size) {
  STARTED;
  std::snprintf(version, size, "simulated");
  return SUCCESS;
}

API nvmlSystemGetCudaDriverVersion_v2(int* version) {
  STARTED;
  *version = static_cast<int>(sim::settings.driverVersion);
  return SUCCESS;
}

API nvmlDeviceGetCount_v2(unsigned* count) {
  STARTED;
  *count = static_cast<unsigned>(sim::settings.devices);
  return SUCCESS;
}

API nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  STARTED;
  if (index >= static_cast<unsigned>(sim::settings.devices)) return INVALID_ARGUMENT;
  *device = &devices[index];
  return SUCCESS;
}

/** "0000:01:00.0" is device 1. */
API nvmlDeviceGetHandleByPciBusId_v2(const char* id, void** device) {
  unsigned domain, bus;
  if (std::sscanf(id, "%x:%x", &domain, &bus) != 2) return INVALID_ARGUMENT;
  return nvmlDeviceGetHandleByIndex_v2(bus, device);
}

API nvmlDeviceGetName(void*, char* name, unsigned size) {
  STARTED;
  std::snprintf(name, size, "Simulated CUDA device");
  return SUCCESS;
}

API nvmlDeviceGetUtilizationRates(void* handle, Utilisation* utilisation) {
  STARTED;
  Device& device = *static_cast<Device*>(handle);
  uint64_t wall = sim::nowNanos(), busy = sim::busyNanos(device.number);
  uint64_t share = wall > device.wall ? 100 * (busy - device.busy) / (wall - device.wall) : 0;
  device = {device.number, wall, busy};
  utilisation->gpu = static_cast<unsigned>(std::min<uint64_t>(share, 100));
  utilisation->memory = 0;
  return SUCCESS;
}

API nvmlDeviceGetMemoryInfo(void* handle, Memory* memory) {
  STARTED;
  memory->total = sim::totalMemory();
  memory->used = sim::usedMemory(static_cast<Device*>(handle)->number);
  memory->free = memory->total - memory->used;
  return SUCCESS;
}
