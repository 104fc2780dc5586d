// cuInit, devices and contexts.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "call.h"
#include "launch.h"
#include "memory.h"

namespace sim {

bool initialised = false;
bool inHostFunction = false;

static int attribute(int which) {
  switch (which) {
    case 1: case 2: case 3: return 1024;         // threads of a block, in x, in y
    case 4: return 64;                           // in z
    case 5: return 2147483647;                   // blocks of a grid in x
    case 6: case 7: return 65535;                // in y, in z
    case 8: return 48 << 10;                     // shared memory of a block
    case 9: return 64 << 10;                     // constant memory
    case 10: return 32;                          // warp
    case 12: case 82: return 65536;              // registers of a block, of a multiprocessor
    case 13: return 1500000;                     // kHz
    case 16: return static_cast<int>(settings.multiprocessors);
    case 19: case 31: case 41: case 95: case 115: return 1;  // mapped host memory, concurrent kernels, one address space, cooperative launch, pools
    case 20: return static_cast<int>(settings.computeMode);
    case 36: return 2000000;                     // memory kHz
    case 37: return 512;                         // bus bits
    case 38: return 4 << 20;                     // L2
    case 39: return settings.capability == 75 ? 1024 : settings.capability == 86 || settings.capability == 89 || settings.capability >= 120 ? 1536 : 2048;
    case 40: return 2;                           // copy engines
    case 75: return static_cast<int>(settings.capability / 10);
    case 76: return static_cast<int>(settings.capability % 10);
    case 81: return sharedMemoryLimit() + 1024;  // of a multiprocessor
    case 97: return sharedMemoryLimit();
    case 106: return settings.capability == 75 ? 16 : 32;  // blocks of a multiprocessor
    case 111: return settings.capability == 75 ? 0 : 1024;
    default: return 0;
  }
}

static bool isDevice(int device) { return device >= 0 && device < std::min(settings.devices, 4l); }

}  // namespace sim

using namespace sim;

SIM_API cuInit(unsigned flags) {
  std::lock_guard<std::recursive_mutex> guard(lock());
  if (settings.initStatus) return static_cast<Status>(settings.initStatus);
  if (settings.devices == 0) return NO_DEVICE;
  if (!initialised) {
    seedRandom(settings.seed);
    installFaultHandler();
    initialised = true;
  }
  return flags ? INVALID_VALUE : SUCCESS;
}

SIM_API cuDriverGetVersion(int* version) {
  *version = static_cast<int>(settings.driverVersion);
  return SUCCESS;
}

SIM_API cuDeviceGetCount(int* count) {
  NEED_DRIVER;
  *count = static_cast<int>(settings.devices);
  return SUCCESS;
}

SIM_API cuDeviceGet(int* device, int ordinal) {
  NEED_DRIVER;
  if (!isDevice(ordinal)) return INVALID_DEVICE;
  *device = ordinal;
  return SUCCESS;
}

SIM_API cuDeviceGetName(char* name, int size, int device) {
  NEED_DRIVER;
  if (!isDevice(device)) return INVALID_DEVICE;
  std::snprintf(name, size, "Simulated CUDA device");
  return SUCCESS;
}

SIM_API cuDeviceTotalMem_v2(size_t* size, int device) {
  NEED_DRIVER;
  if (!isDevice(device)) return INVALID_DEVICE;
  *size = totalMemory();
  return SUCCESS;
}

SIM_API cuDeviceGetUuid_v2(char* uuid, int device) {
  NEED_DRIVER;
  if (!isDevice(device)) return INVALID_DEVICE;
  std::memcpy(uuid, "SIMULATED CUDA 0", 16);
  uuid[15] = static_cast<char>('0' + device);
  return SUCCESS;
}

SIM_API cuDeviceGetUuid(char* uuid, int device) { return cuDeviceGetUuid_v2(uuid, device); }

SIM_API cuDeviceGetPCIBusId(char* id, int size, int device) {
  NEED_DRIVER;
  if (!isDevice(device)) return INVALID_DEVICE;
  std::snprintf(id, size, "0000:%02x:00.0", device);
  return SUCCESS;
}

SIM_API cuDeviceComputeCapability(int* major, int* minor, int device) {
  NEED_DRIVER;
  if (!isDevice(device)) return INVALID_DEVICE;
  *major = attribute(75);
  *minor = attribute(76);
  return SUCCESS;
}

