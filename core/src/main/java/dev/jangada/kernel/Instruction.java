package dev.jangada.kernel;

import dev.jangada.DType;

/**
 * One step of a {@link Program}.
 *
 * @param op the primitive
 * @param type the type of the result
 * @param a number of the instruction that gives the first argument; the slot of an INPUT or SCALAR
 * @param b number of the instruction that gives the second argument
 * @param c number of the instruction that gives the third argument
 * @param bits value of a CONST: the bits of a double for floating point types, else the integer
 */
public record Instruction(Op op, DType type, int a, int b, int c, long bits) {}
