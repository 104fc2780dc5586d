package dev.jangada.optim;

import dev.jangada.ArgumentException;
import dev.jangada.JangadaException;
import dev.jangada.Tensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The components of an options record as tensors and back; by reflection, so that an option is named once, in the record. */
final class RecordValues {
    private RecordValues() {}

    /** Returns the components by name, as tensors without dimensions. */
    static Map<String, Tensor> of(Object options) {
        Map<String, Tensor> out = new LinkedHashMap<>();
        for (RecordComponent c : components(options)) {
            Object value;
            try {
                value = c.getAccessor().invoke(options);
            } catch (ReflectiveOperationException e) {
                throw refused(options, e);
            }
            if (value instanceof Double d) {
                out.put(c.getName(), StateDict.tensor(d));
            } else if (value instanceof Boolean b) {
                out.put(c.getName(), StateDict.tensor(b ? 1L : 0L));
            } else if (value instanceof Integer i) {
                out.put(c.getName(), StateDict.tensor((long) i));
            } else {
                throw refused(options, null);
            }
        }
        return out;
    }

    /** Returns a record of the same class with other values; the prototype itself if one is NaN, which stands for missing. */
    @SuppressWarnings("unchecked") // the canonical constructor of the prototype's class
    static <O> O read(O prototype, ToDoubleFunction<String> values) {
        RecordComponent[] components = components(prototype);
        Class<?>[] types = new Class<?>[components.length];
        Object[] arguments = new Object[components.length];
        boolean complete = true;
        for (int i = 0; i < types.length; i++) {
            types[i] = components[i].getType();
            double value = values.applyAsDouble(components[i].getName());
            complete &= !Double.isNaN(value);
            if (types[i] == boolean.class) {
                arguments[i] = value != 0;
            } else if (types[i] == int.class) {
                arguments[i] = (int) value;
            } else {
                arguments[i] = value;
            }
        }
        if (!complete) {
            return prototype;
        }
        try {
            return (O) prototype.getClass().getDeclaredConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof JangadaException bad) {
                throw bad; // a value that the record refuses
            }
            throw refused(prototype, e);
        } catch (ReflectiveOperationException e) {
            throw refused(prototype, e);
        }
    }

    private static RecordComponent[] components(Object options) {
        if (!options.getClass().isRecord()) {
            throw refused(options, null);
        }
        return options.getClass().getRecordComponents();
    }

    private static ArgumentException refused(Object options, Exception cause) {
        return new ArgumentException(
                "[stateDict] expected options that are a public record of double, int and boolean values, got "
                        + options.getClass().getName() + "; make it public in an exported package",
                cause);
    }
}
