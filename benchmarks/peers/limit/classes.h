// What the limit programs that tell classes apart share: the end of a dense network.
#pragma once

#include "limit.h"

namespace limit {

/** Sums of some columns of d [rows, width]. */
inline void sumRows(int64_t rows, const float* d, int64_t width, Range columns, float* __restrict sums) {
    std::fill(sums + columns.begin, sums + columns.end, 0.f);
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = columns.begin; j < columns.end; j++) {
            sums[j] += d[i * width + j];
        }
    }
}

/** Cross-entropy of a batch of B examples of C classes. */
template <int64_t B, int64_t C>
struct Classes {
    int label[B];
    double loss[64] = {}; // by thread

    Classes() {
        for (int i = 0; i < B; i++) {
            label[i] = i * 7 % static_cast<int>(C);
        }
    }

    /** Part of the loss, and its gradient to some rows of the logits z [B, C], which takes their place; the bias is added before. */
    void softmax(int id, float* z, const float* bias, Range rows) {
        double sum = 0;
        for (int64_t i = rows.begin; i < rows.end; i++) {
            float* row = z + i * C;
            float largest = row[0] + bias[0], total = 0, e[C];
            for (int64_t j = 0; j < C; j++) {
                row[j] += bias[j];
                largest = std::max(largest, row[j]);
            }
            for (int64_t j = 0; j < C; j++) {
                e[j] = vexp(row[j] - largest);
                total += e[j];
            }
            sum -= row[label[i]] - largest - std::log(total);
            for (int64_t j = 0; j < C; j++) {
                row[j] = (e[j] / total - (j == label[i] ? 1.f : 0.f)) / B;
            }
        }
        loss[id] = sum / B;
    }

    /** Loss and gradient in float64, of logits with their bias. */
    double plainSoftmax(std::vector<double>& z) const {
        double sum = 0;
        for (int64_t i = 0; i < B; i++) {
            double total = 0;
            for (int64_t j = 0; j < C; j++) {
                total += std::exp(z[i * C + j]);
            }
            sum += (std::log(total) - z[i * C + label[i]]) / B;
            for (int64_t j = 0; j < C; j++) {
                z[i * C + j] = (std::exp(z[i * C + j]) / total - (j == label[i])) / B;
            }
        }
        return sum;
    }

    /** Whether the loss of the last step is that of the check. */
    bool lossAgrees(double right) const {
        double got = 0;
        for (int id = 0; id < threads; id++) {
            got += loss[id];
        }
        fprintf(stderr, "loss %.7f, in float64 %.7f\n", got, right);
        return std::abs(got - right) < 1e-6 * right;
    }
};

} // namespace limit
