// Lowering: a program becomes calls of tile kernels on numbered registers.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>

#include "memory.h"
#include "patterns.h"
#include "plan.h"
#include "slots.h"

namespace jangada {

/** Whether the result of an operation on narrow integers may need wrapping to their width. */
inline bool mayLeaveRange(Op op) {
    return op == Op::ADD || op == Op::SUB || op == Op::MUL || op == Op::DIV || op == Op::NEG || op == Op::ABS || op == Op::NOT ||
           op == Op::POW || op == Op::SHL;
}

/** The cost of an element, in units of about 0.1 ns. */
inline int64_t weight(Op op, Class cls) {
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

/** Lowers a program. */
class Lowering : Patterns {
public:
    Lowering(const Code& code, const Table& table, uint64_t uniform, bool consecutive, bool valueOnly)
        : Patterns(code, uniform, consecutive), table(table), valueOnly(valueOnly), made(new Plan()), plan(*made) {
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
        foldLoads();
        for (int i = 0; i < n; i++) {
            if (uses[i] > 0) {
                lower(i);
            }
        }
        finishOutputs();
        findHazards();
        assignSlots(plan, classes, spreads);
        plan.plain = !plan.usesNumber;
        for (int32_t i = 0; i < plan.inputs; i++) {
            plan.plain = plan.plain && isNative(code.inputs[i]) && classOf(code.inputs[i]) == plan.loadAs[i];
        }
        for (int32_t k = 0; k < plan.outputs; k++) {
            plan.plain = plan.plain && isNative(type(code.outputs[k]));
        }
        return made.release();
    }

private:
    struct Value {
        int32_t reg = -1;    // the value of all elements of a tile, or -1
        int32_t single = -1; // the value of one element, if it is the same for all
    };

    const Table& table;
    bool valueOnly;
    std::unique_ptr<Plan> made;
    Plan& plan;
    std::vector<Value> values;
    std::vector<Class> classes;  // of registers

    /** An integer or bool input that is only cast to float32 is loaded as float32. */
    void foldLoads() {
        for (int32_t slot = 0; slot < plan.inputs; slot++) {
            if (plan.loadAs[slot] == F32 || table.load[static_cast<int>(code.inputs[slot])][F32] == nullptr) {
                continue;
            }
            bool only = true;
            for (size_t i = 0; i < code.steps.size() && only; i++) {
                if (uses[i] == 0) {
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
                v.single = fresh(classOf(s.type));
                plan.constants.push_back({v.single, constantBits(s)});
                return;
            case Op::SCALAR:
                v.single = fresh(classOf(s.type));
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
        int32_t logit = sigmoidArgument(c);
        int32_t b = all(logit < 0 ? c.args[1] : logit);
        values[i].reg = target(i);
        if (logit >= 0) {
            emit({table.lessThanSigmoid, values[i].reg, a, b, yes, no}, 4);
            return;
        }
        emit({table.compareSelect[static_cast<int>(c.op) - static_cast<int>(Op::EQ)], values[i].reg, a, b, yes, no}, 2);
    }

    void lowerCast(int32_t i) {
        const Instruction& s = at(i);
        int32_t from = s.args[0];
        Class source = at(from).op == Op::INPUT ? plan.loadAs[at(from).args[0]] : classOf(type(from));
        Class goal = classOf(s.type);
        bool narrow = isHalf(s.type) ? type(from) != s.type : goal == I64 && s.type != DType::INT64 && type(from) != DType::BOOL;
        if (source == goal && !narrow) {
            values[i] = values[from]; // the loaded input is what we want, or nothing changes
            return;
        }
        bool one = isSingle(i);
        int32_t x = argument(from, one);
        int32_t d = one ? fresh(goal) : target(i);
        if (isHalf(s.type)) {
            if (source == I64 || source == F64) {
                int32_t wide = x;
                if (source == I64) {
                    wide = one ? fresh(F64) : fresh(F64);
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
                int32_t wide = one ? fresh(I64) : fresh(I64);
                emit({table.cast[BIT][I64], wide, args[k], 0, 0, 0}, 1, one);
                args[k] = wide;
            }
        }
        int32_t result = one ? fresh(classOf(s.type)) : target(i);
        int32_t d = viaLong ? (one ? fresh(I64) : fresh(I64)) : result;
        emit({kernel, d, args[0], args[1], args[2], 0}, weight(s.op, cls), one);
        if (viaLong) {
            emit({table.cast[I64][BIT], result, d, 0, 0, 0}, 1, one);
        } else if (s.type != DType::INT64 && classOf(s.type) == I64 && mayLeaveRange(s.op)) {
            emit({table.wrap[static_cast<int>(s.type)], d, d, 0, 0, 0}, 1, one);
        }
        set(i, result, one);
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
        int32_t r = fresh(classes[one]);
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
        int32_t one = fresh(F32);
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
    allocationPoint();
    Plan* made = Lowering(code, table(), uniform, consecutive, valueOnly).build();
    made->next = plans.load(std::memory_order_relaxed);
    plans.store(made, std::memory_order_release);
    return made;
}

} // namespace jangada
