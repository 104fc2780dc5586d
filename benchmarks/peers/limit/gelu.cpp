// Limit program: dense network 784-600-300-10 with GELU, batch 128, cross-entropy, AdamW: sizes that no kernel was tuned for.
//
//   g++ -O3 -std=c++17 -fno-math-errno -fno-trapping-math -pthread -DLIMIT_AVX512 -I backend-cpu/src/main/cpp gelu.cpp -ldl
//
// The derivative of GELU is computed with its value, while the tile is hot.
#include "classes.h"

using namespace limit;

/** A hidden layer: in [B, K] to out [B, N]. */
struct Hidden {
    int64_t k, n;
    Parameter w, b;
    float *h, *slope, *d; // outputs, derivatives of GELU, gradient of what goes into it

    Hidden(int64_t k, int64_t n, int64_t batch, float scale, uint32_t seed)
        : k(k), n(n), w(n * k, scale, seed), b(n, scale, seed + 1), h(room(batch * n)), slope(room(batch * n)), d(room(batch * n)) {}

    void activate(Range rows, Range columns) {
        const float* __restrict bias = b.w;
        for (int64_t i = rows.begin; i < rows.end; i++) {
            float* __restrict y = h + i * n;
            float* __restrict s = slope + i * n;
            for (int64_t j = columns.begin; j < columns.end; j++) {
                float x = y[j] + bias[j];
                float below = 0.5f + 0.5f * verf(x * 0.70710678f);
                s[j] = below + x * 0.39894228f * vexp(-0.5f * x * x);
                y[j] = x * below;
            }
        }
    }

    void back(Range rows, Range columns) {
        for (int64_t i = rows.begin; i < rows.end; i++) {
            float* __restrict to = d + i * n;
            const float* __restrict s = slope + i * n;
            for (int64_t j = columns.begin; j < columns.end; j++) {
                to[j] *= s[j];
            }
        }
    }
};

struct Gelu {
    static constexpr int64_t B = 128, D = 784, H1 = 600, H2 = 300, C = 10;
    static constexpr double KEEP = 1 - 1e-3 * 1e-2;

    Hidden one{D, H1, B, 0.036f, 1}, two{H1, H2, B, 0.041f, 3};
    Parameter w3{C * H2, 0.058f, 5}, b3{C, 0.058f, 6};
    float *x = room(B * D), *z = room(B * C);
    Classes<B, C> classes;
    Adam adam;

    Gelu() {
        randomize(x, B * D, 0, 1, 7);
        adam.keep = static_cast<float>(KEEP);
    }

    void forward(Hidden& layer, const float* in, Range units) {
        Product product(false, true, B, units.size(), layer.k, in, layer.k, layer.w.w, layer.k, layer.h, layer.n);
        product.tiles({0, B}, units, B, 64, [&](Range r, Range c) { layer.activate(r, c); });
    }

    /** Gradients of a layer's parameters and their update, row block by row block while it is in the cache. */
    void update(Hidden& layer, const float* in, Range units) {
        sumRows(B, layer.d, layer.n, units, layer.b.g);
        adam.update(layer.b, units);
        int64_t k = layer.k;
        Product dw(true, false, units.size(), k, B, layer.d, layer.n, in, k, layer.w.g, k);
        dw.tiles(units, {0, k}, 64, k, [&](Range r, Range) { adam.update(layer.w, {r.begin * k, r.end * k}); });
    }

