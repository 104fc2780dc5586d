// The simulated cuBLAS: the matrix products a backend needs, asynchronous and capturable like kernels.
#include <algorithm>
#include <set>
#include <string>

#include "../driver/checker.h"
#include "../driver/memory.h"
#include "../driver/report.h"
#include "../driver/settings.h"
#include "../driver/stream.h"
#include "gemm.h"

namespace {

enum Result : int { SUCCESS = 0, NOT_INITIALIZED = 1, ALLOC_FAILED = 3, INVALID = 7, ARCH_MISMATCH = 8, MAPPING_ERROR = 11, EXECUTION_FAILED = 13, INTERNAL_ERROR = 14, NOT_SUPPORTED = 15 };
enum Compute : int { COMPUTE_16F = 64, COMPUTE_32F = 68, COMPUTE_32F_PEDANTIC = 69, COMPUTE_64F = 70, COMPUTE_64F_PEDANTIC = 71, COMPUTE_32F_FAST_TF32 = 77 };
enum PointerMode : int { HOST = 0, DEVICE = 1 };
const int TF32_MATH = 3;

struct Handle {
  void* stream = nullptr;
  int pointerMode = HOST;
  int mathMode = 0;
  void* workspace = nullptr;  // the caller's; without one the library allocates its own, in a capture by a node of the graph
  size_t workspaceSize = 0;
};

std::set<void*>& handles() {
  static std::set<void*> all;
  return all;
}

Result invalid(const char* function, const std::string& what) {
  sim::misuse(sim::INVALID_VALUE, std::string(function) + ": " + what);
  return INVALID;
}

Result fromDriver(sim::Status status) {
  return status == sim::SUCCESS ? SUCCESS : status == sim::INVALID_HANDLE ? MAPPING_ERROR : EXECUTION_FAILED;
}

// ---- scalars: of the host they are read at the call, of the device when the work runs

struct Scalar {
  double value = 0;
  const void* device = nullptr;
  int type = blas::F32;
  double get() const { return device ? blas::load(device, type, 0) : value; }
};

/** Empty, or what is wrong with the pointer. */
std::string readScalar(const Handle& handle, const void* pointer, int type, Scalar& scalar) {
  scalar.type = type;
  if (handle.pointerMode == HOST) {
    if (!pointer || sim::isDeviceAddress(pointer)) return "a scalar is a device pointer in host pointer mode";
    scalar.value = blas::load(pointer, type, 0);
    return "";
  }
  if (!sim::isDeviceAddress(pointer)) return "a scalar is a host pointer in device pointer mode";
  scalar.device = pointer;
  return "";
}

// ---- checks when the work runs

size_t extent(const blas::Operand& operand) {  // elements from the first to the last
  return operand.rows && operand.columns ? static_cast<size_t>(operand.leading) * (operand.columns - 1) + operand.rows : 0;
}

bool readable(const char* name, const blas::Operand& operand, int batch, bool reads) {
  size_t size = blas::elementSize(operand.type);
  std::string error = sim::rangeError(operand.data, ((batch - 1) * operand.stride + extent(operand)) * size);
  if (!error.empty()) {
    sim::fail(sim::ILLEGAL_ADDRESS, std::string("cublas gemm, operand ") + name + ": " + error);
    return false;
  }
  for (int i = 0; reads && i < batch; i++) {
    for (int column = 0; column < operand.columns; column++) {
      const char* begin = static_cast<const char*>(operand.data) + (i * operand.stride + column * operand.leading) * size;
      const void* missing = sim::firstUninitialised(begin, operand.rows * size);
      if (!missing) continue;
      sim::fail(sim::LAUNCH_FAILED, std::string("cublas gemm reads uninitialised memory, operand ") + name + " at " + sim::describe(reinterpret_cast<uintptr_t>(missing)));
      return false;
    }
  }
  return true;
}

void runChecked(const blas::Gemm& gemm, const Scalar& alpha, const Scalar& beta) {
  if (!readable("A", gemm.a, gemm.batch, gemm.k > 0) || !readable("B", gemm.b, gemm.batch, gemm.k > 0)) return;
  if (!readable("C", gemm.c, gemm.batch, beta.get() != 0)) return;
  blas::run(gemm, alpha.get(), beta.get());
  size_t size = blas::elementSize(gemm.c.type);
  for (int i = 0; i < gemm.batch; i++) {
    for (int column = 0; column < gemm.n; column++) {
      sim::markInitialised(static_cast<char*>(gemm.c.data) + (i * gemm.c.stride + column * gemm.c.leading) * size, gemm.m * size);
    }
  }
}

// ---- all products end here

struct Request {
  const char* name;
  int transposeA, transposeB, m, n, k;
  const void *alpha, *a;
  int typeA;
  int leadingA;
  long long strideA;
  const void* b;
  int typeB;
  int leadingB;
  long long strideB;
  const void* beta;
  void* c;
  int typeC;
  int leadingC;
  long long strideC;
  int batch;
  int compute;
};

bool supported(const Request& r) {
  if (r.typeA != r.typeB) return false;
  switch (r.compute) {
    case COMPUTE_64F: case COMPUTE_64F_PEDANTIC: return r.typeA == blas::F64 && r.typeC == blas::F64;
    case COMPUTE_32F_FAST_TF32: return r.typeA == blas::F32 && r.typeC == blas::F32;
    case COMPUTE_32F: case COMPUTE_32F_PEDANTIC:
      return (r.typeA == blas::F32 || r.typeA == blas::F16 || r.typeA == blas::BF16) && (r.typeC == r.typeA || r.typeC == blas::F32);
    default: return false;
  }
}

std::string badShape(const Request& r) {
  if (r.m < 0 || r.n < 0 || r.k < 0 || r.batch < 0) return "a negative dimension";
  if (r.transposeA < 0 || r.transposeA > 2 || r.transposeB < 0 || r.transposeB > 2) return "an unknown transposition";
  if (r.leadingA < std::max(1, r.transposeA ? r.k : r.m)) return "lda " + std::to_string(r.leadingA) + " is too small";
  if (r.leadingB < std::max(1, r.transposeB ? r.n : r.k)) return "ldb " + std::to_string(r.leadingB) + " is too small";
  if (r.leadingC < std::max(1, r.m)) return "ldc " + std::to_string(r.leadingC) + " is too small";
  if (r.batch > 1 && r.strideC < static_cast<long long>(r.leadingC) * (r.n - 1) + r.m && r.m && r.n) return "the results of a batch overlap";
  return "";
}

Result multiply(void* handlePointer, const Request& r) {
  std::lock_guard<std::recursive_mutex> guard(sim::lock());
  if (!handles().count(handlePointer)) return NOT_INITIALIZED;
  const Handle& handle = *static_cast<Handle*>(handlePointer);
  if (sim::isRefused(sim::Scarce::PRODUCT)) return ALLOC_FAILED;
  std::string problem = badShape(r);
  if (!problem.empty()) return invalid(r.name, problem);
  if (!supported(r)) {
    sim::misuse(sim::NOT_SUPPORTED, sim::text("%s: types %d, %d, %d with compute type %d", r.name, r.typeA, r.typeB, r.typeC, r.compute));
    return NOT_SUPPORTED;
  }
  bool wide = r.compute == COMPUTE_64F || r.compute == COMPUTE_64F_PEDANTIC;
  Scalar alpha, beta;
  problem = readScalar(handle, r.alpha, wide ? blas::F64 : blas::F32, alpha);
  if (problem.empty()) problem = readScalar(handle, r.beta, wide ? blas::F64 : blas::F32, beta);
  if (!problem.empty()) return invalid(r.name, problem);
  if (!r.m || !r.n || !r.batch) return SUCCESS;
  if (!handle.workspace && sim::isCapturing(handle.stream)) {
    sim::misuse(sim::NOT_SUPPORTED, std::string(r.name) + " is captured without a workspace of the caller's, which cublasSetStream takes back: the graph"
                                                          " would hold an allocation, and no other graph could have it as a child");
    return NOT_SUPPORTED;
  }
  blas::Gemm gemm{r.m, r.n, r.k, r.batch, r.transposeA != 0, r.transposeB != 0, {}, {}, {}, wide, false};
  gemm.a = {const_cast<void*>(r.a), r.typeA, r.transposeA ? r.k : r.m, r.transposeA ? r.m : r.k, r.leadingA, r.strideA};
  gemm.b = {const_cast<void*>(r.b), r.typeB, r.transposeB ? r.n : r.k, r.transposeB ? r.k : r.n, r.leadingB, r.strideB};
  gemm.c = {r.c, r.typeC, r.m, r.n, r.leadingC, r.strideC};
  gemm.tf32 = r.typeA == blas::F32 && (r.compute == COMPUTE_32F_FAST_TF32 || (r.compute == COMPUTE_32F && (handle.mathMode & 15) == TF32_MATH));
  auto run = [gemm, alpha, beta, workspace = handle.workspace, size = handle.workspaceSize] {
    std::string error = workspace ? sim::rangeError(workspace, size) : "";
    if (!error.empty()) return sim::fail(sim::ILLEGAL_ADDRESS, "cublas gemm, workspace: " + error);
    runChecked(gemm, alpha, beta);
  };
  return fromDriver(sim::enqueue(handle.stream, r.name, run));
}

}  // namespace

