// Conversions and integer products on panels, one table per instruction set.
#pragma once

#include <cstdint>
#include <cstring>

#include "map.h"
#include "program.h"

namespace jangada {

/** Converts n elements of a type, {@code stride} elements apart, to the type that products of it are computed in. */
using WidenRow = void (*)(void* to, const void* from, int64_t stride, int64_t n);
/** Rounds n contiguous elements back to a type. */
using NarrowRow = void (*)(void* to, const void* from, int64_t n);
/** Product of two row-major panels: c[m, n] = a[m, k] @ b[k, n]. */
using PanelProduct = void (*)(
        const void* a, const void* b, void* c, int64_t m, int64_t n, int64_t k, int64_t lda, int64_t ldb, int64_t ldc);

struct PanelLoops {
    WidenRow (*widener)(DType type);
    NarrowRow (*narrower)(DType type);
    PanelProduct integer32;
    PanelProduct integer64;
    PanelProduct truth;
};

namespace panel_generic {
#include "panel.inc"
}
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
namespace panel_avx2 {
#include "panel.inc"
}
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
namespace panel_avx512 {
#include "panel.inc"
}
#pragma GCC pop_options

inline const PanelLoops& panelLoops() {
    const char* isa = jangada_isa();
    return !strcmp(isa, "avx512") ? panel_avx512::LOOPS : !strcmp(isa, "avx2") ? panel_avx2::LOOPS : panel_generic::LOOPS;
}

} // namespace jangada
