// The map family: runs a plan over the tiles of an iteration space.
//
// The space is the shape of the outputs without dimensions of size 1, sorted so that the first output is written in the order of its
// memory. Each operand sees it through dimensions of its own, merged where they lie behind each other; one that is left with a single
// dimension of stride 1 is used in place if its type allows, the others are copied to and from registers run by run.
#pragma once

#include <alloca.h>

#include <new>

#include "lowering.h"

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

/** Scratch memory of a call: on the stack if it is small; else {@code nameRaw} is null if there is none. */
#define JANGADA_SCRATCH(name, bytes)                                                       \
    int64_t name##Bytes = (bytes) + 64;                                                    \
    bool name##Large = name##Bytes > (64 << 10);                                          \
    char* name##Raw = static_cast<char*>(name##Large ? std::malloc(name##Bytes) : alloca(name##Bytes)); \
    jangada::Release name##Release{name##Large ? name##Raw : nullptr};                     \
    char* name = name##Raw + (-reinterpret_cast<intptr_t>(name##Raw) & 63)

struct Release {
    char* memory;
    ~Release() {
        if (memory) {
            std::free(memory);
        }
    }
};

/** The registers of one thread, moving over a range of the space tile by tile. */
class Tiles {
public:
    /** Bytes of memory that one needs. */
    static int64_t bytes(const Call& call) {
        const Plan& p = *call.plan;
        int64_t operands = p.inputs + p.outputs + 1;
        int64_t ranks = call.numbers.rank;
        for (int32_t i = 0; i < p.inputs; i++) {
            ranks += call.ins[i].inPlace ? 0 : call.ins[i].path.rank;
        }
        for (int32_t k = 0; k < p.outputs; k++) {
            ranks += call.outs[k].inPlace ? 0 : call.outs[k].path.rank;
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

/** Merges the dimensions of an operand, given its strides in the order of the space (sizes are not 1). */
inline Path merge(int32_t rank, const int64_t* sizes, const int64_t* strides, int64_t*& memory) {
    Path w;
    w.size = memory;
    w.stride = memory + rank;
    memory += 2 * rank;
    int32_t n = 0;
    for (int32_t d = 0; d < rank; d++) {
        if (n > 0 && w.stride[n - 1] == strides[d] * sizes[d]) {
            w.size[n - 1] *= sizes[d];
            w.stride[n - 1] = strides[d];
        } else {
            w.size[n] = sizes[d];
            w.stride[n++] = strides[d];
        }
    }
    w.rank = n;
    return w;
}

/** Sets which operands are used in place. Outputs are not where an input would still be read from the same memory after the write. */
inline void placeOperands(Call& call, int64_t elements) {
    const Plan& p = *call.plan;
    for (int32_t i = 0; i < p.inputs; i++) {
        Operand& o = call.ins[i];
        o.inPlace = (p.isUniform(i) || o.path.isDense()) && isNative(o.type) && classOf(o.type) == p.loadAs[i];
    }
    for (int32_t k = 0; k < p.outputs; k++) {
        Operand& o = call.outs[k];
        o.inPlace = o.path.isDense() && isNative(o.type);
        uint64_t later = p.readAfter[k];
        if (!o.inPlace || later == 0) {
            continue;
        }
        char* end = o.address + elements * sizeOf(o.type);
        for (int32_t i = 0; i < p.inputs && o.inPlace; i++) {
            const Operand& in = call.ins[i];
            bool read = (later >> std::min(i, MASK_BITS) & 1) != 0 && in.inPlace;
            int64_t length = p.isUniform(i) ? 1 : elements;
            o.inPlace = !(read && in.address < end && o.address < in.address + length * sizeOf(in.type));
        }
    }
}

/** Cheap kernels work on this many element-operations before another thread is worth its start. */
constexpr int64_t SERIAL_COST = 32768;

/** Elements per chunk of a map that is worth splitting: a multiple of all tile sizes. */
inline int64_t chunkOf(int64_t elements, int64_t cost) {
    int64_t chunk = std::max(SERIAL_COST / 2 / cost, elements / 64);
    return (chunk + 511) / 512 * 512;
}

struct MapCall : Call {
    int64_t elements = 0;
    int64_t chunk = 0;
    std::atomic<int32_t> error{0};

    void range(int64_t first, int64_t end) {
        JANGADA_SCRATCH(memory, Tiles::bytes(*this));
        if (!memoryRaw) {
            error.store(2, std::memory_order_relaxed);
            return;
        }
        int64_t tile = plan->tile;
        Tiles t(*this, memory, first, std::min(tile, end - first));
        for (int64_t e = first; e < end; e += tile) {
            int64_t n = std::min(tile, end - e);
            t.compute(n);
            t.advance(n);
        }
        if (t.error) {
            error.store(1, std::memory_order_relaxed);
        }
    }

    int32_t run() {
        if (elements * plan->cost < SERIAL_COST) {
            range(0, elements);
        } else {
            chunk = chunkOf(elements, plan->cost);
            jangada_parallel((elements + chunk - 1) / chunk, [](void* ctx, int64_t c) {
                MapCall* call = static_cast<MapCall*>(ctx);
                call->range(c * call->chunk, std::min((c + 1) * call->chunk, call->elements));
            }, this);
        }
        return error.load(std::memory_order_relaxed);
    }
};

/** Puts the dimensions larger than 1 in the order of descending strides of the first output; returns how many there are. */
inline int32_t sortDimensions(int32_t rank, const int64_t* shape, const int64_t* strides, int32_t* order) {
    int32_t n = 0;
    for (int32_t d = 0; d < rank; d++) {
        if (shape[d] == 1) {
            continue;
        }
        int32_t at = n++;
        for (; at > 0 && strides[order[at - 1]] < strides[d]; at--) {
            order[at] = order[at - 1];
        }
        order[at] = d;
    }
    return n;
}

/** Reads strides in another order of the dimensions. */
inline Path pathOf(int32_t n, const int32_t* order, const int64_t* shape, const int64_t* strides, int64_t*& memory) {
    int64_t* sizes = memory;
    int64_t* sorted = memory + n;
    memory += 2 * n;
    for (int32_t d = 0; d < n; d++) {
        sizes[d] = shape[order[d]];
        sorted[d] = strides[order[d]];
    }
    return merge(n, sizes, sorted, memory);
}

/** Whether all operands (address, strides…) are row-major without gaps. */
inline bool allContiguous(int32_t rank, const int64_t* shape, const int64_t* operands, int32_t count) {
    for (int32_t i = 0; i < count; i++, operands += rank + 1) {
        int64_t step = 1;
        for (int32_t d = rank - 1; d >= 0; d--) {
            if (shape[d] != 1) {
                if (operands[1 + d] != step) {
                    return false;
                }
                step *= shape[d];
            }
        }
    }
    return true;
}

/** A call of one tile whose operands are all used in place: what small eager operations are, without any bookkeeping. */
inline int32_t runSmall(const Plan& p, const Program& program, int64_t n, int32_t rank, const int64_t* operands) {
    int64_t registers = static_cast<int64_t>(p.slots.size());
    JANGADA_SCRATCH(memory, p.scratch + registers * static_cast<int64_t>(sizeof(char*)));
    if (!memoryRaw) {
        return 2;
    }
    char** regs = reinterpret_cast<char**>(memory + p.scratch);
    regs[0] = nullptr;
    for (int32_t i = 0; i < p.inputs; i++) {
        regs[p.in(i)] = reinterpret_cast<char*>(operands[(p.outputs + i) * (rank + 1)]);
    }
    for (int32_t k = 0; k < p.outputs; k++) {
        regs[p.out(k)] = reinterpret_cast<char*>(operands[k * (rank + 1)]);
    }
    for (int64_t r = p.number; r < registers; r++) {
        regs[r] = memory + p.slots[r];
    }
    for (auto& c : p.constants) {
        std::memcpy(regs[c.first], &c.second, 8);
    }
    const int64_t* scalars = operands + (p.inputs + p.outputs) * (rank + 1);
    for (auto& s : p.scalars) {
        int64_t bits = scalarBits(scalars[s.second], program.code.scalars[s.second]);
        std::memcpy(regs[s.first], &bits, 8);
    }
    int32_t error = 0;
    auto run = [&](const Step& s, int64_t m) { error |= s.kernel(regs[s.d], regs[s.a], regs[s.b], regs[s.c], regs[s.e], m); };
    for (const Step& s : p.once) {
        run(s, 1);
    }
    for (const Step& s : p.spread) {
        run(s, n);
    }
    for (const Step& s : p.steps) {
        run(s, n);
    }
    return error;
}

} // namespace jangada

inline int32_t jangada_map(const int64_t* args) {
    using namespace jangada;
    BusyTime busy;
    const Program& program = *reinterpret_cast<const Program*>(args[0]);
    int32_t rank = static_cast<int32_t>(args[1]);
    int32_t nouts = static_cast<int32_t>(args[2]);
    int32_t nins = static_cast<int32_t>(args[3]);
    int32_t count = nouts + nins;
    const int64_t* shape = args + 4;
    const int64_t* operands = shape + rank;
    MapCall call;
    call.elements = 1;
    for (int32_t d = 0; d < rank; d++) {
        call.elements *= shape[d];
    }
    if (call.elements == 0) {
        return 0;
    }
    bool contiguous = allContiguous(rank, shape, operands, count);
    if (contiguous) {
        const Plan& plan = *program.plan(0, true);
        if (plan.plain && call.elements <= plan.tile) {
            return runSmall(plan, program, call.elements, rank, operands);
        }
    }
    int32_t dims = contiguous ? 1 : rank;
    Operand* all = static_cast<Operand*>(alloca(count * sizeof(Operand)));
    int64_t* memory = static_cast<int64_t*>(alloca((4 * (count + 1) * dims + 3 * dims) * sizeof(int64_t)));
    int32_t* order = reinterpret_cast<int32_t*>(memory);
    memory += dims;
    uint64_t uniform = 0;
    bool consecutive = true;
    int32_t n = 1;
    if (contiguous) {
        memory[0] = call.elements;
        memory[1] = 1;
    } else {
        n = sortDimensions(rank, shape, operands + 1, order);
        if (program.usesIndex) {
            int64_t* rowMajor = memory;
            memory += rank;
            int64_t step = 1;
            for (int32_t d = rank - 1; d >= 0; d--) {
                rowMajor[d] = step;
                step *= shape[d];
            }
            call.numbers = pathOf(n, order, shape, rowMajor, memory);
            consecutive = call.numbers.isDense();
        }
    }
    for (int32_t i = 0; i < count; i++, operands += rank + 1) {
        Operand& o = *new (&all[i]) Operand;
        o.address = reinterpret_cast<char*>(operands[0]);
        o.type = i < nouts ? program.outputType(i) : program.code.inputs[i - nouts];
        if (contiguous) {
            o.path.rank = 1;
            o.path.size = memory;
            o.path.stride = memory + 1;
        } else {
            o.path = pathOf(n, order, shape, operands + 1, memory);
            if (i >= nouts && i - nouts < MASK_BITS && o.path.isSingle()) {
                uniform |= 1ull << (i - nouts);
            }
        }
    }
    call.outs = all;
    call.ins = all + nouts;
    call.scalars = operands;
    call.scalarTypes = program.code.scalars.data();
    call.plan = program.plan(uniform, consecutive);
    placeOperands(call, call.elements);
    return call.run();
}

/** As jangada_map for one output and at most two inputs and one scalar, all row-major without gaps: their arguments fit into registers. */
inline int32_t jangada_map_dense(int64_t program, int64_t elements, int64_t out, int64_t a, int64_t b, int64_t scalar) {
    using namespace jangada;
    BusyTime busy;
    const Program& p = *reinterpret_cast<const Program*>(program);
    int64_t inputs = static_cast<int64_t>(p.code.inputs.size());
    int64_t args[12] = {program, 1, 1, inputs, elements, out, 1};
    int64_t* end = args + 7;
    for (int64_t i = 0; i < inputs; i++) {
        *end++ = i == 0 ? a : b;
        *end++ = 1;
    }
    *end = scalar;
    const Plan& plan = *p.plan(0, true);
    return plan.plain && elements <= plan.tile ? runSmall(plan, p, elements, 1, args + 5) : jangada_map(args);
}

inline int64_t jangada_program(const int64_t* code, int64_t words) {
    jangada::Program* p = new jangada::Program();
    if (!p->build(code, words)) {
        delete p;
        return 0;
    }
    return reinterpret_cast<int64_t>(p);
}
