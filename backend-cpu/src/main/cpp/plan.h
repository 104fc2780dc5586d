// A plan: a program lowered to calls of tile kernels on numbered registers.
//
// A register is a pointer to the elements of the current tile: straight into memory where an operand is contiguous and of a native type,
// else a slot in scratch memory. Values that are the same for all elements (constants, scalars, operands broadcast from one element, and
// what is computed of them) are computed once per call, and spread over a tile only where a kernel needs that.
// Which operands are broadcast, and whether element numbers are consecutive, decides the plan; a program keeps the plans it has needed.
#pragma once

#include <algorithm>
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
    bool plain = false; // all operands can be used in place, whatever overlaps, and there are no element numbers
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

/** Lowers a program. Values are numbered as the instructions of the code. */
class Lowering {
public:
    Lowering(const Code& code, const Table& table, uint64_t uniform, bool consecutive, bool valueOnly)
        : code(code), table(table), valueOnly(valueOnly), plan(*new Plan()) {
        plan.valueOnly = valueOnly;
        plan.table = &table;
        plan.uniform = uniform;
        plan.consecutive = consecutive;
    }

    Plan* build() {
        int n = static_cast<int>(code.steps.size());
        plan.inputs = static_cast<int32_t>(code.inputs.size());
        plan.outputs = valueOnly ? 0 : static_cast<int32_t>(code.outputs.size());
        plan.number = plan.out(plan.outputs);
        plan.read.assign(plan.inputs, false);
        classes.push_back(BIT);
        for (DType t : code.inputs) {
            classes.push_back(classOf(t));
            plan.loadAs.push_back(classOf(t));
        }
        for (int32_t k = 0; k < plan.outputs; k++) {
            classes.push_back(classOf(type(code.outputs[k])));
        }
        classes.push_back(I64);
        values.assign(n, Value());
        findUses();
        foldLoads();
        for (int i = 0; i < n; i++) {
            if (values[i].uses > 0) {
                lower(i);
            }
        }
        finishOutputs();
        findHazards();
        assignSlots();
        plan.plain = !plan.usesNumber;
        for (int32_t i = 0; i < plan.inputs; i++) {
            plan.plain = plan.plain && isNative(code.inputs[i]) && classOf(code.inputs[i]) == plan.loadAs[i];
        }
        for (int32_t k = 0; k < plan.outputs; k++) {
            plan.plain = plan.plain && isNative(type(code.outputs[k])) && plan.readAfter[k] == 0;
        }
        return &plan;
    }

private:
    struct Value {
        int uses = 0;
        int32_t reg = -1;    // the value of all elements of a tile, or -1
        int32_t single = -1; // the value of one element, if it is the same for all
    };

    const Code& code;
    const Table& table;
    bool valueOnly;
    Plan& plan;
    std::vector<Value> values;
    std::vector<Class> classes;  // of registers
    std::vector<int32_t> pinned; // registers that keep their slot: written before the tiles

    DType type(int32_t i) const { return code.steps[i].type; }
    const Instruction& at(int32_t i) const { return code.steps[i]; }

    // ---- patterns: an instruction together with instructions that are computed for it alone ----

    /** MUL(CAST f32(SHR(RANDOM(seed, offset, INDEX), 8)), constant): the constant's instruction, or -1. */
    int32_t uniformDraw(const Instruction& s, const Instruction** random) const {
        if (s.op != Op::MUL || s.type != DType::FLOAT32 || !plan.consecutive) {
            return -1;
        }
        for (int k = 0; k < 2; k++) {
            const Instruction& cast = at(s.args[k]);
            const Instruction& scale = at(s.args[1 - k]);
            if (cast.op != Op::CAST || scale.op != Op::CONST || at(cast.args[0]).op != Op::SHR) {
                continue;
            }
            const Instruction& shift = at(cast.args[0]);
            const Instruction& r = at(shift.args[0]);
            const Instruction& distance = at(shift.args[1]);
            if (r.op == Op::RANDOM && distance.op == Op::CONST && distance.bits == 8 && isDraw(r)) {
                *random = &r;
                return s.args[1 - k];
            }
        }
        return -1;
    }

