// Limit program: dense network 784-512-512-10 with ReLU, batch 128, cross-entropy, Adam.
//
//   g++ -O3 -std=c++17 -fno-math-errno -fno-trapping-math -pthread -DLIMIT_AVX512 -I backend-cpu/src/main/cpp mlp.cpp -ldl
//
// compare.py does it; without AVX-512 leave -DLIMIT_AVX512 out.
#include "classes.h"

using namespace limit;

struct Mlp {
    static constexpr int64_t B = 128, D = 784, H = 512, C = 10;

    Parameter w1{H * D, 0.036f, 1}, b1{H, 0.036f, 2}, w2{H * H, 0.044f, 3}, b2{H, 0.044f, 4}, w3{C * H, 0.044f, 5}, b3{C, 0.044f, 6};
    float *x = room(B * D), *h1 = room(B * H), *h2 = room(B * H), *z = room(B * C), *d2 = room(B * H), *d1 = room(B * H);
    Classes<B, C> classes;
    Adam adam;

    Mlp() { randomize(x, B * D, 0, 1, 7); }

    static void activate(float* h, const float* bias, Range rows, Range columns) {
        for (int64_t i = rows.begin; i < rows.end; i++) {
            float* __restrict row = h + i * H;
            for (int64_t j = columns.begin; j < columns.end; j++) {
                float y = row[j] + bias[j];
                row[j] = y > 0 ? y : 0;
            }
        }
    }

    static void mask(float* d, const float* h, Range rows, Range columns) {
        for (int64_t i = rows.begin; i < rows.end; i++) {
            float* __restrict row = d + i * H;
            const float* __restrict active = h + i * H;
            for (int64_t j = columns.begin; j < columns.end; j++) {
                row[j] = active[j] > 0 ? row[j] : 0;
            }
        }
    }

    /** Gradient of a weight and its update, row block by row block while it is in the cache. */
    void weightStep(Parameter& w, Range rows, int64_t width, const float* d, const float* in) {
        Product dw(true, false, rows.size(), width, B, d, H, in, width, w.g, width);
        dw.tiles(rows, {0, width}, 64, width, [&](Range r, Range) { adam.update(w, {r.begin * width, r.end * width}); });
    }

    void step(int id) {
        if (id == 0) {
            adam.tick();
        }
        Range all{0, B}, rows = share(id, B, 8), units = share(id, H, 16);
        Product first(false, true, B, units.size(), D, x, D, w1.w, D, h1, H);
        first.tiles(all, units, B, 64, [&](Range r, Range c) { activate(h1, b1.w, r, c); });
        barrier();
        Product second(false, true, B, units.size(), H, h1, H, w2.w, H, h2, H);
        second.tiles(all, units, B, 64, [&](Range r, Range c) { activate(h2, b2.w, r, c); });
        barrier();
        Product(false, true, rows.size(), C, H, h2, H, w3.w, H, z, C).tile(rows, {0, C});
        classes.softmax(id, z, b3.w, rows);
        Product(false, false, rows.size(), H, C, z, C, w3.w, H, d2, H).tile(rows, {0, H});
        mask(d2, h2, rows, {0, H});
        barrier();
        Product back(false, false, B, units.size(), H, d2, H, w2.w, H, d1, H);
        back.tiles(all, units, B, 64, [&](Range r, Range c) { mask(d1, h1, r, c); });
        Product(true, false, C, units.size(), B, z, C, h2, H, w3.g, H).tile({0, C}, units);
        for (int64_t i = 0; i < C; i++) {
            adam.update(w3, {i * H + units.begin, i * H + units.end});
        }
        sumRows(B, d2, H, units, b2.g);
        sumRows(B, d1, H, units, b1.g);
        adam.update(b2, units);
        adam.update(b1, units);
        if (id == 0) {
            sumRows(B, z, C, {0, C}, b3.g);
            adam.update(b3, {0, C});
        }
        barrier();
        weightStep(w2, units, H, d2, h1);
        weightStep(w1, units, D, d1, x);
        barrier();
    }

    /** Compares one step with a plain implementation in float64. */
    static bool check() {
        using Array = std::vector<double>;
        Mlp& net = *new Mlp();
        Array x = wide(net.x, B * D), w1 = wide(net.w1.w, H * D), w2 = wide(net.w2.w, H * H), w3 = wide(net.w3.w, C * H);
        Array h1(B * H), h2(B * H), z(B * C), d2(B * H), d1(B * H), g1(H * D), g2(H * H), g3(C * H), gb1(H), gb2(H), gb3(C);
        auto forward = [](const Array& in, const Array& w, const float* bias, int64_t n, int64_t k, Array& out, bool relu) {
            plainProduct(false, true, B, n, k, in, w, out);
            for (int64_t i = 0; i < B * n; i++) {
                out[i] += bias[i % n];
                out[i] = relu && out[i] < 0 ? 0 : out[i];
            }
        };
        forward(x, w1, net.b1.w, H, D, h1, true);
        forward(h1, w2, net.b2.w, H, H, h2, true);
        forward(h2, w3, net.b3.w, C, H, z, false);
        double loss = net.classes.plainSoftmax(z);
        auto backward = [](const Array& d, const Array& w, int64_t n, int64_t k, const Array& active, Array& out) {
            plainProduct(false, false, B, n, k, d, w, out);
            for (int64_t i = 0; i < B * n; i++) {
                out[i] = active[i] > 0 ? out[i] : 0;
            }
        };
        backward(z, w3, H, C, h2, d2);
        backward(d2, w2, H, H, h1, d1);
        plainProduct(true, false, C, H, B, z, h2, g3);
        plainProduct(true, false, H, H, B, d2, h1, g2);
        plainProduct(true, false, H, D, B, d1, x, g1);
        for (int64_t i = 0; i < B; i++) {
            for (int64_t j = 0; j < H; j++) {
                gb1[j] += d1[i * H + j];
                gb2[j] += d2[i * H + j];
            }
            for (int64_t j = 0; j < C; j++) {
                gb3[j] += z[i * C + j];
            }
        }
        run(net, 1);
        bool ok = net.classes.lossAgrees(loss);
        ok &= agrees("dW1", net.w1.g, g1, 1e-5) & agrees("dW2", net.w2.g, g2, 1e-5) & agrees("dW3", net.w3.g, g3, 1e-5);
        ok &= agrees("db1", net.b1.g, gb1, 1e-5) & agrees("db2", net.b2.g, gb2, 1e-5) & agrees("db3", net.b3.g, gb3, 1e-5);
        return ok & adamAgrees("W1", net.w1, w1, g1) & adamAgrees("W2", net.w2, w2, g2) & adamAgrees("W3", net.w3, w3, g3);
    }
};

int main(int argc, char** argv) { return runProgram<Mlp>(argc, argv); }
