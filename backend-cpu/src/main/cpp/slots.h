// The places of a plan's registers in scratch memory, and with them the size of its tiles.
#pragma once

#include <algorithm>

#include "plan.h"

namespace jangada {

/**
 * Gives registers their place: single values 64 bytes, operands and spread values a tile each, the others share.
 *
 * @param classes of registers
 * @param spreads registers that hold one value for all elements
 */
inline void assignSlots(Plan& plan, const std::vector<Class>& classes, const std::vector<int32_t>& spreads) {
    int n = static_cast<int>(classes.size());
    std::vector<int> last(n, -1), first(n, -1);
    for (int i = 0; i < static_cast<int>(plan.steps.size()); i++) {
        const Step& s = plan.steps[i];
        for (int32_t r : {s.a, s.b, s.c, s.e}) {
            last[r] = i;
        }
        first[s.d] = first[s.d] < 0 ? i : first[s.d];
        last[s.d] = i;
    }
    if (plan.valueOnly) {
        last[plan.result] = static_cast<int>(plan.steps.size());
    }
    std::vector<int> place(n, -1);        // number of the shared slot
    std::vector<std::pair<Class, int>> shared; // class and the step from which it is free
    for (int i = 0; i < static_cast<int>(plan.steps.size()); i++) {
        int32_t r = plan.steps[i].d;
        if (r <= plan.number || first[r] != i) {
            continue;
        }
        size_t k = 0;
        while (k < shared.size() && !(shared[k].first == classes[r] && shared[k].second <= i)) {
            k++;
        }
        if (k == shared.size()) {
            shared.push_back({classes[r], 0});
        }
        shared[k].second = last[r]; // the kernel of step last[r] may write over it
        place[r] = static_cast<int>(k);
    }
    int64_t perElement = 0;
    for (auto& s : shared) {
        perElement += sizeOf(s.first);
    }
    for (int32_t r : spreads) {
        perElement += sizeOf(classes[r]);
    }
    // The tiles of a reduction decide the order of its sums: they are the same for all programs.
    plan.tile = plan.valueOnly || perElement <= 64 ? 512 : perElement <= 160 ? 256 : perElement <= 320 ? 128 : 64;
    plan.slots.assign(n, 0);
    int64_t end = 0;
    auto take = [&](int64_t bytes) {
        int64_t at = end;
        end += (bytes + 63) / 64 * 64;
        return at;
    };
    std::vector<int64_t> sharedAt;
    for (auto& s : shared) {
        sharedAt.push_back(take(plan.tile * sizeOf(s.first) + 64)); // not all at the same distance modulo 4096
    }
    for (int r = 0; r < n; r++) {
        bool whole = r <= plan.number || std::find(spreads.begin(), spreads.end(), r) != spreads.end();
        plan.slots[r] = place[r] >= 0 ? sharedAt[place[r]] : take(whole ? plan.tile * sizeOf(classes[r]) + 64 : 8);
    }
    plan.scratch = end;
}

} // namespace jangada