    /** Whether a RANDOM has one seed and offset for all elements and is numbered by consecutive elements. */
    bool isDraw(const Instruction& r) const {
        return plan.consecutive && at(r.args[2]).op == Op::INDEX && isSingle(r.args[0]) && isSingle(r.args[1]);
    }

    /** CAST f32 or SELECT f32 of a comparison of float32 values: the comparison, or null. */
    const Instruction* comparison(const Instruction& s) const {
        bool fits = s.type == DType::FLOAT32 && (s.op == Op::SELECT || s.op == Op::CAST) && !isSingle(s.args[0]);
        const Instruction& c = at(s.args[0]);
        return fits && isComparison(c.op) && type(c.args[0]) == DType::FLOAT32 ? &c : nullptr;
    }

    /** Whether a value is the same for all elements. */
    bool isSingle(int32_t i) const {
        const Instruction& s = at(i);
        switch (s.op) {
            case Op::CONST:
            case Op::SCALAR: return true;
            case Op::INDEX: return false;
            case Op::INPUT: return s.args[0] < MASK_BITS && (plan.uniform >> s.args[0] & 1) != 0;
            default: break;
        }
        return single[i];
    }

    /** A float32 instruction merged with one or two of its arguments, which nothing else needs. */
    struct Merge {
        Fused kernel = FUSED; // FUSED if there is none
        int32_t a = 0, b = -1, c = -1, e = -1;
    };

    bool canMerge(int32_t i, Op op) const { return at(i).op == op && !isSingle(i) && readers[i] == 1 && !isDrawn(i); }

    bool isDrawn(int32_t i) const {
        const Instruction* random = nullptr;
        return uniformDraw(at(i), &random) >= 0;
    }

    Merge mergeOf(int32_t i) const {
        const Instruction& s = at(i);
        if (s.type != DType::FLOAT32 || isSingle(i) || arityOf(s.op) != 2 || isDrawn(i)) {
            return {};
        }
        bool commutes = s.op == Op::ADD || s.op == Op::MUL;
        auto merged = [&](Fused kernel, int32_t inner, int32_t other) {
            const int32_t* args = at(inner).args;
            return Merge{kernel, args[0], at(inner).op == Op::SQRT ? -1 : args[1], other, -1};
        };
        for (int side = 0; side < (commutes ? 2 : 1); side++) {
            int32_t x = s.args[side], y = s.args[1 - side];
            if (s.op == Op::ADD && canMerge(x, Op::MUL) && canMerge(y, Op::MUL) && x != y) {
                return {MULTIPLY_MULTIPLY_ADD, at(x).args[0], at(x).args[1], at(y).args[0], at(y).args[1]};
            }
            if (canMerge(x, Op::MUL)) {
                switch (s.op) {
                    case Op::ADD: return merged(MULTIPLY_ADD, x, y);
                    case Op::SUB: return merged(MULTIPLY_SUBTRACT, x, y);
                    case Op::MUL: return merged(MULTIPLY_MULTIPLY, x, y);
                    case Op::DIV: return merged(MULTIPLY_DIVIDE, x, y);
                    default: break;
                }
            }
            if (s.op == Op::ADD && canMerge(x, Op::SQRT)) {
                return merged(ROOT_ADD, x, y);
            }
            if (s.op == Op::MUL && canMerge(x, Op::SUB)) {
                return merged(SUBTRACT_MULTIPLY, x, y);
            }
            if (s.op == Op::MUL && canMerge(x, Op::ADD)) {
                return merged(ADD_MULTIPLY, x, y);
            }
        }
        if (s.op == Op::SUB && canMerge(s.args[1], Op::MUL)) {
            return merged(SUBTRACT_PRODUCT, s.args[1], s.args[0]);
        }
        if (s.op == Op::SUB && canMerge(s.args[1], Op::DIV)) {
            return merged(SUBTRACT_QUOTIENT, s.args[1], s.args[0]);
        }
        return {};
    }

