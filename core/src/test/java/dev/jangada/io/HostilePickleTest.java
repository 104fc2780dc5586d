package dev.jangada.io;

import static dev.jangada.io.Forged.bytes;
import static dev.jangada.io.Forged.storage;
import static dev.jangada.io.Forged.tensor;
import static dev.jangada.io.Forged.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.FormatException;
import dev.jangada.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pickles that ask for more than tensors: code, memory, an endless structure, elements of other people. */
class HostilePickleTest {
    @TempDir
    private Path folder;

    private Object load(String... pickle) throws IOException {
        Path file = folder.resolve("hostile.pt");
        Files.write(file, Forged.torch(bytes(pickle)));
        return TorchFile.load(file);
    }

    private void assertRefused(String reason, String... pickle) {
        assertThatThrownBy(() -> load(pickle))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void wellFormedOnesAreRead() throws IOException {
        Path file = folder.resolve("good.pt");
        Files.write(file, Forged.torch(Forged.pickle()));
        Map<?, ?> read = (Map<?, ?>) TorchFile.load(file);
        Tensor w = (Tensor) read.get("w");
        assertThat(w.stride()).containsExactly(1, 2);
        assertThat(read.get("again")).isSameAs(w);
        assertThat(((Tensor) read.get("row")).sharesStorage(w)).isTrue();
        assertThat(read.get("list")).isEqualTo(java.util.Arrays.asList(1L, 513L, 0x04030201L, 1.5, null, true, false));
        assertThat(read.get("dict")).isEqualTo(Map.of("a", 1L));
        assertThat(read.get("long")).isEqualTo(1L << 32);
        Files.write(file, Forged.legacy());
        assertThat(TorchFile.loadStateDict(file).get("w").toFloatArray()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void namesOfFunctionsAreNotCalled() {
        assertRefused("posix.system", "\u0080\2cposix\nsystem\n(", text("touch hacked"), "tR.");
        assertRefused("os.system", "\u0080\4", text("os"), text("system"), "\u0093(", text("true"), "tR.");
        assertRefused("builtins.eval", "\u0080\2cbuiltins\neval\n(", text("1"), "tR.");
        assertRefused("save state dicts in Python", "\u0080\2cbuiltins\ngetattr\n(", text("1"), "tR.");
        assertRefused("torch.load", "\u0080\2ctorch\nload\n.");
        assertRefused("torch._utils.other", "\u0080\2ctorch._utils\nother\n)R.");
        assertRefused("opcode 0x69", "\u0080\2(ios\nsystem\n.");
        assertRefused("opcode 0x6f", "\u0080\2(o.");
        assertRefused("opcode 0x81", "\u0080\2ccollections\nOrderedDict\n)\u0081.");
        assertRefused("opcode 0x82", "\u0080\2\u0082\1.");
        assertRefused("opcode 0x50", "\u0080\2P0\n.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0080\2.",
                "0.",
                "t.",
                "u.",
                "s.",
                "a.",
                "e.",
                "R.",
                "b.",
                "Q.",
                "h\5.",
                "((.",
                "}K\1s.",
                "K\1K\2.",
                "K\1K\2a.",
                "}]K\1s.",
                "]K\1u.",
                "X\u00ff\u00ff\u00ff\u00ffabc.",
                "\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ffabc.",
                "\u008b\u00ff\u00ff\u00ff\u00ff.",
                "\u008a\u00ff.",
                "X\2\0\0\0\u00ff\u00fe.",
                "ctorch\nFloatStorage\n.",
                "ccollections\nOrderedDict\n.",
                "}(K\1u.",
                "\u0080\1N.",
                "K\1ccollections\nOrderedDict\nK\1R.",
                "\u008a\u000b\1\1\1\1\1\1\1\1\1\1\1.",
                "ctorch\nSize\nK\1\u0085R."
            })
    void senselessOnesAreRefused(String pickle) {
        assertThatThrownBy(() -> load(pickle)).isInstanceOf(FormatException.class);
    }

    @Test
    void tensorsReachOnlyTheirStorage() {
        assertRefused("view", "\u0080\2", tensor(storage("0", 4), "K\0", "K\5\u0085", "K\1\u0085"), ".");
        assertRefused("view", "\u0080\2", tensor(storage("0", 4), "K\4", "K\1\u0085", "K\1\u0085"), ".");
        assertRefused("view", "\u0080\2", tensor(storage("0", 4), "K\0", "K\2\u0085", "K\u00ff\u0085"), ".");
        assertRefused(
                "strides",
                "\u0080\2",
                tensor(storage("0", 4), "K\3", "K\2\u0085", "J\u00ff\u00ff\u00ff\u00ff\u0085"),
                ".");
        assertRefused(
                "tensor",
                "\u0080\2",
                tensor(storage("0", 4), "J\u00ff\u00ff\u00ff\u00ff", "K\2\u0085", "K\1\u0085"),
                ".");
        assertRefused(
                "sizes",
                "\u0080\2",
                tensor(storage("0", 4), "K\0", "J\u00ff\u00ff\u00ff\u00ff\u0085", "K\1\u0085"),
                ".");
        String huge = "\u008a\10\0\0\0\0\0\0\0@";
        assertRefused("view", "\u0080\2", tensor(storage("0", 4), "K\0", "K\2K\2\u0086", huge + huge + "\u0086"), ".");
        assertRefused("sizes", "\u0080\2", tensor(storage("0", 4), "K\0", huge + huge + "\u0086", "K\0K\0\u0086"), ".");
        assertRefused("16", "\u0080\2", tensor(storage("0", 5), "K\0", "K\2\u0085", "K\1\u0085"), ".");
        assertRefused("none", "\u0080\2", tensor(storage("1", 4), "K\0", "K\2\u0085", "K\1\u0085"), ".");
        assertRefused("none", "\u0080\2", tensor(storage("../data.pkl", 4), "K\0", "K\2\u0085", "K\1\u0085"), ".");
        String second = storage("0", 4).replace("Float", "Int");
        assertRefused("elements of float32", "\u0080\2](", storage("0", 4), "0", tensor(second, "K\0", ")", ")"), "e.");
        assertRefused(
                "persistent id",
                "\u0080\2",
                storage("0", 4).replace("Float", "Untyped").replace("ctorch\nUntypedStorage\n", "N"),
                ".");
        assertRefused("UntypedStorage", "\u0080\2", storage("0", 4).replace("Float", "Untyped"), ".");
        assertRefused("bare", "\u0080\2", storage("0", 4), ".");
    }

    @Test
    void containersThatHoldThemselvesAreRefused() {
        assertRefused("themselves", "\u0080\2]q\0h\0a.");
        assertRefused("themselves", "\u0080\2}q\0", text("me"), "h\0s.");
        assertRefused("themselves", "\u0080\2]q\0h\0\u0085a.");
    }

    /** Each level refers to the one before it ten times: nine levels are a thousand million values. */
    @Test
    void structuresThatGrowWithoutBoundAreRefused() {
        StringBuilder laughs = new StringBuilder("\u0080\2](K\1eq\0000");
        for (char level = 0; level < 9; level++) {
            laughs.append("](");
            for (int i = 0; i < 10; i++) {
                laughs.append('h').append(level);
            }
            laughs.append("eq").append((char) (level + 1)).append('0');
        }
        assertRefused("values", laughs + "h\11.");
        assertRefused("levels", "\u0080\2" + "]".repeat(100_000) + "a".repeat(99_999) + ".");
        assertRefused("stack", "\u0080\2" + "N".repeat(1_100_000) + ".");
        assertRefused("objects", "\u0080\2" + "]0".repeat(2_100_000) + "N.");
        assertRefused("objects", "\u0080\2](" + "N2222e(".repeat(600_000) + "e.");
    }

    @Test
    void whatIsNoStateDictIsNamed() throws IOException {
        Path file = folder.resolve("list.pt");
        TorchFile.save(file, List.of(1));
        assertThatThrownBy(() -> TorchFile.loadStateDict(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("dictionary of tensors");
    }
}
