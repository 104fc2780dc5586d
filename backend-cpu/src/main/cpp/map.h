// The map family: runs a plan over the tiles of an iteration space.
//
// The space is the shape of the outputs without dimensions of size 1, sorted so that the first output is written in the order of its memory.
#pragma once

#include <algorithm>
#include <memory>

#include "tiles.h"

namespace jangada {

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

/** Whether input i, in place, is still read after output k has been written to the same memory. */
inline bool isReadAfter(const Plan& p, int32_t k, int32_t i, const char* out, int64_t outBytes, const char* in, int64_t inBytes) {
    return (p.readAfter[k] >> std::min(i, MASK_BITS) & 1) != 0 && in < out + outBytes && out < in + inBytes;
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
        for (int32_t i = 0; i < p.inputs && o.inPlace; i++) {
            const Operand& in = call.ins[i];
            int64_t length = p.isUniform(i) ? 1 : elements;
            o.inPlace = !(in.inPlace && isReadAfter(p, k, i, o.address, elements * sizeOf(o.type), in.address, length * sizeOf(in.type)));
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

/** A call of one tile whose operands are all used in place: what small operations are, without any bookkeeping. */
struct SmallCall {
    const Plan* plan = nullptr;
    const Program* program = nullptr;
    char** regs = nullptr;
    char* scratch = nullptr;
    const int64_t* scalars = nullptr;
    int64_t elements = 0;

    static int64_t bytes(const Plan& p) { return static_cast<int64_t>(p.slots.size() * sizeof(char*)); }

    /** @param memory as many bytes as told, which this call keeps; scratch: plan.scratch bytes aligned to 64, for the time of a run */
    SmallCall(const Plan& p, const Program& program, int64_t n, int32_t rank, const int64_t* operands, char* memory, char* scratch)
        : plan(&p), program(&program), regs(reinterpret_cast<char**>(memory)), scratch(scratch),
          scalars(operands + (p.inputs + p.outputs) * (rank + 1)), elements(n) {
        int64_t registers = static_cast<int64_t>(p.slots.size());
        regs[0] = nullptr;
        for (int32_t i = 0; i < p.inputs; i++) {
            regs[p.in(i)] = reinterpret_cast<char*>(operands[(p.outputs + i) * (rank + 1)]);
        }
        for (int32_t k = 0; k < p.outputs; k++) {
            regs[p.out(k)] = reinterpret_cast<char*>(operands[k * (rank + 1)]);
        }
        for (int64_t r = p.number; r < registers; r++) {
            regs[r] = scratch + p.slots[r];
        }
    }

    int32_t run() const {
        for (auto& c : plan->constants) {
            std::memcpy(regs[c.first], &c.second, 8);
        }
        for (auto& s : plan->scalars) {
            int64_t bits = scalarBits(scalars[s.second], program->code.scalars[s.second]);
            std::memcpy(regs[s.first], &bits, 8);
        }
        int32_t error = 0;
        auto run = [&](const Step& s, int64_t m) { error |= s.kernel(regs[s.d], regs[s.a], regs[s.b], regs[s.c], regs[s.e], m); };
        for (const Step& s : plan->once) {
            run(s, 1);
        }
        for (const Step& s : plan->spread) {
            run(s, elements);
        }
        for (const Step& s : plan->steps) {
            run(s, elements);
        }
        return error;
    }
};

inline int32_t runSmall(const Plan& p, const Program& program, int64_t n, int32_t rank, const int64_t* operands) {
    int64_t bytes = p.scratch + SmallCall::bytes(p);
    if (bytes + 64 > STACK_BYTES && !scratches()->slots[SCRATCH_REGISTERS].reserve(bytes + 64)) {
        return NO_MEMORY;
    }
    JANGADA_SCRATCH(memory, SCRATCH_REGISTERS, bytes);
    return SmallCall(p, program, n, rank, operands, memory + p.scratch, memory).run();
}

/** The arguments of jangada_map, read. */
struct MapArguments {
    const Program& program;
    int32_t rank, nouts, nins;
    const int64_t* shape;
    const int64_t* operands;
    int64_t elements = 1;
    bool contiguous;

    explicit MapArguments(const int64_t* args)
        : program(*reinterpret_cast<const Program*>(args[0])), rank(static_cast<int32_t>(args[1])), nouts(static_cast<int32_t>(args[2])),
          nins(static_cast<int32_t>(args[3])), shape(args + 4), operands(shape + rank) {
        for (int32_t d = 0; d < rank; d++) {
            elements *= shape[d];
        }
        contiguous = allContiguous(rank, shape, operands, nouts + nins);
    }

    /** The plan of a SmallCall, or null if the call is none. */
    const Plan* small() const {
        const Plan* plan = perhapsSmall();
        return plan && !overlaps(*plan) ? plan : nullptr;
    }

    /** The plan of a SmallCall if the call is one, or would be if other memory were given to it. */
    const Plan* perhapsSmall() const {
        const Plan* plan = contiguous ? program.plan(0, true) : nullptr;
        return plan && plan->plain && elements <= plan->tile ? plan : nullptr;
    }

private:
    /** Whether an input is still read from memory that has been written to. */
    bool overlaps(const Plan& plan) const {
        for (int32_t k = 0; k < nouts; k++) {
            for (int32_t i = 0; i < nins && plan.readAfter[k] != 0; i++) {
                const char* out = reinterpret_cast<const char*>(operands[k * (rank + 1)]);
                const char* in = reinterpret_cast<const char*>(operands[(nouts + i) * (rank + 1)]);
                if (isReadAfter(plan, k, i, out, elements * sizeOf(program.outputType(k)), in, elements * sizeOf(program.code.inputs[i]))) {
                    return true;
                }
            }
        }
        return false;
    }
};

/** A call that is ready to run, as often as wanted while its operands and this object stay where they are: in chunks, each by any thread. */
struct MapCall : Call {
    int64_t elements = 0;
    int64_t chunk = 0; // elements
    int64_t chunks = 0;
    Needs needs;
    std::atomic<int32_t> error{0};

    /** Bytes of memory that a call needs for as long as it lives. */
    static int64_t bytes(const MapArguments& a) {
        int64_t count = a.nouts + a.nins, dims = a.contiguous ? 1 : a.rank;
        return count * static_cast<int64_t>(sizeof(Operand)) + (4 * (count + 1) * dims + 3 * dims) * 8;
    }

    MapCall(const MapArguments& a, char* room) {
        const Program& program = a.program;
        int32_t rank = a.rank, count = a.nouts + a.nins;
        int32_t dims = a.contiguous ? 1 : rank;
        elements = a.elements;
        Operand* all = reinterpret_cast<Operand*>(room);
        int64_t* memory = reinterpret_cast<int64_t*>(room + count * sizeof(Operand));
        int32_t* order = reinterpret_cast<int32_t*>(memory);
        memory += dims;
        uint64_t uniform = 0;
        bool consecutive = true;
        int32_t n = 1;
        if (a.contiguous) {
            memory[0] = elements;
            memory[1] = 1;
        } else {
            n = sortDimensions(rank, a.shape, a.operands + 1, order);
            if (program.usesIndex) {
                int64_t* rowMajor = memory;
                memory += rank;
                int64_t step = 1;
                for (int32_t d = rank - 1; d >= 0; d--) {
                    rowMajor[d] = step;
                    step *= a.shape[d];
                }
                numbers = pathOf(n, order, a.shape, rowMajor, memory);
                consecutive = numbers.isDense();
            }
        }
        const int64_t* operands = a.operands;
        for (int32_t i = 0; i < count; i++, operands += rank + 1) {
            Operand& o = *new (&all[i]) Operand;
            o.address = reinterpret_cast<char*>(operands[0]);
            o.type = i < a.nouts ? program.outputType(i) : program.code.inputs[i - a.nouts];
            if (a.contiguous) {
                o.path.rank = 1;
                o.path.size = memory;
                o.path.stride = memory + 1;
            } else {
                o.path = pathOf(n, order, a.shape, operands + 1, memory);
                if (i >= a.nouts && i - a.nouts < MASK_BITS && o.path.isSingle()) {
                    uniform |= 1ull << (i - a.nouts);
                }
            }
        }
        outs = all;
        ins = all + a.nouts;
        scalars = operands;
        scalarTypes = program.code.scalars.data();
        plan = program.plan(uniform, consecutive);
        placeOperands(*this, elements);
        needs.addRegisters(SCRATCH_REGISTERS, Tiles::bytes(*this));
        chunk = work() < SERIAL_COST ? elements : chunkOf(elements, plan->cost);
        chunks = (elements + chunk - 1) / chunk;
    }

    int64_t work() const { return elements * plan->cost; }

    void runChunk(int64_t c) { range(c * chunk, std::min((c + 1) * chunk, elements)); }

    int32_t run() {
        start();
        if (!jangada_parallel(chunks, [](void* ctx, int64_t c) { static_cast<MapCall*>(ctx)->runChunk(c); }, this, needs)) {
            return NO_MEMORY;
        }
        return finish();
    }

    /** Gets ready for its chunks, which may then be run in any order. */
    void start() { error.store(0, std::memory_order_relaxed); }

    /** After all chunks: returns the status. */
    int32_t finish() { return error.load(std::memory_order_relaxed); }

private:
    void range(int64_t first, int64_t end) {
        JANGADA_SCRATCH(memory, SCRATCH_REGISTERS, Tiles::bytes(*this));
        int64_t tile = plan->tile;
        Tiles t(*this, memory, first, std::min(tile, end - first));
        for (int64_t e = first; e < end; e += tile) {
            int64_t n = std::min(tile, end - e);
            t.compute(n);
            t.advance(n);
        }
        if (t.error) {
            error.store(DIVISION_BY_ZERO, std::memory_order_relaxed);
        }
    }
};

inline int32_t runMap(const int64_t* args) {
    MapArguments a(args);
    if (a.elements == 0) {
        return OK;
    }
    if (const Plan* small = a.small()) {
        return runSmall(*small, a.program, a.elements, a.rank, a.operands);
    }
    char* room = static_cast<char*>(alloca(MapCall::bytes(a)));
    return MapCall(a, room).run();
}

} // namespace jangada

inline int32_t jangada_map(const int64_t* args) {
    jangada::BusyTime busy;
    return jangada::statusOf([&] { return jangada::runMap(args); });
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
    return statusOf([&] {
        const Plan& plan = *p.plan(0, true);
        bool small = plan.plain && plan.readAfter[0] == 0 && elements <= plan.tile;
        return small ? runSmall(plan, p, elements, 1, args + 5) : runMap(args);
    });
}

inline int64_t jangada_program(const int64_t* code, int64_t words) {
    try {
        jangada::allocationPoint();
        auto p = std::make_unique<jangada::Program>();
        return p->build(code, words) ? reinterpret_cast<int64_t>(p.release()) : 0;
    } catch (const std::exception&) {
        return -1;
    }
}
