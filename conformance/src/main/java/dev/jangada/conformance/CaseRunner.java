package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.Device;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs one case on the default device and compares what comes out with what PyTorch gave. */
final class CaseRunner {
    private final Table table;
    private final Path folder;

    CaseRunner(Table table, Path folder) {
        this.table = table;
        this.folder = folder;
    }

    /** Runs a case; whatever it throws is part of the outcome. */
    Outcome run(Case c) {
        try (TensorScope scope = new TensorScope()) {
            String difference = c.isProgram() ? program(c) : operation(c);
            if (difference.isEmpty()) {
                return Outcome.PASS;
            }
            return new Outcome(c.tag().isEmpty() ? Outcome.Status.FAILED : Outcome.Status.DIFFERENT, difference);
        } catch (MissingOpException e) {
            return Outcome.failed(Outcome.MISSING + ": " + e.getMessage());
        } catch (RuntimeException | AssertionError | StackOverflowError e) {
            return Outcome.failed("threw " + describe(e));
        } finally {
            Autograd.setGradEnabled(true);
        }
    }

    private String operation(Case c) {
        Table.Entry op = table.get(c.op());
        if (op == null) {
            throw new MissingOpException(c.op());
        }
        Map<String, Tensor> leaves = Inputs.make(c, table);
        Map<String, Tensor> inputs = new LinkedHashMap<>(leaves);
        if (c.op().endsWith("_") || c.op().equals("setitem")) {
            inputs.computeIfPresent("input", (n, t) -> t.requiresGrad() ? t.clone() : t);
        }
        Call call = new Call(inputs, c.args(), inputs::get, folder);
        List<Result> results;
        try {
            results = Result.of(op.run().apply(call));
            Device.best().synchronize();
        } catch (RuntimeException e) {
            return failure(c, e);
        }
        if (c.expectsError()) {
            return expected(c) + ", got a result";
        }
        leaves.putAll(call.parameters());
        return compare(c, leaves, results);
    }

    private String compare(Case c, Map<String, Tensor> leaves, List<Result> results) {
        String d = compareOutputs(c, results, leaves.values());
        if (!d.isEmpty() || c.gradOutputs().isEmpty()) {
            return d;
        }
        List<Tensor> outputs = new ArrayList<>();
        List<Tensor> cotangents = new ArrayList<>();
        for (int i = 0; i < c.gradOutputs().size(); i++) {
            if (!c.gradOutputs().get(i).isNull()) {
                outputs.add((Tensor) results.get(i).value());
                cotangents.add(HostTensor.read(c.gradOutputs().get(i)).toTensor());
            }
        }
        Autograd.backward(outputs, cotangents, false, false);
        return compareGrads(c, leaves);
    }

    private String program(Case c) {
        Map<String, Tensor> leaves = Inputs.make(c, table);
        ProgramRunner program = new ProgramRunner(table, folder, leaves);
        int step = 0;
        for (JsonNode json : c.args().path("steps")) {
            try {
                program.step(json);
                Device.best().synchronize();
            } catch (MissingOpException e) {
                throw e;
            } catch (RuntimeException e) {
                if (c.expectsError() && step != c.errorStep()) {
                    return expected(c) + ", got one in step " + step + ": " + describe(e);
                }
                String d = failure(c, e);
                return d.isEmpty() ? d : "step " + step + ": " + d;
            }
            if (c.expectsError() && step == c.errorStep()) {
                return expected(c) + ", got a result";
            }
            step++;
        }
        if (c.expectsError()) {
            return expected(c) + ", got no such step";
        }
        List<Result> results = new ArrayList<>();
        for (JsonNode name : c.args().path("outputs")) {
            results.add(new Result(name.asText(), program.value(name.asText())));
        }
        String d = compareOutputs(c, results, leaves.values());
        return d.isEmpty() ? compareGrads(c, leaves) : d;
    }

    /** Judges an exception: an empty text if it is the expected one. */
    private static String failure(Case c, RuntimeException e) {
        if (e instanceof MissingOpException missing) {
            throw missing;
        }
        if (!c.expectsError()) {
            return "threw " + describe(e);
        }
        return ErrorKind.matches(c.errorKind(), e) ? "" : expected(c) + ", got " + describe(e);
    }

    private static String expected(Case c) {
        return "expected an error of kind " + c.errorKind() + (c.errorStep() < 0 ? "" : " in step " + c.errorStep())
                + " (PyTorch: " + c.json().path("error").path("torch_message").asText() + ")";
    }

    private static String describe(Throwable e) {
        StackTraceElement[] stack = e.getStackTrace();
        String where = e instanceof dev.jangada.JangadaException || stack.length == 0 ? "" : " at " + stack[0];
        return e.getClass().getSimpleName() + where + ": " + e.getMessage();
    }

    private static String compareOutputs(Case c, List<Result> results, Collection<Tensor> inputs) {
        List<JsonNode> expected = c.outputs();
        if (results.size() != expected.size()) {
            return "expected " + expected.size() + " outputs, got " + results.size();
        }
        for (int i = 0; i < expected.size(); i++) {
            String name = expected.get(i).path("name").asText("");
            Result r = results.get(i);
            if (expected.get(i).has("name") && !r.name().isEmpty() && !r.name().equals(name)) {
                return "expected output " + i + " to be named '" + name + "', got '" + r.name() + "'";
            }
            String d = r.difference(expected.get(i), c.tolerance(), inputs);
            if (!d.isEmpty()) {
                return (expected.size() == 1 ? "output" : "output " + (name.isEmpty() ? String.valueOf(i) : name))
                        + ": " + d;
            }
        }
        return "";
    }

    /** Compares the gradients of the leaves; zeros may stand for a gradient that PyTorch leaves undefined. */
    private static String compareGrads(Case c, Map<String, Tensor> leaves) {
        for (Map.Entry<String, Tensor> leaf : leaves.entrySet()) {
            JsonNode expected = c.grads().get(leaf.getKey());
            if (expected == null) {
                continue;
            }
            Tensor t = leaf.getValue();
            if (expected.isNull()) {
                if (t.hasGrad() && !HostTensor.of(t.grad()).isZero()) {
                    return "gradient of " + leaf.getKey() + ": expected none, got " + HostTensor.of(t.grad());
                }
                continue;
            }
            if (!t.hasGrad()) {
                return "gradient of " + leaf.getKey() + ": expected one, got none";
            }
            String d = HostTensor.of(t.grad()).difference(HostTensor.read(expected), c.gradTolerance());
            if (!d.isEmpty()) {
                return "gradient of " + leaf.getKey() + ": " + d;
            }
        }
        return "";
    }
}
