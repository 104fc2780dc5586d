// Limit program: LSTM 128 -> 256 over 64 steps, batch 32, mean squared error of all outputs, Adam.
//
//   g++ -O3 -std=c++17 -fno-math-errno -fno-trapping-math -pthread -DLIMIT_AVX512 -I backend-cpu/src/main/cpp lstm.cpp -ldl
//
// On the own kernel a thread takes some rows of the batch through all steps, with the recurrent weights packed once; on OpenBLAS it takes
// some units, and waits for the others after each step: OpenBLAS would pack all weights again for each part of the batch.
#include "limit.h"

using namespace limit;

struct Lstm {
    static constexpr int64_t I = 128, H = 256, N = 32, G = 4 * H;
    static inline int64_t T = 64;

    Parameter wx{G * I, 0.06f, 1}, wh{G * H, 0.06f, 2}, bx{G, 0.06f, 3}, bh{G, 0.06f, 4};
    float *x = room(T * N * I), *target = room(T * N * H);
    float *gates = room(T * N * G), *dGates = room(T * N * G);
    float *hs = room((T + 1) * N * H), *cs = room((T + 1) * N * H), *tc = room(T * N * H); // states; the first are zero; tanh of c
    float *dh = room(N * H), *dc = room(N * H);
    double loss[64] = {};
    Adam adam;

    Lstm() {
        randomize(x, T * N * I, -1, 1, 5);
        randomize(target, T * N * H, -0.5f, 0.5f, 6);
    }

    /** Gates, cell and output of one element of the batch; the gates i, f, g, o stay for the way back. */
    void cell(float* __restrict g, int64_t at, Range units) {
        const float* __restrict before = cs + at;
        float* __restrict c = cs + N * H + at;
        float* __restrict h = hs + N * H + at;
        float* __restrict t = tc + at;
        for (int64_t u = units.begin; u < units.end; u++) {
            float i = vsigmoid(g[u]), f = vsigmoid(g[H + u]), q = vtanh(g[2 * H + u]), o = vsigmoid(g[3 * H + u]);
            float state = f * before[u] + i * q, y = vtanh(state);
            g[u] = i;
            g[H + u] = f;
            g[2 * H + u] = q;
            g[3 * H + u] = o;
            c[u] = state;
            t[u] = y;
            h[u] = o * y;
        }
    }

    /** Adds the loss's gradient at this step to dh, and takes it back through the cell; returns the squared error. */
    float cellBack(const float* __restrict g, float* __restrict d, int64_t at, int64_t row, Range units) {
        const float *__restrict before = cs + at, *__restrict h = hs + N * H + at, *__restrict y = target + at, *__restrict t = tc + at;
        float *__restrict dState = dc + row * H, *__restrict dOut = dh + row * H;
        float scale = 2.f / static_cast<float>(T * N * H), sum = 0;
        for (int64_t u = units.begin; u < units.end; u++) {
            float i = g[u], f = g[H + u], q = g[2 * H + u], o = g[3 * H + u];
            float error = h[u] - y[u], out = dOut[u] + scale * error;
            float state = dState[u] + out * o * (1 - t[u] * t[u]);
            d[u] = state * q * i * (1 - i);
            d[H + u] = state * before[u] * f * (1 - f);
            d[2 * H + u] = state * i * (1 - q * q);
            d[3 * H + u] = out * t[u] * o * (1 - o);
            dState[u] = state * f;
            sum += error * error;
        }
        return sum;
    }

    void forward(Range rows, Range units, bool alone) {
        Product step(false, true, rows.size(), units.size() * (alone ? 4 : 1), H, hs, H, wh.w, H, gates, G, 1, alone);
        for (int64_t t = 0; t < T; t++) {
            step.from(hs + t * N * H, gates + t * N * G);
            if (alone) {
                step.tile(rows, {0, G});
            } else {
                for (int64_t gate = 0; gate < 4; gate++) {
                    step.tile(rows, {gate * H + units.begin, gate * H + units.end});
                }
            }
            for (int64_t i = rows.begin; i < rows.end; i++) {
                cell(gates + (t * N + i) * G, (t * N + i) * H, units);
            }
            if (!alone) {
                barrier();
            }
        }
    }

    double backward(Range rows, Range units, bool alone) {
        for (int64_t i = rows.begin; i < rows.end; i++) {
            std::fill(dh + i * H + units.begin, dh + i * H + units.end, 0.f);
            std::fill(dc + i * H + units.begin, dc + i * H + units.end, 0.f);
        }
        double sum = 0;
        Product back(false, false, rows.size(), units.size(), G, dGates, G, wh.w, H, dh, H);
        for (int64_t t = T - 1; t >= 0; t--) {
            for (int64_t i = rows.begin; i < rows.end; i++) {
                int64_t row = t * N + i;
                sum += cellBack(gates + row * G, dGates + row * G, row * H, i, units);
            }
            if (!alone) {
                barrier();
            }
            if (t > 0) {
                back.from(dGates + t * N * G, dh);
                back.tile(rows, units);
            }
        }
        return sum / static_cast<double>(T * N * H);
    }

    void weightStep(Parameter& w, Range rows, int64_t width, const float* in) {
        Product dw(true, false, rows.size(), width, T * N, dGates, G, in, width, w.g, width);
        dw.tiles(rows, {0, width}, 256, width, [&](Range r, Range) { adam.update(w, {r.begin * width, r.end * width}); });
    }

