package dev.jangada.cuda.driver;

import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** What the driver's functions return. */
final class Status {
    static final int SUCCESS = 0;
    static final int OUT_OF_MEMORY = 2;
    static final int DEVICE_UNAVAILABLE = 46;
    static final int NO_DEVICE = 100;

    private Status() {}

    /** Tells whether the context is of no use any more: every later call would fail with the same code. */
    static boolean isSticky(int status) {
        return switch (status) {
            case 4, 214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, 999 -> true;
            default -> false;
        };
    }

    /** Tells whether code is damaged, or for another kind of device. */
    static boolean isForeignCode(int status) {
        return switch (status) {
            case 200, 209, 218, 222, 223, 300 -> true;
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
