package dev.jangada.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProbeTest {
    @Test
    void missingLibrariesAreNamed() {
        assertThat(missing("libcublas.so.13"))
                .startsWith("cuBLAS is missing: libcublas.so.13 was not found; install")
                .contains("toolkit");
        assertThat(missing("libcublasLt.so.13")).startsWith("cuBLAS is missing");
        assertThat(missing("libnvrtc.so.13")).startsWith("NVRTC is missing").contains("cuda-redist");
        assertThat(missing("libcuda.so.1")).startsWith("no NVIDIA driver");
        assertThat(Probe.missing(new UnsatisfiedLinkError("no jnicudart in java.library.path")))
                .contains("no jnicudart", "org.bytedeco");
    }

    private static String missing(String library) {
        Throwable cause =
                new UnsatisfiedLinkError(library + ": cannot open shared object file: No such file or directory");
        return Probe.missing(new UnsatisfiedLinkError("no jni in java.library.path").initCause(cause));
    }
}