SIM_API cuDeviceGetAttribute(int* value, int which, int device) {
  NEED_DRIVER;
  if (!isDevice(device)) return INVALID_DEVICE;
  *value = attribute(which);
  return SUCCESS;
}

// ---- primary contexts

SIM_API cuDevicePrimaryCtxRetain(void** context, int device) {
  NEED_DRIVER;
  if (!isDevice(device)) return INVALID_DEVICE;
  if (settings.computeMode != 0) return settings.computeMode == 2 ? UNKNOWN : DEVICE_UNAVAILABLE;  // as cuda.h says of PROHIBITED
  contextOf(device)->retained++;
  *context = contextOf(device);
  return SUCCESS;
}

static void destroy(Context* context) {
  if (!context->failure) runEverything(context);
  checkPadding(true);
  for (Stream* stream : context->streams) stream->queue.clear();
  releaseAll(context->device);
}

SIM_API cuDevicePrimaryCtxRelease_v2(int device) {
  NEED_DRIVER;
  if (!isDevice(device)) return INVALID_DEVICE;
  Context* context = contextOf(device);
  NEED(context->retained > 0, INVALID_CONTEXT, "a primary context released more often than retained");
  if (--context->retained == 0) destroy(context);
  return SUCCESS;
}

/** The fault of a dead context stays: a real process has to end. */
SIM_API cuDevicePrimaryCtxReset_v2(int device) {
  NEED_DRIVER;
  if (!isDevice(device)) return INVALID_DEVICE;
  destroy(contextOf(device));
  return SUCCESS;
}

SIM_API cuDevicePrimaryCtxGetState(int device, unsigned* flags, int* active) {
  NEED_DRIVER;
  if (!isDevice(device)) return INVALID_DEVICE;
  *flags = 0;
  *active = contextOf(device)->retained > 0;
  return SUCCESS;
}

SIM_API cuDevicePrimaryCtxSetFlags_v2(int device, unsigned) {
  NEED_DRIVER;
  return isDevice(device) ? SUCCESS : INVALID_DEVICE;
}

static bool isContext(void* context) {
  for (int device = 0; device < settings.devices; device++) {
    if (context == contextOf(device)) return true;
  }
  return false;
}

SIM_API cuCtxSetCurrent(void* context) {
  NEED_DRIVER;
  NEED(!context || isContext(context), INVALID_CONTEXT, "cuCtxSetCurrent with something that is no context");
  current = static_cast<Context*>(context);
  return SUCCESS;
}

SIM_API cuCtxGetCurrent(void** context) {
  NEED_DRIVER;
  *context = current;
  return SUCCESS;
}

static thread_local std::vector<Context*> stack;

SIM_API cuCtxPushCurrent_v2(void* context) {
  NEED_DRIVER;
  NEED(isContext(context), INVALID_CONTEXT, "cuCtxPushCurrent with something that is no context");
  stack.push_back(current);
  current = static_cast<Context*>(context);
  return SUCCESS;
}

SIM_API cuCtxPopCurrent_v2(void** context) {
  NEED_DRIVER;
  NEED(!stack.empty(), INVALID_CONTEXT, "cuCtxPopCurrent without a push");
  if (context) *context = current;
  current = stack.back();
  stack.pop_back();
  return SUCCESS;
}

SIM_API cuCtxGetDevice(int* device) {
  NEED_DRIVER;
  if (!current) return INVALID_CONTEXT;
  *device = current->device;
  return SUCCESS;
}

SIM_API cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  NEED_CONTEXT;
  *least = 0;
  *greatest = -5;
  return SUCCESS;
}

SIM_API cuCtxSetLimit(int, size_t) {
  NEED_CONTEXT;
  return SUCCESS;
}

SIM_API cuCtxSynchronize() {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  runEverything(current);
  checkPadding(true);
  return current->failure;
}

// ---- errors in words

SIM_API cuGetErrorName(int status, const char** name) {
  const StatusText* found = statusText(status);
  *name = found ? found->name : nullptr;
  return found ? SUCCESS : INVALID_VALUE;
}

/** With what the simulator knows about the fault. */
SIM_API cuGetErrorString(int status, const char** meaning) {
  const StatusText* found = statusText(status);
  static thread_local std::string answer;
  answer = found ? found->meaning : "";
  if (current && status && current->failure == status) answer += " [" + current->detail + "]";
  *meaning = found ? answer.c_str() : nullptr;
  return found ? SUCCESS : INVALID_VALUE;
}
