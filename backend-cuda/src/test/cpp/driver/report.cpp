#include "report.h"

#include <cstdarg>
#include <cstdio>

#include "settings.h"

namespace sim {

std::recursive_mutex& lock() {
  static std::recursive_mutex mutex;
  return mutex;
}

static const StatusText TEXTS[] = {
    {SUCCESS, "CUDA_SUCCESS", "no error"},
    {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "cuInit was not called"},
    {DEINITIALIZED, "CUDA_ERROR_DEINITIALIZED", "driver shutting down"},
    {DEVICE_UNAVAILABLE, "CUDA_ERROR_DEVICE_UNAVAILABLE", "device busy or unavailable"},
    {NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device"},
    {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "invalid kernel image"},
    {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {NO_BINARY_FOR_GPU, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image for this device"},
    {UNSUPPORTED_PTX_VERSION, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the PTX is too new for this driver"},
    {INVALID_SOURCE, "CUDA_ERROR_INVALID_SOURCE", "invalid kernel source"},
    {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid handle"},
    {ILLEGAL_STATE, "CUDA_ERROR_ILLEGAL_STATE", "not possible in this state"},
    {NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {NOT_READY, "CUDA_ERROR_NOT_READY", "not ready"},
    {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "illegal memory access"},
    {LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {CONTEXT_IS_DESTROYED, "CUDA_ERROR_CONTEXT_IS_DESTROYED", "the context was destroyed"},
    {DEVICE_ASSERT, "CUDA_ERROR_ASSERT", "device-side assertion failed"},
    {MISALIGNED_ADDRESS, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "launch failed"},
    {NOT_PERMITTED, "CUDA_ERROR_NOT_PERMITTED", "operation not permitted"},
    {NOT_SUPPORTED, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {SYSTEM_DRIVER_MISMATCH, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "kernel and user parts of the driver differ"},
    {CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "not permitted during stream capture"},
    {CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "an earlier error has spoilt the capture"},
    {CAPTURE_MERGE, "CUDA_ERROR_STREAM_CAPTURE_MERGE", "two captures would become one"},
    {CAPTURE_UNMATCHED, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "the capture did not begin in this stream"},
    {CAPTURE_UNJOINED, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "a forked stream was not joined"},
    {CAPTURE_ISOLATION, "CUDA_ERROR_STREAM_CAPTURE_ISOLATION", "dependency on work outside the capture"},
    {CAPTURE_IMPLICIT, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT", "the legacy stream would join a capture"},
    {CAPTURED_EVENT, "CUDA_ERROR_CAPTURED_EVENT", "the event was recorded in a capture"},
    {CAPTURE_WRONG_THREAD, "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD", "the capture began in another thread"},
    {GRAPH_EXEC_UPDATE_FAILURE, "CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE", "the graph does not fit the executable"},
    {UNKNOWN, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

const StatusText* statusText(int status) {
  for (const StatusText& each : TEXTS) {
    if (each.status == status) return &each;
  }
  return nullptr;
}

static std::vector<std::string>& reports() {
  static std::vector<std::string> all;
  return all;
}

Status misuse(Status status, const std::string& message) {
  std::lock_guard<std::recursive_mutex> guard(lock());
  std::fprintf(stderr, "cuda simulator: %s\n", message.c_str());
  if (reports().size() < 1000) reports().push_back(message);
  return status;
}

std::string takeReports() {
  std::string all;
  for (const std::string& each : reports()) all += (all.empty() ? "" : "\n") + each;
  reports().clear();
  return all;
}

size_t reportCount() { return reports().size(); }

static std::string format(const char* format, va_list arguments) {
  char buffer[1000];
  std::vsnprintf(buffer, sizeof buffer, format, arguments);
  return buffer;
}

void log(const char* pattern, ...) {
  if (!settings.log) return;
  va_list arguments;
  va_start(arguments, pattern);
  std::fprintf(stderr, "cuda simulator: %s\n", format(pattern, arguments).c_str());
  va_end(arguments);
}

std::string text(const char* pattern, ...) {
  va_list arguments;
  va_start(arguments, pattern);
  std::string result = format(pattern, arguments);
  va_end(arguments);
  return result;
}

int notSimulated(const char* name, int status) {
  misuse(NOT_SUPPORTED, text("%s is not simulated", name));
  return status;
}

}  // namespace sim
