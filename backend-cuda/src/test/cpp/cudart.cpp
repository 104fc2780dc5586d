// As much of the runtime library as its bindings ask for while they load: the backend calls the driver only.
#include "driver/report.h"

#define API extern "C" __attribute__((visibility("default")))

API const char* cudaGetErrorName(int status) { return status ? "cudaErrorUnknown" : "cudaSuccess"; }
API const char* cudaGetErrorString(int status) { return status ? "an error of the simulated runtime" : "no error"; }
API int cudaGetLastError() { return 0; }
API int cudaRuntimeGetVersion(int* version) {
  *version = 13010;
  return 0;
}
