package dev.jangada.cuda.driver;

import org.bytedeco.cuda.cudart.CUstream_st;

/** A queue of work of a device; see {@link Context#stream()}. */
public final class Stream {
    final CUstream_st handle = new CUstream_st();

    Stream() {}
}
