package dev.jangada.capture;

import dev.jangada.backend.Layout;

/** How far layouts reach. */
final class Extent {
    private Extent() {}

    /** Returns the position behind the last element, in elements; 0 if there are none. */
    static long end(Layout l) {
        if (l.numel() == 0) {
            return 0;
        }
        long end = l.offset() + 1;
        for (int i = 0; i < l.rank(); i++) {
            end += (l.size(i) - 1) * l.stride(i);
        }
        return end;
    }

    /** Tells whether a layout covers a slot of so many bytes without gaps. */
    static boolean covers(Layout l, int elementSize, long bytes) {
        return l.offset() == 0 && l.numel() * elementSize == bytes && l.isDense();
    }
}
