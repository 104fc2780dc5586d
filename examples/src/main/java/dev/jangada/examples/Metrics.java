package dev.jangada.examples;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.jangada.io.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The final numbers of a run: names and values in the order they were put, written as one flat JSON object. */
public final class Metrics {
    private final Map<String, Object> values = new LinkedHashMap<>();

    /** Creates an empty set of numbers. */
    public Metrics() {}

    /** Puts a real number; NaN and the infinities are written as strings, for JSON has no numbers for them. */
    public Metrics put(String name, double value) {
        values.put(name, value);
        return this;
    }

    /** Puts a whole number. */
    public Metrics put(String name, long value) {
        values.put(name, value);
        return this;
    }

    /** Puts a text. */
    public Metrics put(String name, String value) {
        values.put(name, value);
        return this;
    }

    /** Returns what has been put so far, in that order; a view that can't be changed. */
    public Map<String, Object> values() {
        return Collections.unmodifiableMap(values);
    }

    /**
     * Writes the JSON object to a file in a folder that exists, whole or not at all.
     *
     * @throws IOException if the file can't be written
     */
    public void write(Path file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            for (Map.Entry<String, Object> value : values.entrySet()) {
                json.writeFieldName(value.getKey());
                writeValue(json, value.getValue());
            }
            json.writeEndObject();
            json.writeRaw('\n');
        }
        AtomicFile.write(file, bytes.toByteArray());
    }

    private static void writeValue(JsonGenerator json, Object value) throws IOException {
        if (value instanceof Double number) {
            json.writeNumber(number);
        } else if (value instanceof Long number) {
            json.writeNumber(number);
        } else {
            json.writeString((String) value);
        }
    }
}
