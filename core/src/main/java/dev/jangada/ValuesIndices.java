package dev.jangada;

/**
 * Values picked along a dimension, and where they stood.
 *
 * @param values the values; gradients go back to where they were picked
 * @param indices their numbers along the dimension, int64
 */
public record ValuesIndices(Tensor values, Tensor indices) {}
