// Modules, functions and launches.
#include <algorithm>
#include <cstring>
#include <dlfcn.h>
#include <link.h>

#include "call.h"
#include "launch.h"
#include "memory.h"
#include "module.h"

using namespace sim;

#define MODULE(module, handle)                    \
  Module* module = Handles<Module>::get(handle);  \
  NEED(module, INVALID_HANDLE, "a handle that is no module, or of an unloaded one")
#define FUNCTION(function, handle)                      \
  Function* function = Handles<Function>::get(handle);  \
  NEED(function, INVALID_HANDLE, "a handle that is no function, or of an unloaded module")

SIM_API cuModuleLoadData(void** result, const void* image) {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  if (isRefused(Scarce::MODULE)) return OUT_OF_MEMORY;
  std::string problem;
  Status status = INVALID_IMAGE;
  Module* module = loadModule(static_cast<const char*>(image), problem, status);
  NEED(module, status, "cuModuleLoadData: %s", problem.c_str());
  Handles<Module>::live().insert(module);
  *result = module;
  return SUCCESS;
}

SIM_API cuModuleLoadDataEx(void** result, const void* image, unsigned, int*, void**) { return cuModuleLoadData(result, image); }

SIM_API cuModuleUnload(void* handle) {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  MODULE(module, handle);
  runEverything(current);
  Handles<Module>::live().erase(module);
  delete module;
  return SUCCESS;
}

SIM_API cuModuleGetFunction(void** result, void* handle, const char* name) {
  NEED_CONTEXT;
  MODULE(module, handle);
  Function* function = module->function(name);
  if (!function) return NOT_FOUND;  // as of a kernel without extern "C", whose name is mangled
  *result = function;
  return SUCCESS;
}

SIM_API cuModuleGetGlobal_v2(DevicePointer* begin, size_t* size, void* handle, const char* name) {
  NEED_CONTEXT;
  MODULE(module, handle);
  void* address = dlsym(module->library, name);
  if (!address) return NOT_FOUND;
  Dl_info info;
  ElfW(Sym)* symbol = nullptr;
  dladdr1(address, &info, reinterpret_cast<void**>(&symbol), RTLD_DL_SYMENT);
  size_t length = symbol ? symbol->st_size : 0;
  addGlobal(reinterpret_cast<uintptr_t>(address), length);
  if (begin) *begin = reinterpret_cast<uintptr_t>(address);
  if (size) *size = length;
  return SUCCESS;
}

SIM_API cuModuleGetLoadingMode(int* mode) {
  NEED_DRIVER;
  *mode = 1;  // eager
  return SUCCESS;
}

// ---- functions

SIM_API cuFuncGetAttribute(int* value, int which, void* handle) {
  NEED_CONTEXT;
  FUNCTION(function, handle);
  switch (which) {
    case 0: *value = function->kernel->maxThreads ? function->kernel->maxThreads : MAX_THREADS; break;
    case 1: *value = function->staticShared(); break;
    case 4: *value = 32; break;  // registers: made up
    case 5: case 6: *value = static_cast<int>(settings.capability); break;
    case 8: *value = function->maxDynamicShared; break;
    default: *value = 0;
  }
  return SUCCESS;
}

SIM_API cuFuncSetAttribute(void* handle, int which, int value) {
  NEED_CONTEXT;
  FUNCTION(function, handle);
  if (which != 8) return SUCCESS;  // the most dynamic shared memory
  int limit = sharedMemoryLimit() - function->staticShared();
  NEED(value >= 0 && value <= limit, INVALID_VALUE, "%d bytes of dynamic shared memory asked for, this device has %d", value, limit);
  function->maxDynamicShared = value;
  return SUCCESS;
}

SIM_API cuFuncSetCacheConfig(void* handle, int) {
  NEED_CONTEXT;
  FUNCTION(function, handle);
  return function->kernel ? SUCCESS : INVALID_HANDLE;
}

SIM_API cuFuncGetName(const char** name, void* handle) {
  NEED_CONTEXT;
  FUNCTION(function, handle);
  *name = function->kernel->name;
  return SUCCESS;
}

SIM_API cuFuncGetParamInfo(void* handle, size_t index, size_t* offset, size_t* size) {
  NEED_CONTEXT;
  FUNCTION(function, handle);
  if (index >= static_cast<size_t>(function->kernel->parameters)) return INVALID_VALUE;
  if (offset) *offset = parameterOffsets(*function->kernel)[index];
  if (size) *size = function->kernel->sizes[index];
  return SUCCESS;
}

static int blocksPerMultiprocessor(const Function& function, int threads, size_t dynamicShared) {
  size_t shared = function.staticShared() + dynamicShared;
  int byThreads = 2048 / std::max(32, (threads + 31) / 32 * 32);
  int byShared = shared ? static_cast<int>(sharedMemoryLimit() / shared) : 32;
  return std::min({32, byThreads, byShared});
}

SIM_API cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* handle, int threads, size_t dynamicShared) {
  NEED_CONTEXT;
  FUNCTION(function, handle);
  NEED(threads > 0, INVALID_VALUE, "the occupancy of %d threads", threads);
  *blocks = blocksPerMultiprocessor(*function, threads, dynamicShared);
  return SUCCESS;
}

SIM_API cuOccupancyMaxPotentialBlockSize(int* grid, int* threads, void* handle, void*, size_t dynamicShared, int limit) {
  NEED_CONTEXT;
  FUNCTION(function, handle);
  int most = function->kernel->maxThreads ? function->kernel->maxThreads : 256;
  *threads = limit > 0 ? std::min(limit, most) : most;
  *grid = static_cast<int>(settings.multiprocessors) * blocksPerMultiprocessor(*function, *threads, dynamicShared);
  return SUCCESS;
}

// ---- launches

static Status launchKernel(void* function, Dim3 grid, Dim3 block, unsigned dynamicShared, void* handle, void** arguments, void** extra) {
  Stream* stream = streamOf(handle);
  if (!stream) return INVALID_HANDLE;
  if (isRefused(Scarce::LAUNCH)) return OUT_OF_MEMORY;
  Status status = SUCCESS;
  auto launch = makeLaunch(function, grid, block, dynamicShared, arguments, extra, status);
  return launch ? enqueue(stream, kernelTask(launch)) : status;
}

SIM_API cuLaunchKernel(void* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ,
                       unsigned dynamicShared, void* stream, void** arguments, void** extra) {
  NEED_CONTEXT;
  return launchKernel(function, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, dynamicShared, stream, arguments, extra);
}

SIM_API cuLaunchKernelEx(const LaunchConfig* c, void* function, void** arguments, void** extra) {
  NEED_CONTEXT;
  return launchKernel(function, {c->gridX, c->gridY, c->gridZ}, {c->blockX, c->blockY, c->blockZ}, c->sharedBytes, c->stream, arguments, extra);
}
