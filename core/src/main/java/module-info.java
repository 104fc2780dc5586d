/** Tensors, autograd, the kernel language and the boundary to the backends. */
module dev.jangada.core {}
