// Allocation, copies and fills.
#include <cstring>

#include "call.h"
#include "checker.h"
#include "copy.h"
#include "graph.h"
#include "memory.h"

using namespace sim;

// ---- device memory

static Status allocateDevice(DevicePointer* pointer, size_t size) {
  NEED(size > 0, INVALID_VALUE, "an allocation of 0 bytes");
  if (settings.failAllocation > 0 && --settings.failAllocation == 0) return OUT_OF_MEMORY;
  Allocation* allocation = allocate(current->device, size);
  if (!allocation) return OUT_OF_MEMORY;
  *pointer = allocation->begin;
  return SUCCESS;
}

SIM_API cuMemAlloc_v2(DevicePointer* pointer, size_t size) {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  return allocateDevice(pointer, size);
}

/** Waits for all work of the device, as the real one does. */
SIM_API cuMemFree_v2(DevicePointer pointer) {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  if (!pointer) return SUCCESS;
  Allocation* allocation = allocationOf(pointer);
  NEED(allocation, INVALID_VALUE, "cuMemFree of %s", describe(pointer).c_str());
  NEED(allocation->device == current->device, INVALID_VALUE, "cuMemFree of memory of another device");
  runEverything(current);
  checkPadding(false);
  release(allocation);
  return current->failure;
}

SIM_API cuMemAllocAsync(DevicePointer* pointer, size_t size, void* handle) {
  NEED_CONTEXT;
  Stream* stream = streamOf(handle);
  if (!stream) return INVALID_HANDLE;
  NEED(!stream->capture, CAPTURE_UNSUPPORTED, "cuMemAllocAsync in a capture is not simulated: allocate before it");
  return allocateDevice(pointer, size);  // usable at once here; on a device, only in the order of the stream
}

SIM_API cuMemAllocFromPoolAsync(DevicePointer* pointer, size_t size, void*, void* stream) { return cuMemAllocAsync(pointer, size, stream); }

SIM_API cuMemFreeAsync(DevicePointer pointer, void* handle) {
  NEED_CONTEXT;
  Stream* stream = streamOf(handle);
  if (!stream) return INVALID_HANDLE;
  NEED(!stream->capture, CAPTURE_UNSUPPORTED, "cuMemFreeAsync in a capture is not simulated: free after it");
  if (!pointer) return SUCCESS;
  Allocation* allocation = allocationOf(pointer);
  NEED(allocation, INVALID_VALUE, "cuMemFreeAsync of %s", describe(pointer).c_str());
  allocation->returned = true;
  return enqueue(stream, {NODE_EMPTY, "free", [pointer] { release(allocationAt(pointer)); }, nullptr});
}

SIM_API cuMemGetInfo_v2(size_t* free, size_t* total) {
  NEED_CONTEXT;
  *total = totalMemory();
  *free = *total - usedMemory(current->device);
  return SUCCESS;
}

SIM_API cuMemGetAddressRange_v2(DevicePointer* begin, size_t* size, DevicePointer pointer) {
  NEED_CONTEXT;
  Allocation* allocation = allocationAt(pointer);
  if (!allocation || allocation->released) return NOT_FOUND;
  if (begin) *begin = allocation->begin;
  if (size) *size = allocation->size;
  return SUCCESS;
}

// Pools: one per device, which keeps nothing.

SIM_API cuDeviceGetDefaultMemPool(void** pool, int device) {
  NEED_DRIVER;
  static char pools[4];
  *pool = &pools[device & 3];
  return SUCCESS;
}

SIM_API cuDeviceGetMemPool(void** pool, int device) { return cuDeviceGetDefaultMemPool(pool, device); }

SIM_API cuMemPoolSetAttribute(void*, int, void*) {
  NEED_DRIVER;
  return SUCCESS;
}

SIM_API cuMemPoolTrimTo(void*, size_t) {
  NEED_CONTEXT;
  return SUCCESS;
}

// ---- pinned host memory

SIM_API cuMemHostAlloc(void** pointer, size_t size, unsigned) {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  NEED(size > 0, INVALID_VALUE, "an allocation of 0 bytes");
  *pointer = allocatePinned(size);
  return *pointer ? SUCCESS : OUT_OF_MEMORY;
}

SIM_API cuMemAllocHost_v2(void** pointer, size_t size) { return cuMemHostAlloc(pointer, size, 0); }

SIM_API cuMemFreeHost(void* pointer) {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  runEverything(current);
  NEED(freePinned(pointer), INVALID_VALUE, "cuMemFreeHost of %p, which is not pinned memory", pointer);
  return current->failure;
}

SIM_API cuMemHostRegister_v2(void* pointer, size_t size, unsigned) {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  registerPinned(pointer, size);
  return SUCCESS;
}

SIM_API cuMemHostUnregister(void* pointer) {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  runEverything(current);
  NEED(unregisterPinned(pointer), INVALID_VALUE, "cuMemHostUnregister of %p, which is not registered", pointer);
  return SUCCESS;
}

// ---- copies

static void* at(DevicePointer pointer) { return reinterpret_cast<void*>(static_cast<uintptr_t>(pointer)); }