    // ---- passes ----

    std::vector<int> readers; // of each instruction's value, outputs included

    std::vector<bool> single;

    void findUses() {
        int n = static_cast<int>(code.steps.size());
        single.assign(n, false);
        readers.assign(n, 0);
        for (int32_t o : code.outputs) {
            readers[o]++;
        }
        for (const Instruction& s : code.steps) {
            for (int k = 0; k < arityOf(s.op); k++) {
                readers[s.args[k]]++;
            }
        }
        for (int i = 0; i < n; i++) {
            bool all = arityOf(at(i).op) > 0;
            for (int k = 0; k < arityOf(at(i).op); k++) {
                all = all && isSingle(at(i).args[k]);
            }
            single[i] = all;
        }
        for (int32_t o : code.outputs) {
            values[o].uses++;
        }
        for (int i = n - 1; i >= 0; i--) {
            if (values[i].uses > 0) {
                for (int32_t s : sources(i)) {
                    values[s].uses++;
                }
            }
        }
    }

    /** The values that an instruction reads once patterns are merged into it. */
    std::vector<int32_t> sources(int32_t i) const {
        const Instruction& s = at(i);
        const Instruction* random = nullptr;
        int32_t scale = uniformDraw(s, &random);
        if (scale >= 0) {
            return {random->args[0], random->args[1], scale};
        }
        if (const Instruction* c = comparison(s)) {
            std::vector<int32_t> out = {c->args[0], c->args[1]};
            if (s.op == Op::SELECT) {
                out.insert(out.end(), {s.args[1], s.args[2]});
            }
            return out;
        }
        if (s.op == Op::RANDOM && isDraw(s)) {
            return {s.args[0], s.args[1]};
        }
        Merge m = mergeOf(i);
        if (m.kernel != FUSED) {
            std::vector<int32_t> out;
            for (int32_t v : {m.a, m.b, m.c, m.e}) {
                if (v >= 0) {
                    out.push_back(v);
                }
            }
            return out;
        }
        return std::vector<int32_t>(s.args, s.args + arityOf(s.op));
    }

    /** An integer or bool input that is only cast to float32 is loaded as float32. */
    void foldLoads() {
        for (int32_t slot = 0; slot < plan.inputs; slot++) {
            if (plan.loadAs[slot] == F32 || table.load[static_cast<int>(code.inputs[slot])][F32] == nullptr) {
                continue;
            }
            bool only = true;
            for (size_t i = 0; i < code.steps.size() && only; i++) {
                if (values[i].uses == 0) {
                    continue;
                }
                for (int32_t s : sources(static_cast<int32_t>(i))) {
                    bool isInput = at(s).op == Op::INPUT && at(s).args[0] == slot;
                    only = only && (!isInput || (at(i).op == Op::CAST && at(i).type == DType::FLOAT32));
                }
            }
            for (int32_t o : code.outputs) {
                only = only && !(at(o).op == Op::INPUT && at(o).args[0] == slot);
            }
            if (only) {
                plan.loadAs[slot] = classes[plan.in(slot)] = F32;
            }
        }
    }

