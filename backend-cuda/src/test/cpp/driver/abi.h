// Types of the CUDA driver API as this simulator sees them: plain data, laid out as the real headers do on 64-bit Linux.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sim {

using DevicePointer = unsigned long long;

enum Status : int {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  DEINITIALIZED = 4,
  DEVICE_UNAVAILABLE = 46,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  NO_BINARY_FOR_GPU = 209,
  UNSUPPORTED_PTX_VERSION = 222,
  INVALID_SOURCE = 300,
  INVALID_HANDLE = 400,
  ILLEGAL_STATE = 401,
  NOT_FOUND = 500,
  NOT_READY = 600,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_OUT_OF_RESOURCES = 701,
  CONTEXT_IS_DESTROYED = 709,
  DEVICE_ASSERT = 710,
  MISALIGNED_ADDRESS = 716,
  LAUNCH_FAILED = 719,
  NOT_PERMITTED = 800,
  NOT_SUPPORTED = 801,
  SYSTEM_DRIVER_MISMATCH = 803,
  CAPTURE_UNSUPPORTED = 900,
  CAPTURE_INVALIDATED = 901,
  CAPTURE_MERGE = 902,
  CAPTURE_UNMATCHED = 903,
  CAPTURE_UNJOINED = 904,
  CAPTURE_ISOLATION = 905,
  CAPTURE_IMPLICIT = 906,
  CAPTURED_EVENT = 907,
  CAPTURE_WRONG_THREAD = 908,
  GRAPH_EXEC_UPDATE_FAILURE = 910,
  UNKNOWN = 999,
};

enum NodeType : int {
  NODE_KERNEL = 0,
  NODE_MEMCPY = 1,
  NODE_MEMSET = 2,
  NODE_HOST = 3,
  NODE_CHILD_GRAPH = 4,
  NODE_EMPTY = 5,
  NODE_WAIT_EVENT = 6,
  NODE_RECORD_EVENT = 7,
  NODE_CONDITIONAL = 13,
};

enum CaptureMode : int { CAPTURE_GLOBAL = 0, CAPTURE_THREAD_LOCAL = 1, CAPTURE_RELAXED = 2 };

enum MemoryKind : int { MEMORY_HOST = 1, MEMORY_DEVICE = 2, MEMORY_UNIFIED = 4 };

enum ConditionalKind : int { CONDITIONAL_IF = 0, CONDITIONAL_WHILE = 1, CONDITIONAL_SWITCH = 2 };

struct KernelNodeParams {
  void* function;
  unsigned gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes;
  void** arguments;
  void** extra;
  void* kernel;
  void* context;
};

struct MemsetNodeParams {
  DevicePointer destination;
  size_t pitch;
  unsigned value, elementSize;
  size_t width, height;
};

struct CopySide {
  size_t x, y, z, level;
  int kind;
  const void* host;
  DevicePointer device;
  void* array;
  void* reserved;
  size_t pitch, height;
};

struct Copy3d {
  CopySide source, destination;
  size_t widthInBytes, height, depth;
};

struct HostNodeParams {
  void (*function)(void*);
  void* data;
};

struct ConditionalNodeParams {
  unsigned long long handle;
  int kind;
  unsigned size;
  void** bodies;  // written by the driver
  void* context;
};

struct MemcpyNodeParams {
  int flags, reserved;
  void* context;
  Copy3d copy;
};

struct NodeParams {
  int type;
  int reserved0[3];
  union {
    long long padding[29];
    KernelNodeParams kernel;
    MemcpyNodeParams memcpy;
    MemsetNodeParams memset;
    HostNodeParams host;
    void* childGraph;
    void* event;
    ConditionalNodeParams conditional;
  };
  long long reserved2;
};

struct UpdateResult {
  int result;
  void* errorNode;
  void* errorFromNode;
};

struct LaunchConfig {
  unsigned gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes;
  void* stream;
  void* attributes;
  unsigned attributeCount;
};

}  // namespace sim

#define SIM_API extern "C" __attribute__((visibility("default"))) sim::Status
#define SIM_EXPORT __attribute__((visibility("default")))
