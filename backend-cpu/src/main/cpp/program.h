// Programs as Java sends them, and the C entry points of the map and reduce families.
//
// All arguments of a call stand in one block of int64 at a raw address, so that Java makes one call with one long.
//
//   const char* jangada_check_names(const char* ops, const char* dtypes, const char* reduceOps, const char* families)
//       Each a list of enum constants in Java's order, separated by commas ("INPUT,SCALAR,CONST,…"). Returns "" if they are the ones of this
//       library, else a message. Must be called before anything else: ordinals are meaningless otherwise.
//   void jangada_select_isa(const char* name)
//       "avx512", "avx2", "generic", or "" for the widest one of this processor (also the default); a wider one than the processor has is
//       ignored. const char* jangada_isa() tells which one is in use.
//   int64_t jangada_program(const int64_t* code, int64_t words)
//       Builds a native program; it lives forever. Returns its address, 0 if the encoding is malformed, or -1 for lack of memory. Encoding:
//       [ninputs, dtype…, nscalars, dtype…, ncode, then (op, dtype, a, b, c, bits)…, noutputs, instruction number…]
//   int32_t jangada_map(const int64_t* args)
//       args: [program, rank, nouts, nins, shape[rank], then per operand (outputs first): address of the first element, strides[rank] in
//       elements; then scalars…]. Scalars are as in dev.jangada.backend.Kernels: bool and int64 as integers, floats as bits of a double.
//       Returns 0, 1 if an integer was divided by zero, or 2 for lack of memory: nothing is written then.
//   int32_t jangada_reduce(const int64_t* args)
//       args: [program, epilogue, reduceOp, rank, nouts, nins, shape of the inputs[rank], reduced[rank] (1 = reduced), then per output:
//       address, strides[rank] (those of reduced dimensions are not read); then per input: address, strides[rank]; then scalars…].
//       Returns as jangada_map.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

// The enums of Java, in its order; jangada_check_names compares.
#define JANGADA_OPS(X) \
    X(INPUT) X(SCALAR) X(CONST) X(INDEX) X(CAST) X(SELECT) X(FMA) X(RANDOM) X(NEG) X(ABS) X(SIGN) X(FLOOR) X(CEIL) X(ROUND) X(TRUNC) \
    X(SQRT) X(RSQRT) X(RECIPROCAL) X(EXP) X(EXP2) X(EXPM1) X(LOG) X(LOG2) X(LOG10) X(LOG1P) X(SIN) X(COS) X(TAN) X(ASIN) X(ACOS) X(ATAN) \
    X(SINH) X(COSH) X(TANH) X(ASINH) X(ACOSH) X(ATANH) X(SIGMOID) X(ERF) X(ERFC) X(NOT) X(ADD) X(SUB) X(MUL) X(DIV) X(REMAINDER) X(FMOD) \
    X(POW) X(MAX) X(MIN) X(ATAN2) X(HYPOT) X(COPYSIGN) X(EQ) X(NE) X(LT) X(LE) X(GT) X(GE) X(AND) X(OR) X(XOR) X(SHL) X(SHR)
#define JANGADA_DTYPES(X) X(BOOL) X(UINT8) X(INT8) X(INT16) X(INT32) X(INT64) X(FLOAT16) X(BFLOAT16) X(FLOAT32) X(FLOAT64)
#define JANGADA_REDUCE_OPS(X) X(SUM) X(PROD) X(MAX) X(MIN) X(ARGMAX) X(ARGMIN) X(ANY) X(ALL) X(VARIANCE)
#define JANGADA_FAMILIES(X) X(MAP) X(SEVERAL) X(REDUCE) X(MATMUL) X(SCAN) X(GATHER) X(SCATTER) X(SORT) X(REFRESH) X(REPEAT) X(END)

namespace jangada {

#define X(name) name,
enum class Op : int32_t { JANGADA_OPS(X) COUNT };
enum class DType : int32_t { JANGADA_DTYPES(X) COUNT };
enum class ReduceOp : int32_t { JANGADA_REDUCE_OPS(X) COUNT };
#undef X

constexpr int OPS = static_cast<int>(Op::COUNT);
constexpr int DTYPES = static_cast<int>(DType::COUNT);
constexpr int REDUCE_OPS = static_cast<int>(ReduceOp::COUNT);

/** What a register holds: all integers are int64, half types are float32, bool is one byte of 0 or 1. */
enum Class : int32_t { F32, F64, I64, BIT, CLASSES };

inline Class classOf(DType t) {
    switch (t) {
        case DType::BOOL: return BIT;
        case DType::FLOAT16:
        case DType::BFLOAT16:
        case DType::FLOAT32: return F32;
        case DType::FLOAT64: return F64;
        default: return I64;
    }
}

inline bool isHalf(DType t) { return t == DType::FLOAT16 || t == DType::BFLOAT16; }

inline int64_t sizeOf(DType t) {
    constexpr int64_t sizes[] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8};
    return sizes[static_cast<int>(t)];
}

