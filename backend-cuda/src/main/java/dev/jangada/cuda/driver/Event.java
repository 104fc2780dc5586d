package dev.jangada.cuda.driver;

import org.bytedeco.cuda.cudart.CUevent_st;

/** A point in the order of a device's work, which the host can wait for. */
public final class Event {
    final CUevent_st handle = new CUevent_st();

    Event() {}
}
