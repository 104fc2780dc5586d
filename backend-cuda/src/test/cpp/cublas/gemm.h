// A column-major matrix product in plain loops: products summed in the order of k, in float32 or float64.
#pragma once
#include <cstddef>

namespace blas {

enum Type : int { F32 = 0, F64 = 1, F16 = 2, BF16 = 14 };

struct Operand {
  void* data;
  int type;
  int rows, columns;  // as stored
  long long leading;  // elements from one column to the next
  long long stride;   // from one matrix of a batch to the next
};

struct Gemm {
  int m, n, k, batch;
  bool transposeA, transposeB;
  Operand a, b, c;
  bool wide;  // accumulates in float64
  bool tf32;  // rounds float32 operands to 10 bits of mantissa first
};

size_t elementSize(int type);
/** The number at an index, and how it is stored back. */
double load(const void* data, int type, size_t index);
void store(void* data, int type, size_t index, double value);

void run(const Gemm& gemm, double alpha, double beta);

}  // namespace blas
