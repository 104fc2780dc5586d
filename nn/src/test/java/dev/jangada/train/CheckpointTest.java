package dev.jangada.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.FormatException;
import dev.jangada.Generator;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.io.Safetensors;
import dev.jangada.nn.Layer;
import dev.jangada.nn.Linear;
import dev.jangada.nn.ReLU;
import dev.jangada.nn.Sequential;
import dev.jangada.optim.Adam;
import dev.jangada.optim.StepLR;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    @TempDir
    private Path folder;

    /** A model in training; two of them with the same seed make the same steps. */
    private static final class Run {
        private final Layer model;
        private final Adam optimizer;
        private final StepLR schedule;
        private final Checkpoint checkpoint;

        Run(long seed, int hidden) {
            Jangada.manualSeed(seed);
            model = new Sequential(new Linear(3, hidden), new ReLU(), new Linear(hidden, 1));
            optimizer = new Adam(model.parameters(), 0.05);
            schedule = new StepLR(optimizer, 2, 0.5);
            checkpoint = new Checkpoint()
                    .add("model", model)
                    .add("optimizer", optimizer)
                    .add("schedule", schedule);
        }

        void steps(int n) {
            for (int i = 0; i < n; i++) {
                try (TensorScope scope = new TensorScope()) {
                    optimizer.zeroGrad();
                    model.forward(Tensor.randn(8, 3)).square().mean().backward();
                    optimizer.step();
                    schedule.step();
                }
            }
        }

        float[] weights() {
            try (TensorScope scope = new TensorScope()) {
                return Tensor.cat(
                                0,
                                model.parameters().stream()
                                        .map(p -> p.detach().flatten())
                                        .toArray(Tensor[]::new))
                        .toFloatArray();
            }
        }
    }

    @Test
    void resumedRunContinuesBitForBit() throws IOException {
        Path file = folder.resolve("run.safetensors");
        Run whole = new Run(1, 4);
        whole.steps(5);
        whole.checkpoint.save(file, Map.of("epoch", "5"));
        whole.steps(5);
        Run resumed = new Run(2, 4);
        resumed.steps(1);
        assertThat(resumed.checkpoint.load(file)).isEqualTo(Map.of("epoch", "5"));
        resumed.steps(5);
        assertThat(resumed.weights()).isEqualTo(whole.weights());
    }

    @Test
    void ordersOfALoaderContinue() throws IOException {
        Path file = folder.resolve("run.safetensors");
        Generator generator = new Generator(5);
        Checkpoint checkpoint = new Checkpoint().add("shuffle", generator);
        Tensor.randperm(100, generator);
        checkpoint.save(file);
        long[] next = Tensor.randperm(100, generator).toLongArray();
        Generator resumed = new Generator(6);
        new Checkpoint().add("shuffle", resumed).load(file);
        assertThat(Tensor.randperm(100, resumed).toLongArray()).isEqualTo(next);

        Map<String, String> texts = Safetensors.metadata(file);
        Generator.State before = resumed.state();
        for (Tensor bad : new Tensor[] {Tensor.of(new long[] {1, -1}), Tensor.ones(2), Tensor.scalar(1L)}) {
            Safetensors.save(file, Map.of("shuffle.position", bad), texts);
            assertThatThrownBy(() -> new Checkpoint().add("shuffle", resumed).load(file))
                    .isInstanceOf(ArgumentException.class);
        }
        assertThat(resumed.state()).isEqualTo(before);
    }

    @Test
    void checkpointOfAnotherModelChangesNothing() throws IOException {
        Path file = folder.resolve("run.safetensors");
        new Run(1, 5).checkpoint.save(file);
        Run run = new Run(2, 4);
        float[] before = run.weights();
        assertThatThrownBy(() -> run.checkpoint.load(file))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("shape [5, 3] instead of [4, 3] for 0.weight");
        assertThat(run.weights()).isEqualTo(before);
    }

    /** The model would fit, and is loaded first; the optimiser does not. */
    @Test
    void optimiserThatDoesNotFitLeavesTheModel() throws IOException {
        Path file = folder.resolve("run.safetensors");
        Run other = new Run(1, 4);
        other.steps(2);
        other.checkpoint.save(file);
        Map<String, Tensor> tensors = new LinkedHashMap<>(Safetensors.load(file));
        Map<String, String> texts = Safetensors.metadata(file);
        tensors.keySet().removeIf(name -> name.contains("exp_avg_sq"));
        Safetensors.save(file, tensors, texts);
        Run run = new Run(2, 4);
        run.steps(1);
        float[] before = run.weights();
        assertThatThrownBy(() -> run.checkpoint.load(file)).isInstanceOf(ArgumentException.class);
        assertThat(run.weights()).isEqualTo(before);
    }

    @Test
    void damagedFilesChangeNothing() throws IOException {
        Path file = folder.resolve("run.safetensors");
        Run run = new Run(1, 4);
        run.checkpoint.save(file, Map.of("epoch", "1"));
        byte[] whole = Files.readAllBytes(file);
        float[] before = run.weights();
        for (int n = 0; n < whole.length; n += 37) {
            Files.write(file, Arrays.copyOf(whole, n));
            assertThatThrownBy(() -> run.checkpoint.load(file)).isInstanceOf(FormatException.class);
        }
        Safetensors.save(file, Map.of("model.x", Tensor.ones(1)));
        assertThatThrownBy(() -> run.checkpoint.load(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("generator");
        assertThat(run.weights()).isEqualTo(before);
        run.checkpoint.save(file);
        assertThatThrownBy(() -> new Checkpoint().add("model", run.model).load(file))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("same parts");
    }

    @Test
    void namesArePlainAndNew() {
        Run run = new Run(1, 4);
        for (String name : new String[] {"", "a.b", "model"}) {
            assertThatThrownBy(() -> run.checkpoint.add(name, run.model)).isInstanceOf(ArgumentException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"m.safetensors", "m.npz", "m.pt", "m.PTH"})
    void modulesSaveAndLoad(String name) throws IOException {
        Path file = folder.resolve(name);
        Run saved = new Run(1, 4);
        saved.model.save(file);
        Run loaded = new Run(2, 4);
        loaded.model.load(file);
        assertThat(loaded.weights()).isEqualTo(saved.weights());
        Run other = new Run(3, 6);
        float[] before = other.weights();
        assertThatThrownBy(() -> other.model.load(file))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("0.weight");
        assertThat(other.weights()).isEqualTo(before);
    }
}
