package dev.jangada.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.FormatException;
import dev.jangada.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A table of numbers with named columns, read from a text file of comma-separated values.
 *
 * <pre>{@code
 * CsvTable houses = CsvTable.read(Path.of("boston.csv"));
 * Tensor x = houses.without("medv").tensor();      // float32 [506, 13]
 * Tensor y = houses.tensor("medv");                // float32 [506, 1]
 * }</pre>
 *
 * <p>The file is UTF-8, or what its byte order mark says. Its first line names the columns; cells may stand in double quotes; blank lines are
 * passed over. Every cell is a decimal number that float64 can hold: a cell that is missing or holds text is an error, as no number that
 * could be put in its place is right for every use. Columns that are no numbers are left out by {@link Options#withColumns}.
 *
 * <p>Source: RFC 4180; read by FastCSV.
 */
public final class CsvTable {
    private static final int MOST_SHOWN = 40;

    /**
     * How the file is written, and what is read of it.
     *
     * @param separator between cells, default a comma
     * @param header whether the first line names the columns, default true; without, they are called 0, 1, …
     * @param columns names of the columns to read, in the order wanted; default empty: all
     */
    public record Options(char separator, boolean header, List<String> columns) {
        /** Checks the values. */
        public Options {
            columns = List.copyOf(columns);
            if (separator == '"' || separator == '\n' || separator == '\r') {
                throw new ArgumentException("[csv] expected a separator other than quotes and ends of lines, got "
                        + (int) separator + "; pass for example ';'");
            }
        }

        /** Returns comma-separated values with a header, all columns. */
        public static Options of() {
            return new Options(',', true, List.of());
        }

        /** Returns a copy with another separator, such as {@code ';'} or {@code '\t'}. */
        public Options withSeparator(char value) {
            return new Options(value, header, columns);
        }

        /** Returns a copy for a file with or without a first line of names. */
        public Options withHeader(boolean value) {
            return new Options(separator, value, columns);
        }

        /** Returns a copy that reads only these columns; others may hold anything. */
        public Options withColumns(String... names) {
            return new Options(separator, header, List.of(names));
        }
    }

    private final List<String> columns;
    private final double[][] rows;

    private CsvTable(List<String> columns, double[][] rows) {
        this.columns = columns;
        this.rows = rows;
    }

    // ---- reading

    /** As {@link #read(Path, Options)}: comma-separated values with a header, all columns. */
    public static CsvTable read(Path file) throws IOException {
        return read(file, Options.of());
    }

    /**
     * Reads a file.
     *
     * @throws FormatException if the file is empty or has no row; if a name is missing or occurs twice; if a row has more or fewer cells than
     *     there are columns; if a cell is no number; the message names row and column
     * @throws ArgumentException if a wanted column is not in the file
     * @throws IOException if the file can't be read
     */
    public static CsvTable read(Path file, Options options) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            return read(stream, file.toString(), options);
        }
    }

    /**
     * Reads a stream to its end and leaves it open; otherwise as {@link #read(Path, Options)}.
     *
     * @param name what messages call it
     */
    public static CsvTable read(InputStream stream, String name, Options options) throws IOException {
        Objects.requireNonNull(stream, "stream is null");
        Objects.requireNonNull(name, "name is null");
        // Not closed, as that would close the stream, which is the caller's.
        @SuppressWarnings("resource")
        CsvReader<CsvRecord> reader = CsvReader.builder()
                .fieldSeparator(options.separator())
                .detectBomHeader(true)
                .trimWhitespacesAroundQuotes(true)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .ofCsvRecord(stream);
        try {
            return new CsvParsing(name, options).table(reader.iterator());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (CsvParseException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new FormatException(
                    "[csv] expected comma-separated values, got " + cause.getMessage() + " in " + name
                            + "; look for a quote that is not closed, or pass the right file",
                    e);
        }
    }

    static CsvTable of(List<String> columns, List<double[]> rows) {
        return new CsvTable(columns, rows.toArray(double[][]::new));
    }

    // ---- content

    /** Returns the names of the columns, in their order. */
    public List<String> columns() {
        return columns;
    }

    /** Returns the number of rows. */
    public int rows() {
        return rows.length;
    }

    /**
     * Returns the numbers of a column; a copy.
     *
     * @throws ArgumentException if there is no such column
     */
    public double[] column(String name) {
        int at = find(List.of(name))[0];
        return Arrays.stream(rows).mapToDouble(row -> row[at]).toArray();
    }

    /**
     * Returns the table without some columns.
     *
     * @throws ArgumentException if there is no such column
     */
    public CsvTable without(String... names) {
        find(List.of(names));
        List<String> left = new ArrayList<>(columns);
        left.removeAll(List.of(names));
        int[] at = find(left);
        return new CsvTable(List.copyOf(left), pick(at));
    }

    /** Returns columns as float32 {@code [rows, columns]}; as {@link #tensor(DType, String...)}. */
    public Tensor tensor(String... names) {
        return tensor(DType.FLOAT32, names);
    }

    /**
     * Returns columns as a tensor {@code [rows, columns]}.
     *
     * @param type usually float32 or float64; numbers that it can't hold are rounded as {@link Tensor#to(DType)} does
     * @param names the columns in the order wanted; none for all
     * @throws ArgumentException if there is no such column
     */
    public Tensor tensor(DType type, String... names) {
        int[] at = find(names.length == 0 ? columns : List.of(names));
        double[] all = new double[Math.multiplyExact(rows.length, at.length)];
        int next = 0;
        for (double[] row : rows) {
            for (int c : at) {
                all[next++] = row[c];
            }
        }
        return Tensor.of(all, type, rows.length, at.length);
    }

    private double[][] pick(int[] at) {
        return Arrays.stream(rows)
                .map(row -> Arrays.stream(at).mapToDouble(c -> row[c]).toArray())
                .toArray(double[][]::new);
    }

    private int[] find(List<String> names) {
        return find(names, columns, "the table");
    }

    /** Returns where names stand among others. */
    static int[] find(List<String> names, List<String> among, String where) {
        int[] at = new int[names.size()];
        for (int i = 0; i < at.length; i++) {
            at[i] = among.indexOf(names.get(i));
            if (at[i] < 0) {
                List<String> shown = among.size() > MOST_SHOWN ? among.subList(0, MOST_SHOWN) : among;
                throw new ArgumentException("[csv] expected a column of " + where + ", got \"" + names.get(i)
                        + "\"; choose from " + shown + (shown.size() < among.size() ? " and others" : ""));
            }
        }
        return at;
    }

    @Override
    public String toString() {
        return "CsvTable(" + rows.length + " rows, columns " + columns + ")";
    }
}
