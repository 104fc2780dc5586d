package dev.jangada.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ClosedTensorException;
import dev.jangada.DType;
import dev.jangada.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class InUseTest {
    private static final Operand[] NONE = {};

    private final CountingDevice device = new CountingDevice(10_000);

    private Operand operand() {
        return new Operand(Storage.allocate(device.backend, 10), DType.UINT8, Layout.contiguous(Shape.of(10)));
    }

    private static Thread closing(Operand o) {
        Thread t = new Thread(o.storage()::release);
        t.start();
        return t;
    }

    private static void awaitClosed(Operand o) {
        while (true) {
            try {
                o.storage().memory();
                Thread.onSpinWait();
            } catch (ClosedTensorException e) {
                return;
            }
        }
    }

    @Test
    void memoryInUseIsFreedAfterwards() throws InterruptedException {
        Operand used = operand();
        Operand other = operand();
        int mark = InUse.current().begin(new Operand[] {used}, NONE);
        Thread t = closing(used);
        awaitClosed(used);
        closing(other).join(); // does not wait
        for (int i = 0; i < 10_000; i++) {
            assertThat(device.freed.get()).isEqualTo(1);
        }
        InUse.current().end(mark);
        t.join();
        assertThat(device.freed).hasValue(2);
    }

    @Test
    void usesNest() throws InterruptedException {
        Operand outer = operand();
        Operand[] inner = new Operand[100];
        Arrays.setAll(inner, i -> operand());
        int first = InUse.current().begin(new Operand[] {outer}, NONE);
        int second = InUse.current().begin(NONE, inner);
        Thread of99 = closing(inner[99]);
        awaitClosed(inner[99]);
        InUse.current().end(second);
        of99.join();
        assertThat(device.freed).hasValue(1);
        Thread ofOuter = closing(outer);
        awaitClosed(outer);
        assertThat(device.freed).hasValue(1);
        InUse.current().end(first);
        ofOuter.join();
        assertThat(device.freed).hasValue(2);
    }

    @Test
    void closedStoragesAreNotUsed() throws InterruptedException {
        Operand open = operand();
        Operand closed = operand();
        closed.storage().release();
        assertThatThrownBy(() -> InUse.current().begin(new Operand[] {open}, new Operand[] {closed}))
                .isInstanceOf(ClosedTensorException.class);
        closing(open).join();
        assertThat(device.freed).hasValue(2);
    }

    @Test
    void aThreadDoesNotWaitForItself() {
        Operand own = operand();
        int mark = InUse.current().begin(new Operand[] {own}, NONE);
        own.storage().release();
        assertThat(device.freed).hasValue(1);
        InUse.current().end(mark);
    }
}
