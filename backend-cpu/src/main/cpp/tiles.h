// The operands of an element-wise call, and the registers of a thread that moves over them tile by tile.
//
// Each operand sees the iteration space through dimensions of its own, merged where they lie behind each other; one that is left with a single
// dimension of stride 1 is used in place if its type allows, the others are copied to and from registers run by run.
#pragma once

#include <alloca.h>

#include <new>

#include "lowering.h"
#include "memory.h"

namespace jangada {

/** Positions of an operand in the order of the iteration space. */
struct Path {
    int32_t rank = 0;
    int64_t* size = nullptr;   // of the merged dimensions
    int64_t* stride = nullptr; // in elements
    int64_t* at = nullptr;     // current index
    int64_t position = 0;      // in elements

    bool isSingle() const { return rank == 0 || (rank == 1 && stride[0] == 0); }
    bool isDense() const { return rank == 0 || (rank == 1 && stride[0] == 1); }

    /** Moves to element number {@code e} of the space. */
    void seek(int64_t e) {
        position = 0;
        for (int d = rank - 1; d >= 0; d--) {
            at[d] = e % size[d];
            e /= size[d];
            position += at[d] * stride[d];
        }
    }

    /** Calls run(position, length, stride) for each run of the next n elements. */
    template <class Run>
    void next(int64_t n, Run run) {
        if (rank == 0) {
            run(0, n, 0);
            return;
        }
        int last = rank - 1;
        while (n > 0) {
            int64_t m = std::min(n, size[last] - at[last]);
            run(position, m, stride[last]);
            n -= m;
            at[last] += m;
            position += m * stride[last];
            for (int d = last; d > 0 && at[d] == size[d]; d--) {
                position += stride[d - 1] - at[d] * stride[d];
                at[d] = 0;
                at[d - 1]++;
            }
        }
    }
};

/** An operand of a call. */
struct Operand {
    char* address = nullptr;
    DType type = DType::FLOAT32;
    bool inPlace = false; // the register points into memory
    Path path;            // where it is not in place; without a current index
};

/** The operands of a call, as seen from its iteration space. */
struct Call {
    const Plan* plan = nullptr;
    Operand* outs = nullptr;
    Operand* ins = nullptr;
    Path numbers; // element numbers where they are not consecutive
    const int64_t* scalars = nullptr;
    const DType* scalarTypes = nullptr;
};

inline int64_t scalarBits(int64_t given, DType type) {
    if (classOf(type) != F32) {
        return given;
    }
    double d;
    std::memcpy(&d, &given, 8);
    float f = static_cast<float>(d);
    uint32_t i;
    std::memcpy(&i, &f, 4);
    return i;
}

/** Scratch memory of a call: on the stack if it is small, else what Needs::addRegisters has reserved. */
#define JANGADA_SCRATCH(name, slot, bytes)                                                          \
    int64_t name##Bytes = (bytes) + 64;                                                             \
    char* name##Raw = static_cast<char*>(name##Bytes > jangada::STACK_BYTES ? jangada::scratch(slot) : alloca(name##Bytes)); \
    char* name = name##Raw + (-reinterpret_cast<intptr_t>(name##Raw) & 63)

/** The registers of one thread, moving over a range of the space tile by tile. */
class Tiles {
public:
    /** Bytes of memory that one needs, wherever the operands lie. */
    static int64_t bytes(const Call& call) {
        const Plan& p = *call.plan;
        int64_t operands = p.inputs + p.outputs + 1;
        int64_t ranks = call.numbers.rank;
        for (int32_t i = 0; i < p.inputs; i++) {
            ranks += call.ins[i].path.rank;
        }
        for (int32_t k = 0; k < p.outputs; k++) {
            ranks += call.outs[k].path.rank;
        }
        return p.scratch + static_cast<int64_t>(p.slots.size() * sizeof(char*)) +
               operands * static_cast<int64_t>(sizeof(Move) + sizeof(Transfer)) + ranks * 8;
    }

    /** Computes what is the same for all elements and goes to element {@code first}; tiles will have at most {@code most} elements. */
    Tiles(const Call& call, char* memory, int64_t first, int64_t most) : call(call), plan(*call.plan), number(first) {
        char* scratch = memory;
        memory += plan.scratch;
        regs = reinterpret_cast<char**>(memory);
        memory += plan.slots.size() * sizeof(char*);
        int64_t operands = plan.inputs + plan.outputs + 1;
        moves = reinterpret_cast<Move*>(memory);
        memory += operands * sizeof(Move);
        transfers = reinterpret_cast<Transfer*>(memory);
        index = reinterpret_cast<int64_t*>(memory + operands * sizeof(Transfer));
        regs[0] = nullptr;
        for (size_t r = 1; r < plan.slots.size(); r++) {
            regs[r] = scratch + plan.slots[r];
        }
        begin(first, most);
    }