    void step(int id) {
        if (id == 0) {
            adam.tick();
        }
        bool alone = own;
        Range rows = share(id, N, 8), units = share(id, H, 16), inputs = share(id, T * N, 8), weights = share(id, G, 16);
        Product in(false, true, inputs.size(), G, I, x, I, wx.w, I, gates, G);
        in.tiles(inputs, {0, G}, 64, G, [&](Range r, Range) {
            for (int64_t i = r.begin; i < r.end; i++) {
                float* __restrict g = gates + i * G;
                for (int64_t j = 0; j < G; j++) {
                    g[j] += bx.w[j] + bh.w[j];
                }
            }
        });
        barrier();
        forward(alone ? rows : Range{0, N}, alone ? Range{0, H} : units, alone);
        loss[id] = backward(alone ? rows : Range{0, N}, alone ? Range{0, H} : units, alone);
        barrier();
        std::fill(bx.g + weights.begin, bx.g + weights.end, 0.f);
        for (int64_t i = 0; i < T * N; i++) {
            for (int64_t j = weights.begin; j < weights.end; j++) {
                bx.g[j] += dGates[i * G + j];
            }
        }
        std::copy(bx.g + weights.begin, bx.g + weights.end, bh.g + weights.begin);
        weightStep(wh, weights, H, hs);
        weightStep(wx, weights, I, x);
        adam.update(bx, weights);
        adam.update(bh, weights);
        barrier();
    }

    /** Compares one step over fewer time steps with a plain implementation in float64. */
    static bool check() {
        using Array = std::vector<double>;
        T = 5;
        Lstm& net = *new Lstm();
        Array wx = wide(net.wx.w, G * I), wh = wide(net.wh.w, G * H), x = wide(net.x, T * N * I);
        Array g(T * N * G), h((T + 1) * N * H), c((T + 1) * N * H), d(T * N * G), dh(N * H), dc(N * H), gx(G * I), gh(G * H), gb(G);
        auto sigmoid = [](double z) { return 1 / (1 + std::exp(-z)); };
        plainProduct(false, true, T * N, G, I, x, wx, g);
        double loss = 0, count = static_cast<double>(T * N * H);
        for (int64_t t = 0; t < T; t++) {
            Array before(h.begin() + t * N * H, h.begin() + (t + 1) * N * H), z(N * G);
            plainProduct(false, true, N, G, H, before, wh, z);
            for (int64_t i = 0; i < N * H; i++) {
                double* row = &g[(t * N + i / H) * G + i % H];
                for (int64_t gate = 0; gate < 4; gate++) {
                    int64_t unit = gate * H + i % H;
                    double value = row[gate * H] + z[i / H * G + unit] + net.bx.w[unit] + net.bh.w[unit];
                    row[gate * H] = gate == 2 ? std::tanh(value) : sigmoid(value);
                }
                int64_t at = (t + 1) * N * H + i;
                c[at] = row[H] * c[at - N * H] + row[0] * row[2 * H];
                h[at] = row[3 * H] * std::tanh(c[at]);
                loss += std::pow(h[at] - net.target[t * N * H + i], 2) / count;
            }
        }
        for (int64_t t = T - 1; t >= 0; t--) {
            Array dz(N * G);
            for (int64_t i = 0; i < N * H; i++) {
                int64_t at = (t + 1) * N * H + i;
                const double* row = &g[(t * N + i / H) * G + i % H];
                double in = row[0], f = row[H], q = row[2 * H], o = row[3 * H], y = std::tanh(c[at]);
                double out = dh[i] + 2 / count * (h[at] - net.target[t * N * H + i]), state = dc[i] + out * o * (1 - y * y);
                double part[] = {state * q * in * (1 - in), state * c[at - N * H] * f * (1 - f), state * in * (1 - q * q), out * y * o * (1 - o)};
                for (int64_t gate = 0; gate < 4; gate++) {
                    dz[i / H * G + gate * H + i % H] = d[(t * N + i / H) * G + gate * H + i % H] = part[gate];
                }
                dc[i] = state * f;
            }
            std::fill(dh.begin(), dh.end(), 0);
            plainProduct(false, false, N, H, G, dz, wh, dh);
        }
        plainProduct(true, false, G, H, T * N, d, h, gh);
        plainProduct(true, false, G, I, T * N, d, x, gx);
        for (int64_t i = 0; i < T * N * G; i++) {
            gb[i % G] += d[i];
        }
        run(net, 1);
        double got = 0;
        for (int id = 0; id < threads; id++) {
            got += net.loss[id];
        }
        fprintf(stderr, "loss %.7f, in float64 %.7f\n", got, loss);
        bool ok = std::abs(got - loss) < 1e-5 * loss;
        ok &= agrees("dWx", net.wx.g, gx, 1e-5) & agrees("dWh", net.wh.g, gh, 1e-5) & agrees("db", net.bx.g, gb, 1e-5);
        return ok & adamAgrees("Wx", net.wx, wx, gx) & adamAgrees("Wh", net.wh, wh, gh);
    }
};

int main(int argc, char** argv) { return runProgram<Lstm>(argc, argv); }
