#include "gemm.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace blas {

static float fromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

static uint32_t toBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

static uint16_t toBfloat16(float value) {
  uint32_t bits = toBits(value);
  if (value != value) return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static float toTf32(float value) {
  uint32_t bits = toBits(value);
  bool special = (bits & 0x7F800000) == 0x7F800000;
  return special ? value : fromBits((bits + 0x1000) & 0xFFFFE000);
}

size_t elementSize(int type) {
  switch (type) {
    case F32: return 4;
    case F64: return 8;
    case F16: case BF16: return 2;
    default: return 0;
  }
}

double load(const void* data, int type, size_t index) {
  switch (type) {
    case F32: return static_cast<const float*>(data)[index];
    case F64: return static_cast<const double*>(data)[index];
    case F16: return static_cast<float>(static_cast<const _Float16*>(data)[index]);
    default: return fromBits(static_cast<uint32_t>(static_cast<const uint16_t*>(data)[index]) << 16);
  }
}

void store(void* data, int type, size_t index, double value) {
  switch (type) {
    case F32: static_cast<float*>(data)[index] = static_cast<float>(value); break;
    case F64: static_cast<double*>(data)[index] = value; break;
    case F16: static_cast<_Float16*>(data)[index] = static_cast<_Float16>(static_cast<float>(value)); break;
    default: static_cast<uint16_t*>(data)[index] = toBfloat16(static_cast<float>(value));
  }
}

/** The operand as a dense matrix of `rows` rows in the type of the accumulator. */
template <class T>
static std::vector<T> pack(const Operand& operand, int rows, int columns, bool transpose, bool tf32, int batch) {
  std::vector<T> dense(static_cast<size_t>(rows) * columns);
  size_t offset = static_cast<size_t>(batch) * operand.stride;
  for (int column = 0; column < columns; column++) {
    for (int row = 0; row < rows; row++) {
      size_t index = offset + (transpose ? row * operand.leading + column : column * operand.leading + row);
      T value = operand.type == F32 ? static_cast<T>(static_cast<const float*>(operand.data)[index]) : static_cast<T>(load(operand.data, operand.type, index));
      dense[static_cast<size_t>(column) * rows + row] = tf32 ? static_cast<T>(toTf32(static_cast<float>(value))) : value;
    }
  }
  return dense;
}

template <class T>
static void multiply(int m, int n, int k, const T* __restrict__ a, const T* __restrict__ b, T* __restrict__ c) {
  for (int column = 0; column < n; column++) {
    T* out = c + static_cast<size_t>(column) * m;
    for (int inner = 0; inner < k; inner++) {
      T factor = b[static_cast<size_t>(column) * k + inner];
      const T* in = a + static_cast<size_t>(inner) * m;
      for (int row = 0; row < m; row++) out[row] += in[row] * factor;
    }
  }
}

template <class T>
static void runAs(const Gemm& g, double alpha, double beta) {
  for (int batch = 0; batch < g.batch; batch++) {
    std::vector<T> a = pack<T>(g.a, g.m, g.k, g.transposeA, g.tf32, batch);
    std::vector<T> b = pack<T>(g.b, g.k, g.n, g.transposeB, g.tf32, batch);
    std::vector<T> c(static_cast<size_t>(g.m) * g.n);
    multiply(g.m, g.n, g.k, a.data(), b.data(), c.data());
    size_t offset = static_cast<size_t>(batch) * g.c.stride;
    for (int column = 0; column < g.n; column++) {
      for (int row = 0; row < g.m; row++) {
        size_t index = offset + column * g.c.leading + row;
        T value = static_cast<T>(alpha) * c[static_cast<size_t>(column) * g.m + row];
        if (beta != 0) value += static_cast<T>(beta) * static_cast<T>(load(g.c.data, g.c.type, index));  // with beta 0 C is not read
        store(g.c.data, g.c.type, index, value);
      }
    }
  }
}

void run(const Gemm& gemm, double alpha, double beta) {
  if (gemm.wide) {
    runAs<double>(gemm, alpha, beta);
  } else {
    runAs<float>(gemm, alpha, beta);
  }
}

}  // namespace blas
