// Limit program: restricted Boltzmann machine 784-512, batch 64, sampled data, CD-1 by free energies, Adam.
//
//   g++ -O3 -std=c++17 -fno-math-errno -fno-trapping-math -pthread -DLIMIT_AVX512 -I backend-cpu/src/main/cpp rbm.cpp -ldl
//
// v W^T is computed once for sampling and for the free energy, and the two halves of the gradient are one product of 128 rows.
#include "limit.h"

using namespace limit;

struct Rbm {
    static constexpr int64_t B = 64, V = 784, H = 512;

    Parameter w{H * V, 0.02f, 1}, visible{V, 0.1f, 2}, hidden{H, 0.1f, 3};
    float* grey = room(B * V);
    float* v = room(2 * B * V);  // the data, and behind it the chain's end
    float* a = room(2 * B * H);  // logits of the hidden units, of both
    float* s = room(2 * B * H);  // their probabilities, as factors of the gradient: -p / B of the data, p / B of the chain
    float *h = room(B * H), *pv = room(B * V);
    double energy[64] = {};
    uint64_t seed = 0;
    Adam adam;

    Rbm() { randomize(grey, B * V, 0, 1, 4); }

    /** Calls f(column, width, random numbers) for pieces of up to 64 columns of a row; DRAWS: with random numbers. */
    template <bool DRAWS, class F>
    static void pieces(Range columns, int64_t row, uint64_t seed, F f) {
        alignas(64) float u[64];
        for (int64_t j = columns.begin; j < columns.end; j += 64) {
            if (DRAWS) {
                uniforms(static_cast<uint64_t>(row * 1024 + j), seed, u);
            }
            f(j, std::min<int64_t>(64, columns.end - j), u);
        }
    }

    /** Probability, softplus and sample of up to 64 hidden units. */
    template <bool DRAWS>
    static void hiddenPiece(
            const float* __restrict x, const float* __restrict bias, const float* __restrict u, float factor, int64_t width,
            float* __restrict probability, float* __restrict sample, float* __restrict sums) {
        for (int64_t q = 0; q < width; q++) {
            float y = x[q] + bias[q];
            float e = vexp(-absOf(y));
            float p = (y >= 0 ? 1.f : e) / (1.f + e);
            probability[q] = p * factor;
            sums[q] += (y > 0 ? y : 0.f) + vlog1p(e);
            if (DRAWS) {
                sample[q] = u[q] < p ? 1.f : 0.f;
            }
        }
    }

    static void visiblePiece(const float* __restrict x, const float* __restrict bias, const float* __restrict u, int64_t width, float* __restrict sample) {
        for (int64_t q = 0; q < width; q++) {
            sample[q] = u[q] < vsigmoid(x[q] + bias[q]) ? 1.f : 0.f;
        }
    }

    /** Probabilities of hidden units, the sum of softplus, and samples if DRAWS. */
    template <bool DRAWS>
    double hiddenUnits(Range rows, Range columns, float factor, uint64_t drawSeed) {
        alignas(64) float sums[64] = {};
        for (int64_t i = rows.begin; i < rows.end; i++) {
            pieces<DRAWS>(columns, i, drawSeed, [&](int64_t j, int64_t width, const float* u) {
                int64_t at = i * H + j;
                hiddenPiece<DRAWS>(a + at, hidden.w + j, u, factor, width, s + at, DRAWS ? h + at : nullptr, sums);
            });
        }
        double total = 0;
        for (float x : sums) {
            total += x;
        }
        return total;
    }

    void visibleUnits(Range rows, Range columns, uint64_t drawSeed) {
        for (int64_t i = rows.begin; i < rows.end; i++) {
            pieces<true>(columns, i, drawSeed, [&](int64_t j, int64_t width, const float* u) {
                visiblePiece(pv + i * V + j, visible.w + j, u, width, v + (B + i) * V + j);
            });
        }
    }

    void sampleData(Range rows, uint64_t drawSeed) {
        for (int64_t i = rows.begin; i < rows.end; i++) {
            pieces<true>({0, V}, i, drawSeed, [&](int64_t j, int64_t width, const float* u) {
                for (int64_t q = 0; q < width; q++) {
                    v[i * V + j + q] = u[q] < grey[i * V + j + q] ? 1.f : 0.f;
                }
            });
        }
    }

    /** The gradient of the visible bias, and its share of the energy. */
    double visibleBias(Range columns) {
        float* __restrict g = visible.g;
        std::fill(g + columns.begin, g + columns.end, 0.f);
        for (int64_t i = 0; i < B; i++) {
            for (int64_t j = columns.begin; j < columns.end; j++) {
                g[j] += v[(B + i) * V + j] - v[i * V + j];
            }
        }
        double energyOfBias = 0;
        for (int64_t j = columns.begin; j < columns.end; j++) {
            g[j] /= B;
            energyOfBias += static_cast<double>(g[j]) * visible.w[j];
        }
        return energyOfBias;
    }