    void step(int id) {
        if (id == 0) {
            adam.tick();
        }
        Range rows = share(id, B, 8), first = share(id, H1, 16), second = share(id, H2, 16);
        forward(one, x, first);
        barrier();
        forward(two, one.h, second);
        barrier();
        Product(false, true, rows.size(), C, H2, two.h, H2, w3.w, H2, z, C).tile(rows, {0, C});
        classes.softmax(id, z, b3.w, rows);
        Product(false, false, rows.size(), H2, C, z, C, w3.w, H2, two.d, H2).tile(rows, {0, H2});
        two.back(rows, {0, H2});
        barrier();
        Product back(false, false, B, first.size(), H2, two.d, H2, two.w.w, H1, one.d, H1);
        back.tiles({0, B}, first, B, 64, [&](Range r, Range c) { one.back(r, c); });
        Product(true, false, C, second.size(), B, z, C, two.h, H2, w3.g, H2).tile({0, C}, second);
        for (int64_t i = 0; i < C; i++) {
            adam.update(w3, {i * H2 + second.begin, i * H2 + second.end});
        }
        if (id == 0) {
            sumRows(B, z, C, {0, C}, b3.g);
            adam.update(b3, {0, C});
        }
        barrier();
        update(two, one.h, second);
        update(one, x, first);
        barrier();
    }

    using Array = std::vector<double>;

    /** A layer's sums in float64. */
    static Array sums(const Array& in, const Array& w, const float* bias, int64_t n, int64_t k) {
        Array out(B * n);
        plainProduct(false, true, B, n, k, in, w, out);
        for (int64_t i = 0; i < B * n; i++) {
            out[i] += bias[i % n];
        }
        return out;
    }

    static double below(double x) { return 0.5 * std::erfc(-x * std::sqrt(0.5)); }

    static Array gelu(Array x) {
        for (double& y : x) {
            y *= below(y);
        }
        return x;
    }

    /** The gradient of what goes into a layer's GELU. */
    static Array backward(const Array& d, const Array& w, int64_t n, int64_t k, const Array& in) {
        Array out(B * n);
        plainProduct(false, false, B, n, k, d, w, out);
        for (int64_t i = 0; i < B * n; i++) {
            out[i] *= below(in[i]) + in[i] * std::exp(-0.5 * in[i] * in[i]) / std::sqrt(2 * std::acos(-1.0));
        }
        return out;
    }

    static Array columnSums(const Array& d, int64_t n) {
        Array out(n);
        for (int64_t i = 0; i < B * n; i++) {
            out[i % n] += d[i];
        }
        return out;
    }

    static Array weights(const Array& d, const Array& in, int64_t n, int64_t k) {
        Array out(n * k);
        plainProduct(true, false, n, k, B, d, in, out);
        return out;
    }

    /** Compares one step with a plain implementation in float64. */
    static bool check() {
        Gelu& net = *new Gelu();
        Array x = wide(net.x, B * D), w1 = wide(net.one.w.w, H1 * D), w2 = wide(net.two.w.w, H2 * H1), w3 = wide(net.w3.w, C * H2);
        Array a1 = sums(x, w1, net.one.b.w, H1, D), h1 = gelu(a1);
        Array a2 = sums(h1, w2, net.two.b.w, H2, H1), h2 = gelu(a2);
        Array z = sums(h2, w3, net.b3.w, C, H2);
        double loss = net.classes.plainSoftmax(z);
        Array d2 = backward(z, w3, H2, C, a2), d1 = backward(d2, w2, H1, H2, a1);
        Array g1 = weights(d1, x, H1, D), g2 = weights(d2, h1, H2, H1), g3 = weights(z, h2, C, H2);
        run(net, 1);
        bool ok = net.classes.lossAgrees(loss);
        ok &= agrees("dW1", net.one.w.g, g1, 1e-5) & agrees("dW2", net.two.w.g, g2, 1e-5) & agrees("dW3", net.w3.g, g3, 1e-5);
        ok &= agrees("db1", net.one.b.g, columnSums(d1, H1), 1e-5) & agrees("db2", net.two.b.g, columnSums(d2, H2), 1e-5);
        ok &= agrees("db3", net.b3.g, columnSums(z, C), 1e-5);
        return ok & adamAgrees("W1", net.one.w, w1, g1, KEEP) & adamAgrees("W2", net.two.w, w2, g2, KEEP) & adamAgrees("W3", net.w3, w3, g3, KEEP);
    }
};

int main(int argc, char** argv) { return runProgram<Gelu>(argc, argv); }
