// Checks the backend's own matrix kernel as no Java test can: operands and results end, or begin, at pages that must not be touched.
//
//   g++ -O3 -std=c++17 -fno-math-errno -fno-trapping-math -pthread -DLIMIT_AVX512 -I backend-cpu/src/main/cpp products.cpp -ldl
//
// Random shapes, layouts, distances of rows, alpha and beta, on each instruction set that the processor has; NaN stands between the rows and
// in results that are not to be read. limits.py --check runs it.
#include <sys/mman.h>

#include "limit.h"

using namespace limit;

/** Floats between two pages that may not be touched, at the end of the room or at its beginning. */
class Guarded {
public:
    Guarded(int64_t n, bool atEnd) : bytes_((4 * n + PAGE - 1) / PAGE * PAGE) {
        base_ = static_cast<char*>(mmap(nullptr, bytes_ + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        mprotect(base_ + PAGE, bytes_, PROT_READ | PROT_WRITE);
        data = reinterpret_cast<float*>(atEnd ? base_ + PAGE + bytes_ - 4 * n : base_ + PAGE);
        std::fill(data, data + n, NAN);
    }
    ~Guarded() { munmap(base_, bytes_ + 2 * PAGE); }
    Guarded(const Guarded&) = delete;

    float* data;

private:
    static constexpr int64_t PAGE = 4096;
    int64_t bytes_;
    char* base_;
};

class Numbers {
public:
    int64_t below(int64_t n) {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        return static_cast<int64_t>(state_ >> 33) % n;
    }
    int64_t size() {
        static const int64_t SIZES[] = {2, 3, 5, 7, 8, 9, 13, 16, 17, 31, 33, 48, 49, 64, 65, 97, 130, 257};
        int64_t n = SIZES[below(18)];
        return below(8) == 0 ? 3 * n + below(50) : n;
    }

private:
    uint64_t state_ = 1;
};

struct Matrix {
    int64_t rows, columns, lead;
    bool transposed;
    Guarded memory;

    Matrix(int64_t rows, int64_t columns, bool transposed, int64_t gap, Numbers& numbers)
        : rows(rows), columns(columns), lead((transposed ? rows : columns) + gap), transposed(transposed),
          memory(((transposed ? columns : rows) - 1) * lead + (transposed ? rows : columns), numbers.below(2) == 0) {
        for (int64_t i = 0; i < rows; i++) {
            for (int64_t j = 0; j < columns; j++) {
                *at(i, j) = static_cast<float>(numbers.below(2001) - 1000) / 1000;
            }
        }
    }

    float* at(int64_t i, int64_t j) { return memory.data + (transposed ? j * lead + i : i * lead + j); }
};

bool isRight(const jangada::SgemmTable& table, Numbers& numbers) {
    int64_t m = numbers.size(), n = numbers.size(), k = numbers.size() + (numbers.below(20) == 0 ? 900 : 0);
    if (m * n * k > 20000000) {
        return true;
    }
    bool ta = numbers.below(2) == 0, tb = numbers.below(2) == 0;
    Matrix a(m, k, ta, numbers.below(3) == 0 ? numbers.below(20) : 0, numbers);
    Matrix b(k, n, tb, numbers.below(3) == 0 ? numbers.below(20) : !tb && numbers.below(8) == 0 && n < 2048 ? 2048 - n : 0, numbers);
    Matrix c(m, n, false, 0, numbers);
    float alpha = numbers.below(2) == 0 ? 1.f : -0.5f, beta = numbers.below(2) == 0 ? 0.f : 2.5f;
    std::vector<double> right(static_cast<size_t>(m * n));
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t p = 0; p < k; p++) {
                sum += static_cast<double>(*a.at(i, p)) * *b.at(p, j);
            }
            right[i * n + j] = alpha * sum + (beta == 0 ? 0 : static_cast<double>(beta) * *c.at(i, j));
            *c.at(i, j) = beta == 0 ? NAN : *c.at(i, j);
        }
    }
    jangada::Grid grid{};
    jangada::SgemmPlan plan = jangada::SgemmPlanner(table, 1, m, n, k, ta, tb, a.lead, b.lead).plan(grid);
    jangada::Needs needs;
    jangada::needSgemm(plan, grid.rows.largest(), grid.columns.largest(), k, needs);
    jangada::scratches()->reserve(needs);
    for (int64_t t = 0; t < grid.tiles(); t++) {
        int64_t row = t / grid.columns.parts, column = t % grid.columns.parts;
        int64_t i = grid.rows.begin(row), j = grid.columns.begin(column);
        jangada::runSgemm(
                plan, ta, tb, grid.rows.begin(row + 1) - i, grid.columns.begin(column + 1) - j, k, alpha, a.at(i, 0), a.lead, b.at(0, j), b.lead,
                beta, c.at(i, j), n);
    }
    for (int64_t i = 0; i < m * n; i++) {
        if (!(std::abs(c.memory.data[i] - right[i]) <= 4e-6 * static_cast<double>(k + 3))) {
            fprintf(stderr, "m %ld n %ld k %ld ta %d tb %d lda %ld ldb %ld alpha %g beta %g: element %ld is %g, not %g\n", m, n, k, ta, tb, a.lead,
                    b.lead, alpha, beta, i, c.memory.data[i], right[i]);
            return false;
        }
    }
    return true;
}

int main() {
    std::vector<const char*> sets = {"avx2"};
    if (JANGADA_ISA == 2) {
        sets.push_back("avx512");
    }
    for (const char* isa : sets) {
        Numbers numbers;
        int wrong = 0;
        for (int i = 0; i < 3000 && wrong < 5; i++) {
            wrong += isRight(*jangada::sgemmTable(isa), numbers) ? 0 : 1;
        }
        fprintf(stderr, "3000 products on %s: %d wrong\n", isa, wrong);
        if (wrong > 0) {
            return 1;
        }
    }
    return 0;
}
