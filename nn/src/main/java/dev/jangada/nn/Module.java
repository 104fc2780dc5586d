package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Device;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.io.StateFile;
import dev.jangada.ops.Executor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A part of a model: parameters, buffers and other modules, each registered under a name.
 *
 * <p>Registration is explicit and happens in the constructor, in the order in which everything is listed later. Full names are joined by
 * dots, as in {@code hidden.weight}. Layers of one input and one result extend {@link Layer}.
 *
 * <pre>{@code
 * import dev.jangada.nn.*;
 * import dev.jangada.nn.Module; // by name: Java has a Module of its own
 *
 * final class Encoder extends Module {
 *     private final Embedding words = module("words", new Embedding(1000, 32));
 *     private final GRU gru = module("gru", new GRU(32, 64));
 *     private final Tensor scale = parameter("scale", Tensor.ones(64));
 *
 *     Tensor forward(Tensor input, Tensor h) {
 *         return gru.forward(words.forward(input), h).output().mul(scale);
 *     }
 * }
 * }</pre>
 *
 * <p>Source: {@code torch.nn.Module}.
 */
public abstract class Module {
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private final Set<String> transientBuffers = new HashSet<>();
    private final Map<String, Module> children = new LinkedHashMap<>();
    private boolean training = true;

    /** Creates a module in training mode with nothing registered. */
    protected Module() {}

    // ---- registration

    /**
     * Registers a part of this module.
     *
     * @return the module
     * @throws ArgumentException if the name is empty, has a dot or is taken, or this module is the part or within it
     */
    protected final <M extends Module> M module(String name, M module) {
        Objects.requireNonNull(module, "module is null");
        checkName("module", name);
        if (module.modules().contains(this)) {
            throw new ArgumentException("[module] expected a part that does not hold this " + typeName() + ", got \""
                    + name + "\", which does; register each module below its owner only");
        }
        children.put(name, module);
        return module;
    }

    /**
     * Registers a parameter.
     *
     * @param data the initial value; see {@link Parameter#of(Tensor)}
     * @return the parameter, a leaf that requires a gradient
     * @throws ArgumentException if the name is empty, has a dot or is taken
     */
    protected final Tensor parameter(String name, Tensor data) {
        checkName("parameter", name);
        Tensor parameter = Parameter.of(data);
        parameters.put(name, parameter);
        return parameter;
    }

    /** As {@link #buffer(String, Tensor, boolean)}, part of the state. */
    protected final Tensor buffer(String name, Tensor data) {
        return buffer(name, data, true);
    }

    /**
     * Registers a tensor that moves with the module and is not trained, such as a running mean.
     *
     * @param persistent whether it is part of {@link #stateDict()}
     * @return the buffer
     * @throws ArgumentException if the name is empty, has a dot or is taken
     */
    protected final Tensor buffer(String name, Tensor data, boolean persistent) {
        Objects.requireNonNull(data, "data is null");
        checkName("buffer", name);
        Tensor buffer = Parameter.buffer(data);
        buffers.put(name, buffer);
        if (!persistent) {
            transientBuffers.add(name);
        }
        return buffer;
    }

    private void checkName(String what, String name) {
        Objects.requireNonNull(name, "name is null");
        boolean taken = parameters.containsKey(name) || buffers.containsKey(name) || children.containsKey(name);
        if (name.isEmpty() || name.indexOf('.') >= 0 || taken) {
            throw new ArgumentException("[" + what + "] expected a new name without dots, got \"" + name + "\""
                    + (taken ? ", which is taken" : "") + " in " + typeName() + "; choose another one");
        }
    }

    // ---- what is registered

    /** Returns this module and all its parts by full name, each once, parents first; the name of this module is empty. */
    public final Map<String, Module> namedModules() {
        Map<String, Module> out = new LinkedHashMap<>();
        collect("", this, out, Collections.newSetFromMap(new IdentityHashMap<>()));
        return out;
    }

    private static void collect(String name, Module module, Map<String, Module> out, Set<Module> seen) {
        if (seen.add(module)) {
            out.put(name, module);
            module.children.forEach((key, child) -> collect(join(name, key), child, out, seen));
        }
    }

    private static String join(String prefix, String name) {
        return prefix.isEmpty() ? name : prefix + "." + name;
    }

    /** Returns this module and all its parts, each once, parents first. */
    public final List<Module> modules() {
        return List.copyOf(namedModules().values());
    }

    /** Returns the modules registered in this one, by name. */
    public final Map<String, Module> namedChildren() {
        return Collections.unmodifiableMap(children);
    }