#define API extern "C" __attribute__((visibility("default"))) Result
#define HANDLE                                                    \
  std::lock_guard<std::recursive_mutex> guard(sim::lock());       \
  if (!handles().count(pointer)) return NOT_INITIALIZED;          \
  Handle& handle = *static_cast<Handle*>(pointer)

// ---- handles

API cublasCreate_v2(void** pointer) {
  std::lock_guard<std::recursive_mutex> guard(sim::lock());
  if (!sim::currentContext()) {
    sim::misuse(sim::INVALID_CONTEXT, "cublasCreate without a current context in this thread");
    return NOT_INITIALIZED;
  }
  if (sim::isRefused(sim::Scarce::CUBLAS)) return NOT_INITIALIZED;  // what the real one says
  *pointer = new Handle;
  handles().insert(*pointer);
  return SUCCESS;
}

API cublasDestroy_v2(void* pointer) {
  HANDLE;
  handles().erase(pointer);
  delete &handle;
  return SUCCESS;
}

API cublasGetVersion_v2(void*, int* version) {
  *version = 130000;
  return SUCCESS;
}

/** Which: 0 the major version, 1 the minor, 2 the patch level. */
API cublasGetProperty(int which, int* value) {
  *value = which == 0 ? 13 : 0;
  return which >= 0 && which <= 2 ? SUCCESS : INVALID;
}

