// Patterns: instructions that one tile kernel computes together with those that are computed for them alone.
#pragma once

#include "plan.h"

namespace jangada {

/** What is known of the values of a program before it is lowered. Values are numbered as the instructions of the code. */
class Patterns {
public:
    /**
     * @param uniform inputs of which one element serves for all (bit i for input i)
     * @param consecutive whether element numbers are consecutive
     */
    Patterns(const Code& code, uint64_t uniform, bool consecutive) : code(code), uniform(uniform), consecutive(consecutive) {
        int n = static_cast<int>(code.steps.size());
        single.assign(n, false);
        readers.assign(n, 0);
        uses.assign(n, 0);
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
            uses[o]++;
        }
        for (int i = n - 1; i >= 0; i--) {
            if (uses[i] > 0) {
                for (int32_t s : sources(i)) {
                    uses[s]++;
                }
            }
        }
    }

protected:
    const Code& code;
    std::vector<bool> single; // whether an instruction has arguments, and all are the same for all elements
    std::vector<int> uses;    // of each value once patterns are merged; 0 for what nothing needs

    DType type(int32_t i) const { return code.steps[i].type; }
    const Instruction& at(int32_t i) const { return code.steps[i]; }

    /** MUL(CAST f32(SHR(RANDOM(seed, offset, INDEX), 8)), constant): the constant's instruction, or -1. */
    int32_t uniformDraw(const Instruction& s, const Instruction** random) const {
        if (s.op != Op::MUL || s.type != DType::FLOAT32 || !consecutive) {
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
        return consecutive && at(r.args[2]).op == Op::INDEX && isSingle(r.args[0]) && isSingle(r.args[1]);
    }

    /** CAST f32 or SELECT f32 of a comparison of float32 values: the comparison, or null. */
    const Instruction* comparison(const Instruction& s) const {
        bool fits = s.type == DType::FLOAT32 && (s.op == Op::SELECT || s.op == Op::CAST) && !isSingle(s.args[0]);
        const Instruction& c = at(s.args[0]);
        return fits && isComparison(c.op) && type(c.args[0]) == DType::FLOAT32 ? &c : nullptr;
    }

    /** In a < SIGMOID(x) of float32, the sigmoid needed for nothing else: x; or -1. */
    int32_t sigmoidArgument(const Instruction& comparison) const {
        int32_t p = comparison.args[1];
        return comparison.op == Op::LT && at(p).type == DType::FLOAT32 && canMerge(p, Op::SIGMOID) ? at(p).args[0] : -1;
    }

    /** Whether a value is the same for all elements. */
    bool isSingle(int32_t i) const {
        const Instruction& s = at(i);
        switch (s.op) {
            case Op::CONST:
            case Op::SCALAR: return true;
            case Op::INDEX: return false;
            case Op::INPUT: return s.args[0] < MASK_BITS && (uniform >> s.args[0] & 1) != 0;
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

    /** The values that an instruction reads once patterns are merged into it. */
    std::vector<int32_t> sources(int32_t i) const {
        const Instruction& s = at(i);
        const Instruction* random = nullptr;
        int32_t scale = uniformDraw(s, &random);
        if (scale >= 0) {
            return {random->args[0], random->args[1], scale};
        }
        if (const Instruction* c = comparison(s)) {
            int32_t logit = sigmoidArgument(*c);
            std::vector<int32_t> out = {c->args[0], logit < 0 ? c->args[1] : logit};
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

private:
    uint64_t uniform;
    bool consecutive;
    std::vector<int> readers; // of each instruction's value, outputs included
};

} // namespace jangada
