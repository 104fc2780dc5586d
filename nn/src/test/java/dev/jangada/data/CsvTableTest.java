package dev.jangada.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.FormatException;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTableTest {
    private static CsvTable read(String text, CsvTable.Options options) throws IOException {
        return CsvTable.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "test.csv", options);
    }

    private static CsvTable read(String text) throws IOException {
        return read(text, CsvTable.Options.of());
    }

    @Test
    void columnsAreFoundByName(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.csv"), "x,y,z\n1,2.5,-3e2\n.5,+4.,1E-3\n");
        CsvTable table = CsvTable.read(file);
        assertThat(table.columns()).containsExactly("x", "y", "z");
        assertThat(table.rows()).isEqualTo(2);
        assertThat(table.column("z")).containsExactly(-300, 0.001);
        Tensor all = table.tensor();
        assertThat(all.dtype()).isEqualTo(DType.FLOAT32);
        assertThat(all.shape()).isEqualTo(Shape.of(2, 3));
        assertThat(all.toFloatArray()).containsExactly(1, 2.5f, -300, 0.5f, 4, 0.001f);
        Tensor some = table.tensor(DType.FLOAT64, "z", "x");
        assertThat(some.dtype()).isEqualTo(DType.FLOAT64);
        assertThat(some.toDoubleArray()).containsExactly(-300, 1, 0.001, 0.5);
        assertThat(table.without("y").tensor().toFloatArray()).containsExactly(1, -300, 0.5f, 0.001f);
        assertThat(table).hasToString("CsvTable(2 rows, columns [x, y, z])");
        assertThatThrownBy(() -> table.tensor("w"))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("\"w\"")
                .hasMessageContaining("[x, y, z]");
        assertThatThrownBy(() -> table.without("w")).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> CsvTable.read(folder.resolve("b.csv"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void quotesBlanksMarksAndLineEndsAreUnderstood() throws IOException {
        CsvTable table = read(
                "\ufeff\"price, EUR\" , \"two\nlines\"\r\n\"1\", 2 \r\n\r\n3,\"4\"",
                CsvTable.Options.of().withColumns("price, EUR"));
        assertThat(table.column("price, EUR")).containsExactly(1, 3);
    }

    @Test
    void optionsSayHowItIsWritten() throws IOException {
        CsvTable table =
                read("1;2\n3;4\n", CsvTable.Options.of().withSeparator(';').withHeader(false));
        assertThat(table.columns()).containsExactly("0", "1");
        assertThat(table.column("1")).containsExactly(2, 4);
        assertThatThrownBy(() -> CsvTable.Options.of().withSeparator('"')).isInstanceOf(ArgumentException.class);
    }

    @Test
    void columnsThatAreNotWantedMayHoldAnything() throws IOException {
        CsvTable table = read("day,n\nMonday,1\n,2\n", CsvTable.Options.of().withColumns("n"));
        assertThat(table.columns()).containsExactly("n");
        assertThat(table.tensor().toFloatArray()).containsExactly(1, 2);
        assertThatThrownBy(() -> read("a\n1\n", CsvTable.Options.of().withColumns("b")))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("test.csv");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "NA", "?", "nan", "Infinity", "1e999", "0x1p3", "1f", "1 2", "1,5", "--1", "."})
    void cellThatIsNoNumberIsNamed(String cell) {
        assertThatThrownBy(() -> read("rm,age\n1,2\n\n3,\"" + cell + "\"\n"))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("row 2 (line 4)")
                .hasMessageContaining("column \"age\"")
                .hasMessageContaining(cell.isEmpty() ? "empty cell" : "\"" + cell + "\"")
                .hasMessageContaining("test.csv");
    }

    @Test
    void longCellIsRefusedAtOnceAndCut() {
        assertThatThrownBy(() -> read("a\n" + "1".repeat(1_000_000) + "x"))
                .isInstanceOf(FormatException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    @ParameterizedTest
    @CsvSource({
        "'', empty file",
        "'a,b\n', at least one row",
        "'a,a\n1,2\n', twice",
        "'a,\n1,2\n', name for each column",
        "'a,b\n1,2\n3\n', 1 in row 2 (line 3)",
        "'a,b\n1,2,3\n', 3 in row 1 (line 2)",
    })
    void malformedFileIsRefused(String text, String message) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(FormatException.class).hasMessageContaining(message);
    }

    @Test
    void quoteThatIsNotClosedIsRefused() {
        assertThatThrownBy(() -> read("a,b\n1,\"2\n3,4\n")).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> read("a,b\n1,\"2\"x\n3,4\n")).isInstanceOf(FormatException.class);
    }

    @Test
    void failureOfTheStreamIsThatOfTheCaller() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("pulled out");
            }
        };
        assertThatThrownBy(() -> CsvTable.read(broken, "test.csv", CsvTable.Options.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("pulled out");
    }
}
