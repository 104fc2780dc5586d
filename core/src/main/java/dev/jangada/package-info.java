/**
 * What users import first: {@link dev.jangada.Tensor}, {@link dev.jangada.Shape}, {@link dev.jangada.DType}, {@link dev.jangada.Device},
 * {@link dev.jangada.Generator}, {@link dev.jangada.TensorScope} and the exceptions below {@link dev.jangada.JangadaException}.
 */
package dev.jangada;