/** Copies with the host: what is waited for at the call depends on whether the host memory is pinned. */
static Status copy(const Copy& copy, void* handle, bool synchronous) {
  Stream* stream = streamOf(handle);
  if (!stream) return INVALID_HANDLE;
  std::string problem = copyProblem(copy);
  NEED(problem.empty(), INVALID_VALUE, "%s", problem.c_str());
  if (!copy.size) return SUCCESS;
  bool capturing = stream->capture != nullptr;
  bool pageable = (!copy.fromDevice && !isPinned(copy.source)) || (!copy.toDevice && !isPinned(copy.destination));
  if (capturing && pageable) {
    stream->capture->invalid = true;
    return misuse(CAPTURE_UNSUPPORTED, "a copy with pageable host memory cannot be captured");
  }
  if (!synchronous && !capturing && pageable && copy.toDevice) return enqueue(stream, stagedCopyTask(copy));
  bool unfinished = !synchronous && !capturing && !pageable && !copy.toDevice;
  if (unfinished && settings.poison && settings.asyncOf() != Async::EAGER) std::memset(copy.destination, 0xFE, copy.size);
  Status status = enqueue(stream, copyTask(copy));
  if (status || !(synchronous || (pageable && !capturing))) return status;
  runStream(stream);
  return current->failure;
}

SIM_API cuMemcpyHtoD_v2(DevicePointer destination, const void* source, size_t size) {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  return copy({at(destination), source, size, true, false, "cuMemcpyHtoD"}, nullptr, true);
}

SIM_API cuMemcpyDtoH_v2(void* destination, DevicePointer source, size_t size) {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  return copy({destination, at(source), size, false, true, "cuMemcpyDtoH"}, nullptr, true);
}

SIM_API cuMemcpyDtoD_v2(DevicePointer destination, DevicePointer source, size_t size) {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  return copy({at(destination), at(source), size, true, true, "cuMemcpyDtoD"}, nullptr, false);
}

SIM_API cuMemcpy(DevicePointer destination, DevicePointer source, size_t size) {
  NEED_CONTEXT_OUTSIDE_CAPTURE;
  return copy({at(destination), at(source), size, isDeviceAddress(at(destination)), isDeviceAddress(at(source)), "cuMemcpy"}, nullptr, true);
}

SIM_API cuMemcpyHtoDAsync_v2(DevicePointer destination, const void* source, size_t size, void* stream) {
  NEED_CONTEXT;
  return copy({at(destination), source, size, true, false, "cuMemcpyHtoDAsync"}, stream, false);
}

SIM_API cuMemcpyDtoHAsync_v2(void* destination, DevicePointer source, size_t size, void* stream) {
  NEED_CONTEXT;
  return copy({destination, at(source), size, false, true, "cuMemcpyDtoHAsync"}, stream, false);
}

SIM_API cuMemcpyDtoDAsync_v2(DevicePointer destination, DevicePointer source, size_t size, void* stream) {
  NEED_CONTEXT;
  return copy({at(destination), at(source), size, true, true, "cuMemcpyDtoDAsync"}, stream, false);
}

SIM_API cuMemcpyAsync(DevicePointer destination, DevicePointer source, size_t size, void* stream) {
  NEED_CONTEXT;
  return copy({at(destination), at(source), size, isDeviceAddress(at(destination)), isDeviceAddress(at(source)), "cuMemcpyAsync"}, stream, false);
}

// ---- fills

static Status fill(const Fill& fill, void* handle) {
  Stream* stream = streamOf(handle);
  if (!stream) return INVALID_HANDLE;
  std::string problem = fillProblem(fill);
  NEED(problem.empty(), INVALID_VALUE, "%s", problem.c_str());
  return fill.count ? enqueue(stream, fillTask(fill)) : SUCCESS;
}

#define FILL(name, type)                                                              \
  SIM_API name##_v2(DevicePointer pointer, type value, size_t count) {                \
    NEED_CONTEXT_OUTSIDE_CAPTURE;                                                     \
    return fill({at(pointer), value, sizeof(type), count, #name}, nullptr);           \
  }                                                                                   \
  SIM_API name##Async(DevicePointer pointer, type value, size_t count, void* stream) {\
    NEED_CONTEXT;                                                                     \
    return fill({at(pointer), value, sizeof(type), count, #name "Async"}, stream);    \
  }
FILL(cuMemsetD8, unsigned char)
FILL(cuMemsetD16, unsigned short)
FILL(cuMemsetD32, unsigned)

SIM_API cuPointerGetAttribute(void* value, int which, DevicePointer pointer) {
  NEED_CONTEXT;
  if (which != 2) return NOT_SUPPORTED;  // CU_POINTER_ATTRIBUTE_MEMORY_TYPE
  bool device = isDeviceAddress(at(pointer));
  if (!device && !isPinned(at(pointer))) return INVALID_VALUE;
  *static_cast<unsigned*>(value) = device ? MEMORY_DEVICE : MEMORY_HOST;
  return SUCCESS;
}
