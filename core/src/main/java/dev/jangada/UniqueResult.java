package dev.jangada;

/**
 * The different values of a tensor.
 *
 * @param values the values, ascending; one dimension
 * @param inverse for each element of the tensor, in its shape, the number of its value; int64
 * @param counts how often each value occurs; int64
 */
public record UniqueResult(Tensor values, Tensor inverse, Tensor counts) {}