    /** Returns the modules registered in this one, each once. */
    public final List<Module> children() {
        Set<Module> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        return children.values().stream().filter(seen::add).toList();
    }

    /** Returns the parameters of this module and its parts by full name, each once. */
    public final Map<String, Tensor> namedParameters() {
        return named(m -> m.parameters);
    }

    /** Returns the parameters of this module and its parts, each once. */
    public final List<Tensor> parameters() {
        return List.copyOf(namedParameters().values());
    }

    /** Returns the buffers of this module and its parts by full name, each once. */
    public final Map<String, Tensor> namedBuffers() {
        return named(m -> m.buffers);
    }

    /** Returns the buffers of this module and its parts, each once. */
    public final List<Tensor> buffers() {
        return List.copyOf(namedBuffers().values());
    }

    private Map<String, Tensor> named(java.util.function.Function<Module, Map<String, Tensor>> own) {
        Map<String, Tensor> out = new LinkedHashMap<>();
        Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        namedModules()
                .forEach((prefix, module) -> own.apply(module).forEach((name, tensor) -> {
                    if (seen.add(tensor)) {
                        out.put(join(prefix, name), tensor);
                    }
                }));
        return out;
    }

    /** Returns the number of elements of all parameters. */
    public final long parameterCount() {
        return parameters().stream().mapToLong(Tensor::numel).sum();
    }

    // ---- changes of the whole

    /**
     * Calls a function with every part and then with this module, children first; for example to initialise weights. A part that is
     * registered twice in one module is visited once there.
     */
    public final Module apply(Consumer<Module> function) {
        for (Module child : children()) {
            child.apply(function);
        }
        function.accept(this);
        return this;
    }

    /** Switches this module and its parts to training mode or out of it. */
    public final Module train(boolean on) {
        for (Module m : modules()) {
            Executor.current().assign(m, () -> m.training = on, () -> {
                boolean before = m.training;
                return () -> m.training = before;
            });
        }
        return this;
    }

    /** Switches this module and its parts to training mode. */
    public final Module train() {
        return train(true);
    }

    /** Switches this module and its parts to evaluation mode. */
    public final Module eval() {
        return train(false);
    }

    /** Tells whether the module is in training mode, where layers such as dropout behave differently. */
    public final boolean isTraining() {
        return Executor.current().guard(this, () -> training); // the one place where the flag is read
    }

    /** Asks for gradients of all parameters, or no longer. */
    public final Module requiresGrad_(boolean on) {
        parameters().forEach(p -> p.requiresGrad_(on));
        return this;
    }

    /** Drops the gradients of all parameters. */
    public final void zeroGrad() {
        parameters().forEach(Tensor::zeroGrad);
    }

    /** Moves parameters and buffers to a device, in place; gradients are dropped where data move. Nothing has changed if an exception is thrown. */
    public final Module to(Device device) {
        return convert(t -> t.to(device));
    }

    /**
     * Converts parameters and buffers of floating point types to another one, in place; gradients are dropped where data change.
     *
     * @throws DTypeException if the type is not a floating point type
     */
    public final Module to(DType type) {
        if (!type.isFloatingPoint()) {
            throw new DTypeException("[to] expected a floating point type for the parameters of a module, got " + type
                    + "; pass for example DType.FLOAT32");
        }
        return convert(t -> t.dtype().isFloatingPoint() ? t.to(type) : t);
    }