    void lower(int32_t i) {
        const Instruction& s = at(i);
        Value& v = values[i];
        const Instruction* random = nullptr;
        switch (s.op) {
            case Op::INPUT:
                plan.read[s.args[0]] = true;
                (isSingle(i) ? v.single : v.reg) = plan.in(s.args[0]);
                return;
            case Op::CONST:
                v.single = pin(classOf(s.type));
                plan.constants.push_back({v.single, constantBits(s)});
                return;
            case Op::SCALAR:
                v.single = pin(classOf(s.type));
                plan.scalars.push_back({v.single, s.args[0]});
                return;
            case Op::INDEX:
                plan.usesNumber = true;
                v.reg = plan.number;
                if (plan.consecutive) {
                    v.reg = fresh(I64);
                    emit({table.iota, v.reg, plan.number, 0, 0, 0}, 1);
                }
                return;
            default: break;
        }
        int32_t scale = uniformDraw(s, &random);
        if (scale >= 0 && !single[i]) {
            plan.usesNumber = true;
            v.reg = target(i);
            emit({table.uniform, v.reg, values[random->args[0]].single, values[random->args[1]].single, plan.number, values[scale].single}, 8);
        } else if (const Instruction* c = comparison(s)) {
            lowerComparison(i, *c);
        } else if (s.op == Op::RANDOM && isDraw(s)) {
            plan.usesNumber = true;
            v.reg = target(i);
            emit({table.words, v.reg, values[s.args[0]].single, values[s.args[1]].single, plan.number, 0}, 8);
        } else if (s.op == Op::CAST) {
            lowerCast(i);
        } else if (Merge m = mergeOf(i); m.kernel != FUSED) {
            int32_t r[4];
            int k = 0;
            for (int32_t v : {m.a, m.b, m.c, m.e}) {
                r[k++] = v < 0 ? 0 : all(v);
            }
            values[i].reg = target(i);
            emit({table.fused[m.kernel], values[i].reg, r[0], r[1], r[2], r[3]}, 2);
        } else {
            lowerPlain(i);
        }
    }

    void lowerComparison(int32_t i, const Instruction& c) {
        const Instruction& s = at(i);
        int32_t yes = s.op == Op::SELECT ? all(s.args[1]) : spreadConstant(1.f);
        int32_t no = s.op == Op::SELECT ? all(s.args[2]) : spreadConstant(0.f);
        int32_t a = all(c.args[0]);
        int32_t b = all(c.args[1]);
        values[i].reg = target(i);
        emit({table.compareSelect[static_cast<int>(c.op) - static_cast<int>(Op::EQ)], values[i].reg, a, b, yes, no}, 2);
    }

    void lowerCast(int32_t i) {
        const Instruction& s = at(i);
        int32_t from = s.args[0];
        Class source = at(from).op == Op::INPUT ? plan.loadAs[at(from).args[0]] : classOf(type(from));
        Class goal = classOf(s.type);
        bool narrow = isHalf(s.type) ? type(from) != s.type : goal == I64 && s.type != DType::INT64 && type(from) != DType::BOOL;
        if (source == goal && !narrow) {
            values[i] = {values[i].uses, values[from].reg, values[from].single}; // the loaded input is what we want, or nothing changes
            return;
        }
        bool one = isSingle(i);
        int32_t x = argument(from, one);
        int32_t d = one ? pin(goal) : target(i);
        if (isHalf(s.type)) {
            if (source == I64 || source == F64) {
                int32_t wide = x;
                if (source == I64) {
                    wide = one ? pin(F64) : fresh(F64);
                    emit({table.cast[I64][F64], wide, x, 0, 0, 0}, 1, one);
                }
                emit({table.toOdd, d, wide, 0, 0, 0}, 2, one);
                x = d;
            } else if (source == BIT) {
                emit({table.cast[BIT][F32], d, x, 0, 0, 0}, 1, one);
                x = d;
            }
            emit({s.type == DType::FLOAT16 ? table.toHalf : table.toBfloat, d, x, 0, 0, 0}, 1, one);
        } else {
            if (source != goal) {
                emit({table.cast[source][goal], d, x, 0, 0, 0}, goal == I64 && source != BIT ? 5 : 1, one);
                x = d;
            }
            if (narrow) {
                emit({table.wrap[static_cast<int>(s.type)], d, x, 0, 0, 0}, 1, one);
            }
        }
        set(i, d, one);
    }

