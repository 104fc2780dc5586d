/** The CUDA backend: generated kernels, cuBLAS and CUDA graphs. */
module dev.jangada.cuda {
    requires dev.jangada.core;
    requires org.bytedeco.javacpp;
    requires org.bytedeco.cuda;
}
