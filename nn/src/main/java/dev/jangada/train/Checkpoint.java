package dev.jangada.train;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.FormatException;
import dev.jangada.Generator;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.io.Safetensors;
import dev.jangada.nn.Module;
import dev.jangada.optim.LRScheduler;
import dev.jangada.optim.Optimizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * All that a training run needs to go on where it stopped, in one safetensors file: the states of model, optimiser and schedule, the position of
 * the global random generator, and texts such as the epoch. A loader that shuffles by a generator of its own goes on where it was if that
 * generator is a part, too.
 *
 * <pre>{@code
 * Checkpoint checkpoint = new Checkpoint().add("model", model).add("optimizer", optimizer);
 * int epoch = 0;
 * if (Files.exists(path)) {
 *     epoch = Integer.parseInt(checkpoint.load(path).get("epoch"));
 * }
 * for (; epoch < epochs; epoch++) {
 *     train(epoch);
 *     checkpoint.save(path, Map.of("epoch", String.valueOf(epoch + 1)));
 * }
 * }</pre>
 *
 * <p>The tensors of a part are named after it: {@code model.0.weight}. Other programs read the file, too.
 */
public final class Checkpoint {
    private static final String GENERATOR = "jangada.generator";
    private static final String POSITION = "position";

    private record Part(Supplier<Map<String, Tensor>> state, Consumer<Map<String, Tensor>> load) {}

    private final Map<String, Part> parts = new LinkedHashMap<>();

    /** Creates a checkpoint of nothing but the random generator. */
    public Checkpoint() {}

    /**
     * Adds a model.
     *
     * @param name the start of the names in the file, without dots
     * @throws ArgumentException if the name is empty, has a dot or is taken
     */
    public Checkpoint add(String name, Module model) {
        return add(name, model::stateDict, model::loadStateDict);
    }

    /** Adds an optimiser; see {@link #add(String, Module)}. */
    public Checkpoint add(String name, Optimizer<?> optimizer) {
        return add(name, optimizer::stateDict, optimizer::loadStateDict);
    }

    /** Adds a schedule of learning rates; see {@link #add(String, Module)}. */
    public Checkpoint add(String name, LRScheduler scheduler) {
        return add(name, scheduler::stateDict, scheduler::loadStateDict);
    }

    /** Adds a random generator, such as that of a shuffling {@code DataLoader}; see {@link #add(String, Module)}. The global one is saved anyway. */
    public Checkpoint add(String name, Generator generator) {
        Objects.requireNonNull(generator, "generator is null");
        return add(
                name,
                () -> {
                    Generator.State state = generator.state();
                    return Map.of(POSITION, Tensor.of(new long[] {state.seed(), state.offset()}));
                },
                state -> generator.setState(position(name, state)));
    }

    private static Generator.State position(String name, Map<String, Tensor> state) {
        Tensor t = state.get(POSITION);
        if (t == null
                || state.size() > 1
                || t.dtype() != DType.INT64
                || !t.shape().equals(Shape.of(2))) {
            throw new ArgumentException("[checkpoint] expected the position of a generator as " + name + "." + POSITION
                    + ", got " + state.keySet() + "; add the same parts as when it was saved");
        }
        long[] two = t.toLongArray();
        return new Generator.State(two[0], two[1]); // setState refuses a negative position
    }

    /**
     * Adds anything whose state is tensors by name; see {@link #add(String, Module)}.
     *
     * @param state gives the state
     * @param load takes a state over, or changes nothing and throws an exception
     */
    public Checkpoint add(String name, Supplier<Map<String, Tensor>> state, Consumer<Map<String, Tensor>> load) {
        Objects.requireNonNull(name, "name is null");
        Part part =
                new Part(Objects.requireNonNull(state, "state is null"), Objects.requireNonNull(load, "load is null"));
        if (name.isEmpty() || name.indexOf('.') >= 0 || parts.putIfAbsent(name, part) != null) {
            throw new ArgumentException(
                    "[checkpoint] expected a new name without dots, got \"" + name + "\"; choose another one");
        }
        return this;
    }

    /** As {@link #save(Path, Map)} without texts. */
    public void save(Path path) throws IOException {
        save(path, Map.of());
    }

    /**
     * Writes the present states. If it fails, an older file stays as it was.
     *
     * @param path the file; its folder must exist
     * @param texts what else to remember, by key
     * @throws IOException if the file can't be written
     */
    public void save(Path path, Map<String, String> texts) throws IOException {
        try (TensorScope scope = new TensorScope()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            parts.forEach((name, part) -> part.state.get().forEach((key, t) -> tensors.put(name + "." + key, t)));
            Map<String, String> metadata = new LinkedHashMap<>(texts);
            Generator.State state = Generator.global().state();
            metadata.put(GENERATOR, state.seed() + " " + state.offset());
            Safetensors.save(path, tensors, metadata);
        }
    }

    /**
     * Takes over the states of a file. Nothing is changed if an exception is thrown.
     *
     * @return the texts that were saved with it
     * @throws FormatException if the file is damaged or no checkpoint
     * @throws ArgumentException if a part of it does not fit, as of another model, or the file has other parts
     * @throws IOException if it can't be read
     */
    public Map<String, String> load(Path path) throws IOException {
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Map<String, String> texts = new LinkedHashMap<>(Safetensors.metadata(path));
            Generator.State generator = generator(texts.remove(GENERATOR), path);
            Map<String, Map<String, Tensor>> states = split(Safetensors.load(path), path);
            List<Runnable> undo = new ArrayList<>();
            try {
                parts.forEach((name, part) -> {
                    Map<String, Tensor> before = new LinkedHashMap<>();
                    part.state.get().forEach((key, t) -> before.put(key, t.clone()));
                    part.load.accept(states.get(name));
                    undo.add(() -> part.load.accept(before));
                });
            } catch (RuntimeException | Error e) {
                undo.forEach(Runnable::run);
                throw e;
            }
            Generator.global().setState(generator);
            return texts;
        }
    }

    private static Generator.State generator(String text, Path path) {
        try {
            String[] two = String.valueOf(text).split(" ", 2);
            long offset = Long.parseLong(two[two.length - 1]);
            if (two.length == 2 && offset >= 0) {
                return new Generator.State(Long.parseLong(two[0]), offset);
            }
        } catch (NumberFormatException e) {
            throw new FormatException(message(text, path), e);
        }
        throw new FormatException(message(text, path));
    }

    private static String message(String text, Path path) {
        return "[checkpoint] expected the position of a generator as " + GENERATOR + ", got " + text + " in " + path
                + "; load weights alone with Safetensors.load";
    }

    private Map<String, Map<String, Tensor>> split(Map<String, Tensor> tensors, Path path) {
        Map<String, Map<String, Tensor>> out = new LinkedHashMap<>();
        parts.keySet().forEach(name -> out.put(name, new LinkedHashMap<>()));
        tensors.forEach((key, t) -> {
            int dot = key.indexOf('.');
            Map<String, Tensor> state = dot < 0 ? null : out.get(key.substring(0, dot));
            if (state == null) {
                throw new ArgumentException("[checkpoint] expected tensors of " + parts.keySet() + ", got " + key
                        + " in " + path + "; add the same parts as when it was saved");
            }
            state.put(key.substring(dot + 1), t);
        });
        return out;
    }
}
