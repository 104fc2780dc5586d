/** The CUDA backend: generated kernels and cuBLAS. */
module dev.jangada.cuda {
    requires dev.jangada.core;
    requires org.bytedeco.javacpp;
    requires org.bytedeco.cuda;

    provides dev.jangada.backend.BackendProvider with
            dev.jangada.cuda.CudaProvider;
}
