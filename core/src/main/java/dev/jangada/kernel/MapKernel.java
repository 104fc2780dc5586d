package dev.jangada.kernel;

/**
 * An element-wise kernel: {@code out_j[i] = program_j(in_0[i], in_1[i], …; scalars)} for every element i.
 *
 * <p>An output may be the very same elements as an input (an in-place update); otherwise outputs do not overlap inputs.
 */
public final class MapKernel extends Kernel {
    private final Program program;

    /** Creates the kernel of a program under a name for profiles. */
    public MapKernel(String name, Program program) {
        super(name);
        this.program = program;
    }

    /** Returns what is computed. */
    public Program program() {
        return program;
    }
}
