package dev.jangada;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BytesTest {
    @Test
    void bytesComeAndGoUnchanged() {
        byte[] bytes = {7, 3, -1, 0};
        Tensor t = Tensor.of(bytes, DType.UINT8, 2, 2);
        assertThat(t.toByteArray()).containsExactly(bytes);
        assertThat(t.toLongArray()).containsExactly(7, 3, 255, 0);
        assertThat(Tensor.of(bytes).toLongArray()).containsExactly(7, 3, -1, 0);
    }

    @Test
    void anEmptyViewThatBeginsBehindItsMemoryHasNoBytes() {
        Tensor t = Tensor.zeros(0, 40).narrow(1, 30, 2);
        assertThat(t.storageOffset()).isEqualTo(30);
        assertThat(t.toBuffer().remaining()).isZero();
        assertThat(t.toByteArray()).isEmpty();
    }
}