API cublasSetStream_v2(void* pointer, void* stream) {
  HANDLE;
  handle.stream = stream;
  handle.workspace = nullptr;
  return SUCCESS;
}

API cublasGetStream_v2(void* pointer, void** stream) {
  HANDLE;
  *stream = handle.stream;
  return SUCCESS;
}

API cublasSetWorkspace_v2(void* pointer, void* workspace, size_t size) {
  HANDLE;
  if (reinterpret_cast<uintptr_t>(workspace) % 256) return invalid("cublasSetWorkspace", "the workspace is not aligned to 256 bytes");
  std::string error = sim::rangeError(workspace, size);
  if (!error.empty()) return invalid("cublasSetWorkspace", error);
  handle.workspace = workspace;
  handle.workspaceSize = size;
  return SUCCESS;
}

API cublasSetPointerMode_v2(void* pointer, int mode) {
  HANDLE;
  handle.pointerMode = mode;
  return mode == HOST || mode == DEVICE ? SUCCESS : INVALID;
}

API cublasGetPointerMode_v2(void* pointer, int* mode) {
  HANDLE;
  *mode = handle.pointerMode;
  return SUCCESS;
}

API cublasSetMathMode(void* pointer, int mode) {
  HANDLE;
  handle.mathMode = mode;
  return SUCCESS;
}

