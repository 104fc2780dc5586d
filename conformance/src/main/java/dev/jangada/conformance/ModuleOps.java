package dev.jangada.conformance;

/** Areas 07 to 11: layers with state, optimisers, the restricted Boltzmann machine, files. */
final class ModuleOps {
    private ModuleOps() {}

    static void register(Table t) {}
}
