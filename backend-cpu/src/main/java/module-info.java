/** The CPU backend: C++ kernels and OpenBLAS. */
module dev.jangada.cpu {
    requires dev.jangada.core;
    requires org.bytedeco.javacpp;
    requires org.bytedeco.openblas;

    provides dev.jangada.backend.BackendProvider with
            dev.jangada.cpu.CpuProvider;
}