API cublasGetMathMode(void* pointer, int* mode) {
  HANDLE;
  *mode = handle.mathMode;
  return SUCCESS;
}

API cublasSetAtomicsMode(void* pointer, int) {
  HANDLE;
  return handle.pointerMode <= DEVICE ? SUCCESS : INVALID;
}

extern "C" __attribute__((visibility("default"))) const char* cublasGetStatusName(Result result) {
  switch (result) {
    case SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
    case INVALID: return "CUBLAS_STATUS_INVALID_VALUE";
    case ARCH_MISMATCH: return "CUBLAS_STATUS_ARCH_MISMATCH";
    case MAPPING_ERROR: return "CUBLAS_STATUS_MAPPING_ERROR";
    case EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case INTERNAL_ERROR: return "CUBLAS_STATUS_INTERNAL_ERROR";
    case NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
  }
  return "CUBLAS_STATUS unknown";
}

extern "C" __attribute__((visibility("default"))) const char* cublasGetStatusString(Result result) { return cublasGetStatusName(result); }

// ---- products

API cublasGemmStridedBatchedEx(void* handle, int transposeA, int transposeB, int m, int n, int k, const void* alpha, const void* a, int typeA, int lda,
                               long long strideA, const void* b, int typeB, int ldb, long long strideB, const void* beta, void* c, int typeC, int ldc,
                               long long strideC, int batch, int compute, int) {
  return multiply(handle, {"cublasGemmStridedBatchedEx", transposeA, transposeB, m, n, k, alpha, a, typeA, lda, strideA, b, typeB, ldb, strideB, beta, c,
                           typeC, ldc, strideC, batch, compute});
}

API cublasGemmEx(void* handle, int transposeA, int transposeB, int m, int n, int k, const void* alpha, const void* a, int typeA, int lda, const void* b,
                 int typeB, int ldb, const void* beta, void* c, int typeC, int ldc, int compute, int) {
  return multiply(handle, {"cublasGemmEx", transposeA, transposeB, m, n, k, alpha, a, typeA, lda, 0, b, typeB, ldb, 0, beta, c, typeC, ldc, 0, 1, compute});
}

#define TYPED(letter, type, number, compute)                                                                                                          \
  API cublas##letter##gemm_v2(void* handle, int transposeA, int transposeB, int m, int n, int k, const type* alpha, const type* a, int lda,            \
                              const type* b, int ldb, const type* beta, type* c, int ldc) {                                                           \
    return multiply(handle, {"cublas" #letter "gemm", transposeA, transposeB, m, n, k, alpha, a, number, lda, 0, b, number, ldb, 0, beta, c, number,   \
                             ldc, 0, 1, compute});                                                                                                    \
  }                                                                                                                                                   \
  API cublas##letter##gemmStridedBatched(void* handle, int transposeA, int transposeB, int m, int n, int k, const type* alpha, const type* a, int lda, \
                                         long long strideA, const type* b, int ldb, long long strideB, const type* beta, type* c, int ldc,            \
                                         long long strideC, int batch) {                                                                              \
    return multiply(handle, {"cublas" #letter "gemmStridedBatched", transposeA, transposeB, m, n, k, alpha, a, number, lda, strideA, b, number, ldb,   \
                             strideB, beta, c, number, ldc, strideC, batch, compute});                                                                \
  }
TYPED(S, float, blas::F32, COMPUTE_32F)
TYPED(D, double, blas::F64, COMPUTE_64F)
