package dev.jangada.data;

import de.siegmar.fastcsv.reader.CsvRecord;
import dev.jangada.FormatException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** How the records of one CSV file become a table of numbers, or an error that names the place. */
final class CsvParsing {
    /** Narrower than what the JDK parses, which takes {@code 1f}, {@code 0x1p3} and {@code NaN} too. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?+(\\d++(\\.\\d*+)?+|\\.\\d++)([eE][+-]?+\\d++)?+");

    private static final int MOST_SHOWN = 40;

    private final String name;
    private final CsvTable.Options options;

    CsvParsing(String name, CsvTable.Options options) {
        this.name = name;
        this.options = options;
    }

    CsvTable table(Iterator<CsvRecord> records) {
        if (!records.hasNext()) {
            throw invalid("a line of column names and rows below it", "an empty file");
        }
        CsvRecord record = records.next();
        List<String> all = options.header() ? header(record) : numbered(record.getFieldCount());
        if (options.header()) {
            if (!records.hasNext()) {
                throw invalid("at least one row below the column names", "none");
            }
            record = records.next();
        }
        List<String> columns = options.columns().isEmpty() ? all : options.columns();
        int[] at = CsvTable.find(columns, all, name);
        List<double[]> rows = new ArrayList<>();
        rows.add(row(record, 1, all, at));
        while (records.hasNext()) {
            rows.add(row(records.next(), rows.size() + 1, all, at));
        }
        return CsvTable.of(columns, rows);
    }

    private static List<String> numbered(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private List<String> header(CsvRecord record) {
        List<String> names = record.getFields().stream().map(String::strip).toList();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).isEmpty()) {
                throw invalid("a name for each column", "none for number " + (i + 1));
            }
            if (!seen.add(names.get(i))) {
                throw invalid("a name of its own for each column", "\"" + names.get(i) + "\" twice");
            }
        }
        return names;
    }

    private double[] row(CsvRecord record, int number, List<String> all, int[] at) {
        String row = "row " + number + " (line " + record.getStartingLineNumber() + ")";
        if (record.getFieldCount() != all.size()) {
            throw invalid(all.size() + " cells in each row", record.getFieldCount() + " in " + row);
        }
        double[] values = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            String cell = record.getField(at[i]).strip();
            boolean number64 = NUMBER.matcher(cell).matches();
            values[i] = number64 ? Double.parseDouble(cell) : Double.NaN;
            if (!Double.isFinite(values[i])) {
                String place = row + ", column \"" + all.get(at[i]) + "\"";
                throw invalid(
                        "a number", (cell.isEmpty() ? "an empty cell" : "\"" + cut(cell) + "\"") + " in " + place);
            }
        }
        return values;
    }

    private static String cut(String cell) {
        return cell.length() <= MOST_SHOWN ? cell : cell.substring(0, MOST_SHOWN) + "…";
    }

    private FormatException invalid(String expected, String given) {
        return new FormatException("[csv] expected " + expected + ", got " + given + " of " + name
                + "; correct the file, or read other columns with CsvTable.Options.withColumns");
    }
}