    private Module convert(java.util.function.UnaryOperator<Tensor> conversion) {
        List<Tensor> all = new ArrayList<>(parameters());
        all.addAll(buffers());
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            // all before the first is changed: the memory may not suffice, and half a module would be of no use
            List<Tensor> converted = all.stream().map(conversion).toList();
            for (int i = 0; i < all.size(); i++) {
                if (converted.get(i) != all.get(i)) {
                    all.get(i).setData(converted.get(i));
                }
            }
        }
        return this;
    }

    // ---- state

    /**
     * Returns parameters and persistent buffers by full name, outside of the graph; they share memory with the module.
     *
     * <p>Source: {@code torch.nn.Module.state_dict}.
     */
    public final Map<String, Tensor> stateDict() {
        Map<String, Tensor> out = new LinkedHashMap<>();
        state().forEach((name, tensor) -> out.put(name, tensor.detach()));
        return out;
    }

    /** Parameters and persistent buffers; one that is registered twice has two names here. */
    private Map<String, Tensor> state() {
        Map<String, Tensor> out = new LinkedHashMap<>();
        addState("", out);
        return out;
    }

    private void addState(String prefix, Map<String, Tensor> out) {
        parameters.forEach((name, tensor) -> out.put(join(prefix, name), tensor));
        buffers.forEach((name, tensor) -> {
            if (!transientBuffers.contains(name)) {
                out.put(join(prefix, name), tensor);
            }
        });
        children.forEach((name, child) -> child.addState(join(prefix, name), out));
    }

    /**
     * What did not fit when a state was loaded.
     *
     * @param missing names that the module has and the state has not
     * @param unexpected names that the state has and the module has not
     */
    public record LoadResult(List<String> missing, List<String> unexpected) {}

    /** As {@link #loadStateDict(Map, boolean)}, strictly: all names must fit. */
    public final LoadResult loadStateDict(Map<String, Tensor> state) {
        return loadStateDict(state, true);
    }

    /**
     * Copies values into parameters and buffers, converting type and device. Nothing is changed if an exception is thrown.
     *
     * <p>Source: {@code torch.nn.Module.load_state_dict}.
     *
     * @param state values by full name, as {@link #stateDict()} returns them
     * @param strict whether missing and unexpected names are errors
     * @throws ArgumentException if names (when strict) or shapes differ, or a value is null or closed; the message lists all of them
     */
    public final LoadResult loadStateDict(Map<String, Tensor> state, boolean strict) {
        Map<String, Tensor> own = state();
        List<String> missing = without(own.keySet(), state.keySet());
        List<String> unexpected = without(state.keySet(), own.keySet());
        List<String> problems = new ArrayList<>();
        if (strict && !missing.isEmpty()) {
            problems.add("missing keys " + missing);
        }
        if (strict && !unexpected.isEmpty()) {
            problems.add("unexpected keys " + unexpected);
        }
        own.forEach((name, tensor) -> {
            Tensor value = state.get(name);
            if (tensor.isClosed()) {
                problems.add("closed " + name + " of the model itself");
            } else if (value == null) {
                if (state.containsKey(name)) {
                    problems.add("null for " + name);
                }
            } else if (value.isClosed()) {
                problems.add("a closed tensor for " + name);
            } else if (!value.shape().equals(tensor.shape())) {
                problems.add("shape " + value.shape() + " instead of " + tensor.shape() + " for " + name);
            }
        });
        if (!problems.isEmpty()) {
            throw new ArgumentException("[loadStateDict] expected the state of this " + typeName() + ", got "
                    + String.join("; ", problems) + "; build the same model"
                    + (strict
                            ? ", or pass strict = false if only names differ"
                            : ", or leave out the entries whose shapes differ"));
        }
        try (Autograd.Mode off = Autograd.noGrad()) {
            own.forEach((name, tensor) -> {
                if (state.containsKey(name)) {
                    tensor.copy_(state.get(name));
                }
            });
        }
        return new LoadResult(missing, unexpected);
    }

    /**
     * Writes the state to a file, in the format that its ending says: {@code .safetensors}, {@code .npz}, {@code .pt} or {@code .pth}. If it
     * fails, an older file stays as it was.
     *
     * @throws ArgumentException if the name has another ending
     * @throws IOException if the file can't be written
     */
    public final void save(Path path) throws IOException {
        try (TensorScope scope = new TensorScope()) {
            StateFile.save(path, stateDict());
        }
    }

    /**
     * Loads the state from a file, strictly: names and shapes must be this module's. Nothing is changed if an exception is thrown.
     *
     * @throws ArgumentException if it is the state of another model, or the name has no ending that {@link #save(Path)} knows
     * @throws dev.jangada.FormatException if the file is damaged or of another format
     * @throws IOException if it can't be read
     */
    public final void load(Path path) throws IOException {
        try (TensorScope scope = new TensorScope()) {
            loadStateDict(StateFile.load(path));
        }
    }

    private static List<String> without(Collection<String> names, Collection<String> known) {
        return names.stream().filter(name -> !known.contains(name)).toList();
    }

    // ---- printing

    /** Returns the settings that {@link #toString()} shows between the parentheses; empty unless a subclass says otherwise. */
    protected String extraRepr() {
        return "";
    }

    private String typeName() {
        return getClass().getSimpleName();
    }

    /** Returns the module and its parts as PyTorch prints them. */
    @Override
    public String toString() {
        String extra = extraRepr();
        if (children.isEmpty()) {
            return typeName() + "(" + extra + ")";
        }
        StringBuilder out = new StringBuilder(typeName()).append("(\n");
        if (!extra.isEmpty()) {
            out.append("  ").append(extra).append('\n');
        }
        children.forEach((name, child) -> out.append("  (")
                .append(name)
                .append("): ")
                .append(child.toString().replace("\n", "\n  "))
                .append('\n'));
        return out.append(')').toString();
    }
}
