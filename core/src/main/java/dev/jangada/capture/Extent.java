package dev.jangada.capture;

import dev.jangada.backend.Layout;
import dev.jangada.backend.Plan;

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

    /** Tells whether operands may have a byte in common. */
    static boolean overlap(Plan.Ref a, Plan.Ref b) {
        if (a.slot() != b.slot()) {
            return false;
        }
        long sizeA = a.dtype().size();
        long sizeB = b.dtype().size();
        return a.layout().offset() * sizeA < end(b.layout()) * sizeB
                && b.layout().offset() * sizeB < end(a.layout()) * sizeA;
    }

    /** Tells whether a layout covers a slot of so many bytes without gaps. */
    static boolean covers(Layout l, int elementSize, long bytes) {
        return l.offset() == 0 && l.numel() * elementSize == bytes && l.isDense();
    }
}
