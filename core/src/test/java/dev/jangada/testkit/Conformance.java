package dev.jangada.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.JangadaException;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backend;
import dev.jangada.backend.BackendProvider;
import dev.jangada.backend.Backends;
import dev.jangada.backend.Operand;
import dev.jangada.reference.ReferenceBackend;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/**
 * Runs kernels on a backend and on the reference backend and compares everything they leave in memory.
 *
 * <p>Where the backend is unavailable all tests are skipped with the provider's reason. The tag lets a build with another JDK leave out what
 * does not depend on it.
 */
@Tag("kernels")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class Conformance {
    private static final Map<String, Backend> OPEN = new ConcurrentHashMap<>();

    private final Backend reference = new ReferenceBackend();
    private Backend backend;

    /** Creates the tests. */
    protected Conformance() {}

    /** Returns the provider of the backend under test. */
    protected abstract BackendProvider provider();

    /**
     * Tells whether a covering choice will do: each operation on each type that is computed in as it is, on the narrow ones, which are widened,
     * in turn, not every layout of every pair of them, and fewer random operands. For a backend that compiles a kernel for each and has no
     * threads of the host: what they are not to change is done twice. The choice is always the same.
     */
    protected boolean chooses() {
        return false;
    }

    /** Returns whether an operation is tried on the type of an index among {@code types}: of a choice, not on each narrow type. */
    final boolean isTried(Enum<?> op, DType type, int index, int types) {
        boolean narrow = type != DType.BOOL && type.size() < Integer.BYTES;
        return !narrow || inFull(op, index, types);
    }

    /** Returns whether an operation is tried in all layouts on the type of an index among {@code types}: of a choice on one of them. */
    final boolean inFull(Enum<?> op, int index, int types) {
        return !chooses() || index == (op.ordinal() + 1) % types;
    }

    /** Opens the backend, or skips the class. */
    @BeforeAll
    final void open() {
        BackendProvider provider = provider();
        Availability availability = provider.availability();
        assumeTrue(availability.available(), () -> provider.name() + ": " + availability.reason());
        boolean known = Backends.providers().stream().anyMatch(p -> p.name().equals(provider.name()));
        backend = known
                ? Backends.of(new Device(provider.name(), 0))
                : OPEN.computeIfAbsent(provider.name(), n -> provider.open(0));
    }

    /** Leaves the backend with the threads that other tests expect. */
    @AfterAll
    final void restore() {
        if (backend != null) {
            backend.setNumThreads(Runtime.getRuntime().availableProcessors());
        }
    }

    /** Returns the backend under test. */
    protected final Backend backend() {
        return backend;
    }

    /** Returns the backend that is right. */
    protected final Backend reference() {
        return reference;
    }

    /** Something that is done on both backends with the operands made of the images, in the same order. */
    @FunctionalInterface
    public interface Action {
        /** Runs kernels. */
        void run(Backend backend, Operand[] operands);
    }

    /** What one backend left: the images, or the exception. */
    record Outcome(List<Image> images, JangadaException failure) {}

    /** Runs an action on copies of the images on one backend. */
    static Outcome run(Backend backend, List<Image> images, Action action) {
        Operand[] operands = new Operand[images.size()];
        for (int i = 0; i < operands.length; i++) {
            operands[i] = images.get(i).upload(backend);
        }
        JangadaException failure = null;
        try {
            action.run(backend, operands);
            backend.synchronize();
        } catch (JangadaException e) {
            failure = e;
        }
        Image[] after = new Image[operands.length];
        for (int i = 0; i < after.length; i++) {
            after[i] = images.get(i).download(operands[i]);
            operands[i].storage().release();
        }
        return new Outcome(List.of(after), failure);
    }

    /**
     * Runs an action on both backends and compares: the first {@code outputs} images within the tolerance, the others exactly.
     *
     * @param what the kernel and the random seed, for the message
     */
    protected final void check(String what, int outputs, Tolerance tolerance, List<Image> images, Action action) {
        Outcome expected = run(reference, images, action);
        if (expected.failure() != null) {
            throw new AssertionError(what + ": the reference backend failed", expected.failure());
        }
        check(what, outputs, tolerance, images, action, expected);
    }

    /** As above, with a known right outcome. */
    final void check(
            String what, int outputs, Tolerance tolerance, List<Image> images, Action action, Outcome expected) {
        Outcome actual = run(backend, images, action);
        if (actual.failure() != null) {
            throw new AssertionError(what + ": failed", actual.failure());
        }
        for (int i = 0; i < images.size(); i++) {
            actual.images()
                    .get(i)
                    .assertClose(
                            expected.images().get(i),
                            i < outputs ? tolerance : Tolerance.EXACT,
                            what + ", operand " + i);
        }
    }

    /** Runs an action that both backends must refuse with the same exception, and expects all memory unchanged where that is promised. */
    protected final void checkFailure(
            String what, Class<? extends JangadaException> kind, boolean unchanged, List<Image> images, Action action) {
        for (Backend b : List.of(reference, backend)) {
            Outcome outcome = run(b, images, action);
            if (!kind.isInstance(outcome.failure())) {
                throw new AssertionError(
                        what + " on " + b.device() + ": expected " + kind.getSimpleName() + ", got "
                                + outcome.failure(),
                        outcome.failure());
            }
            for (int i = 0; unchanged && i < images.size(); i++) {
                outcome.images().get(i).assertClose(images.get(i), Tolerance.EXACT, what + ", operand " + i);
            }
        }
    }

    /** Runs an action with one thread and with several, and expects the same bits. */
    protected final void checkThreads(String what, int outputs, List<Image> images, Action action) {
        backend.setNumThreads(1);
        Outcome one = run(backend, images, action);
        for (int threads : chooses() ? new int[] {2} : new int[] {2, 3, 7}) {
            backend.setNumThreads(threads);
            check(what + " with " + threads + " threads", outputs, Tolerance.EXACT, images, action, one);
        }
    }
}