    void lowerPlain(int32_t i) {
        const Instruction& s = at(i);
        int arity = arityOf(s.op);
        DType of = type(s.args[s.op == Op::SELECT ? 1 : 0]); // the type that decides the kernel
        Class cls = classOf(of);
        bool one = single[i];
        int32_t args[3] = {0, 0, 0};
        for (int k = 0; k < arity; k++) {
            args[k] = argument(s.args[k], one);
        }
        Kernel kernel = table.op(s.op, cls);
        bool viaLong = kernel == nullptr && cls == BIT; // arithmetic of bool: as integers, then x != 0
        if (viaLong) {
            kernel = table.op(s.op, I64);
            for (int k = 0; k < arity; k++) {
                int32_t wide = one ? pin(I64) : fresh(I64);
                emit({table.cast[BIT][I64], wide, args[k], 0, 0, 0}, 1, one);
                args[k] = wide;
            }
        }
        int32_t result = one ? pin(classOf(s.type)) : target(i);
        int32_t d = viaLong ? (one ? pin(I64) : fresh(I64)) : result;
        emit({kernel, d, args[0], args[1], args[2], 0}, weight(s.op, cls), one);
        if (viaLong) {
            emit({table.cast[I64][BIT], result, d, 0, 0, 0}, 1, one);
        } else if (s.type != DType::INT64 && classOf(s.type) == I64 && mayLeaveRange(s.op)) {
            emit({table.wrap[static_cast<int>(s.type)], d, d, 0, 0, 0}, 1, one);
        }
        set(i, result, one);
    }

    static bool mayLeaveRange(Op op) {
        return op == Op::ADD || op == Op::SUB || op == Op::MUL || op == Op::DIV || op == Op::NEG || op == Op::ABS || op == Op::NOT ||
               op == Op::POW || op == Op::SHL;
    }

    static int64_t weight(Op op, Class cls) {
        if (cls == I64) {
            return op == Op::DIV || op == Op::REMAINDER || op == Op::FMOD || op == Op::POW ? 30 : op == Op::RANDOM ? 200 : 2;
        }
        switch (op) {
            case Op::EXP:
            case Op::EXP2:
            case Op::EXPM1:
            case Op::LOG:
            case Op::LOG1P:
            case Op::TANH:
            case Op::SIGMOID:
            case Op::ERF: return cls == F32 ? 4 : 60;
            case Op::SIN:
            case Op::COS:
            case Op::LOG2:
            case Op::LOG10:
            case Op::POW: return cls == F32 ? 15 : 150;
            case Op::TAN:
            case Op::ASIN:
            case Op::ACOS:
            case Op::ATAN:
            case Op::SINH:
            case Op::COSH:
            case Op::ASINH:
            case Op::ACOSH:
            case Op::ATANH:
            case Op::ERFC:
            case Op::ATAN2:
            case Op::HYPOT:
            case Op::FMOD:
            case Op::REMAINDER: return 150;
            case Op::DIV:
            case Op::SQRT:
            case Op::RSQRT:
            case Op::RECIPROCAL: return 2;
            default: return 1;
        }
    }

    /** Outputs whose value was not computed straight into the output's register are copied. */
    void finishOutputs() {
        if (valueOnly) {
            plan.result = all(code.outputs[0]);
            return;
        }
        for (int32_t k = 0; k < plan.outputs; k++) {
            int32_t o = code.outputs[k];
            int32_t out = plan.out(k);
            Class c = classOf(type(o));
            if (values[o].reg < 0) {
                emit({table.fill[c], out, values[o].single, 0, 0, 0}, 1);
            } else if (values[o].reg != out) {
                emit({table.cast[c][c], out, values[o].reg, 0, 0, 0}, 1);
            }
        }
    }

