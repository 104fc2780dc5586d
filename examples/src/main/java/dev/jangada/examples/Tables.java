package dev.jangada.examples;

import dev.jangada.data.CsvTable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The small tables that are packed with the programs. */
final class Tables {
    private Tables() {}

    /** Returns the airline passengers of 1949 to 1960 in thousands, in column {@code passengers}, a row per month (Box and Jenkins). */
    static CsvTable airPassengers() throws IOException {
        return table("air-passengers.csv");
    }

    /** Returns the Boston housing data: 506 rows, 13 features, and in the last column {@code medv} the price in thousands (StatLib). */
    static CsvTable boston() throws IOException {
        return table("boston.csv");
    }

    private static CsvTable table(String name) throws IOException {
        try (InputStream in = Tables.class.getResourceAsStream("tabular/" + name)) {
            return CsvTable.read(Objects.requireNonNull(in), name, CsvTable.Options.of());
        }
    }
}