    /** Computes the next n elements. */
    void compute(int64_t n) {
        for (int32_t i = 0; i < loads; i++) {
            transfers[i].load(n);
        }
        if (plan.consecutive && plan.usesNumber) {
            std::memcpy(regs[plan.number], &number, 8);
        }
        for (const Step *s = plan.steps.data(), *end = s + plan.steps.size(); s < end; s++) {
            error |= run(*s, n);
        }
    }

    /** The value of output 0 in the tile computed last, for a plan without outputs. */
    const char* result() const { return regs[plan.result]; }

    /** Stores the n elements computed last and goes to the next ones. */
    void advance(int64_t n) {
        for (int32_t i = loads; i < loads + stores; i++) {
            transfers[i].store(n);
        }
        for (int32_t i = 0; i < moved; i++) {
            regs[moves[i].reg] += n * moves[i].size;
        }
        number += n;
    }

    /** Goes to element e. */
    void seek(int64_t e) {
        for (int32_t i = 0; i < loads + stores; i++) {
            transfers[i].path.seek(e);
        }
        for (int32_t i = 0; i < moved; i++) {
            regs[moves[i].reg] += (e - number) * moves[i].size;
        }
        number = e;
    }

    int32_t error = 0; // 1 if an integer was divided by zero

private:
    struct Move {
        int32_t reg;
        int64_t size;
    };

    /** An operand that is copied to or from its register. */
    struct Transfer {
        char* reg;
        char* address; // null for element numbers
        int64_t memorySize, registerSize;
        Load read;
        Store write;
        Path path;

        void load(int64_t n) {
            char* d = reg;
            if (address == nullptr) {
                path.next(n, [&](int64_t position, int64_t m, int64_t stride) {
                    for (int64_t j = 0; j < m; j++, d += 8) {
                        int64_t value = position + j * stride;
                        std::memcpy(d, &value, 8);
                    }
                });
                return;
            }
            path.next(n, [&](int64_t position, int64_t m, int64_t stride) {
                read(d, address + position * memorySize, m, stride);
                d += m * registerSize;
            });
        }

        void store(int64_t n) {
            char* s = reg;
            path.next(n, [&](int64_t position, int64_t m, int64_t stride) {
                write(address + position * memorySize, s, m, stride);
                s += m * registerSize;
            });
        }
    };

    const Call& call;
    const Plan& plan;
    int64_t number;
    char** regs;
    Move* moves;
    Transfer* transfers;
    int64_t* index;
    int32_t moved = 0, loads = 0, stores = 0;

    int32_t run(const Step& s, int64_t n) const { return s.kernel(regs[s.d], regs[s.a], regs[s.b], regs[s.c], regs[s.e], n); }

    void begin(int64_t first, int64_t most) {
        for (auto& c : plan.constants) {
            std::memcpy(regs[c.first], &c.second, 8);
        }
        for (auto& s : plan.scalars) {
            int64_t bits = scalarBits(call.scalars[s.second], call.scalarTypes[s.second]);
            std::memcpy(regs[s.first], &bits, 8);
        }
        for (int32_t i = 0; i < plan.inputs; i++) {
            if (plan.read[i]) {
                beginInput(i, first);
            }
        }
        if (plan.usesNumber && !plan.consecutive) {
            transfer(loads++, plan.number, nullptr, 8, 8, call.numbers, first);
        }
        for (int32_t k = 0; k < plan.outputs; k++) {
            const Operand& o = call.outs[k];
            if (o.inPlace) {
                move(plan.out(k), o, first);
            } else {
                Transfer& t = transfer(loads + stores++, plan.out(k), o.address, sizeOf(o.type), sizeOf(classOf(o.type)), o.path, first);
                t.write = plan.table->store[static_cast<int>(o.type)];
            }
        }
        for (const Step& s : plan.once) {
            error |= run(s, 1);
        }
        for (const Step& s : plan.spread) {
            run(s, most);
        }
    }

    void beginInput(int32_t i, int64_t first) {
        const Operand& o = call.ins[i];
        Load read = plan.table->load[static_cast<int>(o.type)][plan.loadAs[i]];
        if (plan.isUniform(i)) {
            if (o.inPlace) {
                regs[plan.in(i)] = o.address;
            } else {
                read(regs[plan.in(i)], o.address, 1, 0);
            }
        } else if (o.inPlace) {
            move(plan.in(i), o, first);
        } else {
            Transfer& t = transfer(loads++, plan.in(i), o.address, sizeOf(o.type), sizeOf(plan.loadAs[i]), o.path, first);
            t.read = read;
        }
    }

    void move(int32_t reg, const Operand& o, int64_t first) {
        regs[reg] = o.address + first * sizeOf(o.type);
        moves[moved++] = {reg, sizeOf(o.type)};
    }

    Transfer& transfer(int32_t n, int32_t reg, char* address, int64_t memorySize, int64_t registerSize, const Path& path, int64_t first) {
        Transfer& t = transfers[n];
        t.reg = regs[reg];
        t.address = address;
        t.memorySize = memorySize;
        t.registerSize = registerSize;
        t.path = path;
        t.path.at = index;
        index += path.rank;
        t.path.seek(first);
        return t;
    }
};

} // namespace jangada
