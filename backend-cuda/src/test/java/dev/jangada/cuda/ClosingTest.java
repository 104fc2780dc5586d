package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.BackendException;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Storage;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ClosingTest {
    @Test
    void aDeviceMayBeClosedBeforeItsTensors() {
        CudaProvider provider = new CudaProvider();
        Availability a = provider.availability();
        assumeTrue(a.available(), a::reason);
        Backend other = provider.open(0);
        CudaBackend backend = (CudaBackend) provider.open(0);
        Storage storage = Storage.allocate(backend, 1000);
        Storage cached = Storage.allocate(backend, 2000);
        cached.release();
        backend.close();
        assertThatThrownBy(() -> backend.allocate(10_000))
                .isInstanceOf(BackendException.class)
                .hasMessageContaining("cuda:0, which has been closed");
        assertThatThrownBy(() -> backend.copyToHost(ByteBuffer.allocate(8), storage.memory(), 0))
                .hasMessageContaining("has been closed");
        storage.release();
        backend.emptyCache();
        backend.close();
        assertThat(backend.memory().inUse()).isZero();
        Storage alive = Storage.allocate(other, 1000);
        other.synchronize();
        alive.release();
    }
}
