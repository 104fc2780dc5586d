package dev.jangada.cuda.driver;

import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** What the driver's functions return. */
final class Status {
    static final int SUCCESS = 0;
    static final int OUT_OF_MEMORY = 2;
    static final int STUB_LIBRARY = 34;
    static final int NO_DEVICE = 100;
    static final int INVALID_IMAGE = 200;
    static final int NO_BINARY_FOR_GPU = 209;
    static final int INVALID_SOURCE = 300;
    static final int NOT_READY = 600;

    private Status() {}

    /** Tells whether the context is of no use any more: every later call would fail with the same code. */
    static boolean isSticky(int status) {
        return switch (status) {
            case 4, 46, 214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, 999 -> true;
            default -> false;
        };
    }

    /** Returns name and explanation of a code. */
    static String text(int status) {
        return pointed(status, true) + " (" + pointed(status, false) + ")";
    }

    private static String pointed(int status, boolean name) {
        try (PointerPointer<BytePointer> out = new PointerPointer<>(1)) {
            int failed = name ? cudart.cuGetErrorName(status, out) : cudart.cuGetErrorString(status, out);
            BytePointer text = failed == SUCCESS ? out.get(BytePointer.class) : null;
            return text == null || text.isNull() ? "code " + status : text.getString();
        }
    }
}