/** Size of an element in a register. */
inline int64_t sizeOf(Class c) {
    constexpr int64_t sizes[] = {4, 8, 8, 1};
    return sizes[c];
}

/** Whether memory of this type can be used as a register. */
inline bool isNative(DType t) {
    return t == DType::FLOAT32 || t == DType::FLOAT64 || t == DType::INT64 || t == DType::BOOL;
}

inline int arityOf(Op op) {
    if (op < Op::CAST) {
        return 0;
    }
    return op == Op::SELECT || op == Op::FMA || op == Op::RANDOM ? 3 : op <= Op::NOT ? 1 : 2;
}

inline bool isComparison(Op op) { return op >= Op::EQ && op <= Op::GE; }

struct Instruction {
    Op op;
    DType type;
    int32_t args[3]; // args[0] is the slot of an INPUT or SCALAR
    int64_t bits;
};

/** Straight-line code, as dev.jangada.kernel.Program. */
struct Code {
    std::vector<DType> inputs;
    std::vector<DType> scalars;
    std::vector<Instruction> steps;
    std::vector<int32_t> outputs;

    /** Decodes; returns false if the encoding is malformed. */
    bool decode(const int64_t* p, int64_t words) {
        const int64_t* end = p + words;
        if (!types(p, end, inputs) || !types(p, end, scalars) || p >= end || *p < 0 || *p > (end - p) / 6) {
            return false;
        }
        int64_t n = *p++;
        for (int64_t i = 0; i < n; i++, p += 6) {
            Instruction s{static_cast<Op>(p[0]), static_cast<DType>(p[1]), {}, p[5]};
            if (p[0] < 0 || p[0] >= OPS || p[1] < 0 || p[1] >= DTYPES) {
                return false;
            }
            int64_t slots = s.op == Op::INPUT ? inputs.size() : s.op == Op::SCALAR ? scalars.size() : i;
            int used = s.op == Op::INPUT || s.op == Op::SCALAR ? 1 : arityOf(s.op);
            for (int k = 0; k < used; k++) {
                if (p[2 + k] < 0 || p[2 + k] >= slots) {
                    return false;
                }
                s.args[k] = static_cast<int32_t>(p[2 + k]);
            }
            steps.push_back(s);
        }
        if (p >= end || *p != end - p - 1) {
            return false;
        }
        for (p++; p < end; p++) {
            if (*p < 0 || *p >= n) {
                return false;
            }
            outputs.push_back(static_cast<int32_t>(*p));
        }
        return true;
    }

private:
    static bool types(const int64_t*& p, const int64_t* end, std::vector<DType>& out) {
        if (p >= end || *p < 0 || *p >= end - p) {
            return false;
        }
        for (int64_t n = *p++; n > 0; n--, p++) {
            if (*p < 0 || *p >= DTYPES) {
                return false;
            }
            out.push_back(static_cast<DType>(*p));
        }
        return true;
    }
};

inline std::string mismatch(const char* what, const std::string& own, const char* given) {
    return own == given ? std::string()
                        : std::string("[backend-cpu] expected the ") + what + " of the native library, " + own + ", got " + given +
                              "; rebuild the library from the same sources as the Java classes. ";
}

} // namespace jangada

inline const char* jangada_check_names(const char* ops, const char* dtypes, const char* reduceOps, const char* families) {
#define X(name) "," #name
    static std::string message;
    message = jangada::mismatch("primitives", &(JANGADA_OPS(X))[1], ops) + jangada::mismatch("element types", &(JANGADA_DTYPES(X))[1], dtypes) +
              jangada::mismatch("reductions", &(JANGADA_REDUCE_OPS(X))[1], reduceOps) +
              jangada::mismatch("families of kernels", &(JANGADA_FAMILIES(X))[1], families);
#undef X
    return message.c_str();
}