    void step(int id) {
        if (id == 0) {
            adam.tick();
            seed += 4;
        }
        Range all{0, B}, hiddens = share(id, H, 16), visibles = share(id, V, 16);
        barrier();
        sampleData(share(id, B, 1), seed);
        barrier();
        double sum = 0;
        Product up(false, true, B, hiddens.size(), V, v, V, w.w, V, a, H);
        up.tiles(all, hiddens, B, 64, [&](Range r, Range c) { sum += hiddenUnits<true>(r, c, -1.f / B, seed + 1); });
        barrier();
        Product down(false, false, B, visibles.size(), H, h, H, w.w, V, pv, V);
        down.tiles(all, visibles, B, 64, [&](Range r, Range c) { visibleUnits(r, c, seed + 2); });
        double bias = visibleBias(visibles);
        barrier();
        Product again(false, true, B, hiddens.size(), V, v + B * V, V, w.w, V, a + B * H, H);
        again.tiles(all, hiddens, B, 64, [&](Range r, Range c) {
            sum -= hiddenUnits<false>({r.begin + B, r.end + B}, c, 1.f / B, 0);
        });
        energy[id] = bias - sum / B; // F(v) - F(vk) = mean(vk b - v b) + mean(softplus of the chain - that of the data)
        std::fill(hidden.g + hiddens.begin, hidden.g + hiddens.end, 0.f);
        for (int64_t i = 0; i < 2 * B; i++) {
            for (int64_t j = hiddens.begin; j < hiddens.end; j++) {
                hidden.g[j] += s[i * H + j];
            }
        }
        Product gradient(true, false, hiddens.size(), V, 2 * B, s, H, v, V, w.g, V);
        gradient.tiles(hiddens, {0, V}, 64, V, [&](Range r, Range) { adam.update(w, {r.begin * V, r.end * V}); });
        adam.update(hidden, hiddens);
        adam.update(visible, visibles);
        barrier();
    }

    /** Compares one step with a plain implementation in float64 on the same samples. */
    static bool check() {
        using Array = std::vector<double>;
        Rbm& net = *new Rbm();
        Array w = wide(net.w.w, H * V), b = wide(net.visible.w, V), c = wide(net.hidden.w, H);
        run(net, 1);
        Array v = wide(net.v, 2 * B * V), h = wide(net.h, B * H), a(2 * B * H), s(2 * B * H), pv(B * V), gw(H * V), gb(V), gc(H);
        plainProduct(false, true, 2 * B, H, V, v, w, a);
        plainProduct(false, false, B, V, H, h, w, pv);
        double difference = 0;
        for (int64_t i = 0; i < 2 * B; i++) {
            double sign = i < B ? -1 : 1;
            for (int64_t j = 0; j < H; j++) {
                double x = a[i * H + j] + c[j];
                s[i * H + j] = sign / B / (1 + std::exp(-x));
                gc[j] += s[i * H + j];
                difference += sign / B * std::log1p(std::exp(x));
            }
            for (int64_t j = 0; j < V; j++) {
                gb[j] += sign * v[i * V + j] / B;
                difference += sign * v[i * V + j] * b[j] / B;
            }
        }
        plainProduct(true, false, H, V, 2 * B, s, v, gw);
        double got = 0;
        for (int id = 0; id < threads; id++) {
            got += net.energy[id];
        }
        fprintf(stderr, "F(v) - F(vk) %.6f, in float64 %.6f\n", got, difference);
        bool ok = std::abs(got - difference) < 1e-4 * std::max(1.0, std::abs(difference));
        ok &= isSampled("hidden samples", B * H, net.h, [&](int64_t i) { return a[i] + c[i % H]; });
        ok &= isSampled("visible samples", B * V, net.v + B * V, [&](int64_t i) { return pv[i] + b[i % V]; });
        ok &= isSampled("data", B * V, net.v, [&](int64_t i) { return std::log(net.grey[i] / (1.0 - net.grey[i])); });
        ok &= agrees("dW", net.w.g, gw, 1e-5) & agrees("db", net.visible.g, gb, 1e-5) & agrees("dc", net.hidden.g, gc, 1e-4);
        return ok & adamAgrees("W", net.w, w, gw);
    }

    /** Whether the number of ones is what the probabilities say, within five standard deviations, and likewise where they are above 0.6. */
    template <class Logit>
    static bool isSampled(const char* name, int64_t n, const float* x, Logit logit) {
        double mean[2] = {}, variance[2] = {}, ones[2] = {};
        for (int64_t i = 0; i < n; i++) {
            double p = 1 / (1 + std::exp(-logit(i)));
            int likely = p > 0.6 ? 1 : 0;
            mean[likely] += p;
            variance[likely] += p * (1 - p);
            ones[likely] += x[i];
        }
        bool ok = true;
        for (int k = 0; k < 2; k++) {
            double deviation = variance[k] == 0 ? 0 : (ones[k] - mean[k]) / std::sqrt(variance[k]);
            fprintf(stderr, "%-16s %.0f ones, expected %.0f: %.2f deviations\n", name, ones[k], mean[k], deviation);
            ok = ok && std::abs(deviation) < 5;
        }
        return ok;
    }
};

int main(int argc, char** argv) { return runProgram<Rbm>(argc, argv); }
