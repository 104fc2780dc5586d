/** Modules, losses, optimisers and data loading. */
module dev.jangada.nn {
    requires transitive dev.jangada.core;
    requires transitive java.desktop;
    requires de.siegmar.fastcsv;

    exports dev.jangada.data;
    exports dev.jangada.nn;
    exports dev.jangada.nn.init;
    exports dev.jangada.nn.rbm;
    exports dev.jangada.optim;
    exports dev.jangada.train;
}
