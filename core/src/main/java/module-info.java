/** Tensors, autograd, the kernel language and the boundary to the backends. */
module dev.jangada.core {
    exports dev.jangada;
    exports dev.jangada.autograd;
    exports dev.jangada.backend;
    exports dev.jangada.capture;
    exports dev.jangada.io;
    exports dev.jangada.kernel;
    exports dev.jangada.ops to
            dev.jangada.nn;
    exports dev.jangada.reference;

    uses dev.jangada.backend.BackendProvider;

    provides dev.jangada.backend.BackendProvider with
            dev.jangada.reference.ReferenceProvider;
}
