// A plan: a program lowered to calls of tile kernels on numbered registers.
//
// A register is a pointer to the elements of the current tile: straight into memory where an operand is contiguous and of a native type,
// else a slot in scratch memory. Values that are the same for all elements (constants, scalars, operands broadcast from one element, and
// what is computed of them) are computed once per call, and spread over a tile only where a kernel needs that.
// Which operands are broadcast, and whether element numbers are consecutive, decides the plan; a program keeps the plans it has needed.
#pragma once

#include <atomic>
#include <mutex>

#include "isa.h"
#include "pool.h"

namespace jangada {

struct Step {
    Kernel kernel;
    int32_t d, a, b, c, e; // registers; 0 for none
};

constexpr int MASK_BITS = 63;

struct Plan {
    bool valueOnly;
    uint64_t uniform;        // inputs of which one element serves for all (bit i for input i)
    bool consecutive;        // element numbers: a register points to the first one of the tile; else they are loaded like an input
    const Table* table;
    const Plan* next = nullptr;

    bool isUniform(int32_t input) const { return input < MASK_BITS && (uniform >> input & 1) != 0; }

    int32_t inputs = 0, outputs = 0;
    int32_t in(int32_t i) const { return 1 + i; } // registers: none, inputs, outputs, the element numbers, others
    int32_t out(int32_t k) const { return 1 + inputs + k; }
    int32_t number = 0;              // register of the element numbers
    int32_t result = 0;              // without outputs: the register of output 0's value
    bool usesNumber = false;
    bool plain = false; // all operands can be used in place unless they overlap, and there are no element numbers
    std::vector<int64_t> slots; // offset in scratch of each register
    std::vector<Class> loadAs;  // class in which each input is loaded
    std::vector<bool> read;     // whether an input is used at all
    std::vector<std::pair<int32_t, int64_t>> constants; // register, raw bits
    std::vector<std::pair<int32_t, int32_t>> scalars;   // register, scalar
    std::vector<Step> once;   // of one element
    std::vector<Step> spread; // fill registers with a value of one element
    std::vector<Step> steps;
    std::vector<uint64_t> readAfter; // inputs read in place after output k has been written (bit i for input i; the last bit for many)
    int64_t scratch = 0;
    int64_t tile = 512; // elements per tile
    int64_t cost = 1;   // of an element, in units of about 0.1 ns
};

/** A program with the plans made for it. Kernels are few: it lives as long as the process. */
struct Program {
    Code code;
    bool usesIndex = false;
    mutable std::atomic<const Plan*> plans{nullptr};
    mutable std::mutex mutex;

    bool build(const int64_t* words, int64_t count) {
        bool ok = code.decode(words, count);
        for (const Instruction& s : code.steps) {
            usesIndex = usesIndex || s.op == Op::INDEX;
        }
        return ok;
    }

    DType outputType(int32_t k) const { return code.steps[code.outputs[k]].type; }

    /** @param valueOnly whether nothing is stored and the value of output 0 stays in a register */
    const Plan* plan(uint64_t uniform, bool consecutive, bool valueOnly = false) const;
};

} // namespace jangada