    void findHazards() {
        plan.readAfter.assign(plan.outputs, 0);
        for (int32_t k = 0; k < plan.outputs; k++) {
            bool written = false;
            for (const Step& s : plan.steps) {
                for (int32_t r : {s.a, s.b, s.c, s.e}) {
                    if (written && r >= 1 && r <= plan.inputs) {
                        plan.readAfter[k] |= 1ull << std::min(r - 1, MASK_BITS);
                    }
                }
                written = written || s.d == plan.out(k);
            }
        }
    }

    // ---- registers ----

    int32_t fresh(Class c) {
        classes.push_back(c);
        return static_cast<int32_t>(classes.size()) - 1;
    }

    /** A register that is written before the tiles. */
    int32_t pin(Class c) {
        pinned.push_back(fresh(c));
        return pinned.back();
    }

    /** The register that an instruction writes to: that of an output if its value is one. */
    int32_t target(int32_t i) {
        for (int32_t k = 0; k < plan.outputs; k++) {
            if (code.outputs[k] == i) {
                return plan.out(k);
            }
        }
        return fresh(classOf(type(i)));
    }

    void set(int32_t i, int32_t reg, bool one) { (one ? values[i].single : values[i].reg) = reg; }

    int32_t argument(int32_t i, bool one) { return one ? values[i].single : all(i); }

    /** The register with a value for each element of a tile. */
    int32_t all(int32_t i) {
        Value& v = values[i];
        if (v.reg < 0) {
            v.reg = spreadOut(v.single);
        }
        return v.reg;
    }

    int32_t spreadOut(int32_t one) {
        int32_t r = pin(classes[one]);
        spreads.push_back(r);
        plan.spread.push_back({table.fill[classes[one]], r, one, 0, 0, 0});
        return r;
    }
    std::vector<int32_t> spreads;

    std::vector<std::pair<float, int32_t>> spreadConstants;
    int32_t spreadConstant(float value) {
        for (auto& s : spreadConstants) {
            if (s.first == value) {
                return s.second;
            }
        }
        int32_t one = pin(F32);
        plan.constants.push_back({one, floatBits(value)});
        spreadConstants.push_back({value, spreadOut(one)});
        return spreadConstants.back().second;
    }

    static int64_t floatBits(float f) {
        uint32_t i;
        std::memcpy(&i, &f, 4);
        return i;
    }

    static int64_t constantBits(const Instruction& s) {
        double d;
        std::memcpy(&d, &s.bits, 8);
        return classOf(s.type) == F32 ? floatBits(static_cast<float>(d)) : s.bits;
    }

    void emit(Step s, int64_t cost, bool one = false) {
        if (one) {
            plan.once.push_back(s);
        } else {
            plan.steps.push_back(s);
            plan.cost += cost;
        }
    }

    /** Gives registers their place: single values 64 bytes, operands and spread values a tile each, the others share. */
    void assignSlots() {
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
        if (valueOnly) {
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
        plan.tile = valueOnly || perElement <= 64 ? 512 : perElement <= 160 ? 256 : perElement <= 320 ? 128 : 64;
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
};

inline const Plan* findPlan(const Plan* p, uint64_t uniform, bool consecutive, bool valueOnly) {
    while (p && (p->uniform != uniform || p->consecutive != consecutive || p->valueOnly != valueOnly || p->table != &table())) {
        p = p->next;
    }
    return p;
}

inline const Plan* Program::plan(uint64_t uniform, bool consecutive, bool valueOnly) const {
    const Plan* found = findPlan(plans.load(std::memory_order_acquire), uniform, consecutive, valueOnly);
    if (found) {
        return found;
    }
    std::lock_guard<std::mutex> lock(mutex);
    found = findPlan(plans.load(std::memory_order_acquire), uniform, consecutive, valueOnly);
    if (found) {
        return found;
    }
    Plan* made = Lowering(code, table(), uniform, consecutive, valueOnly).build();
    made->next = plans.load(std::memory_order_relaxed);
    plans.store(made, std::memory_order_release);
    return made;
}

} // namespace jangada
