package dev.jangada.cuda;

/**
 * One launch of a kernel.
 *
 * <p>Every kernel has one parameter, a structure of 64-bit words: addresses, sizes and strides in elements, scalars. Their order is told by
 * the structure {@code Arguments} in the source.
 *
 * @param variant which code
 * @param shape how many threads
 * @param words the words of the parameter, in order
 */
record Launch(Variant variant, LaunchShape shape, Words words) {}
