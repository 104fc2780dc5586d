package dev.jangada.cuda.driver;

import org.bytedeco.cuda.cudart.CUfunc_st;

/** An entry of a loaded module, ready to be launched. */
public final class Function {
    final CUfunc_st handle;
    private final String name;

    Function(CUfunc_st handle, String name) {
        this.handle = handle;
        this.name = name;
    }

    @Override
    public String toString() {
        return name;
    }
}
