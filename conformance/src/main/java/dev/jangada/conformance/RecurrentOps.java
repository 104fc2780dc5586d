package dev.jangada.conformance;

import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.nn.GRU;
import dev.jangada.nn.GRUCell;
import dev.jangada.nn.LSTM;
import dev.jangada.nn.LSTMCell;
import dev.jangada.nn.Module;
import dev.jangada.nn.PackedSequence;
import dev.jangada.nn.RNN;
import dev.jangada.nn.RNNCell;
import dev.jangada.nn.RecurrentOptions;
import dev.jangada.nn.Sequences;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Area 07: recurrent layers, their cells, and packed sequences. */
final class RecurrentOps {
    private RecurrentOps() {}

    static void register(Table t) {
        t.add("rnn", "*", RecurrentOps::rnn);
        t.add("gru", "*", RecurrentOps::gru);
        t.add("lstm", "*", RecurrentOps::lstm);
        cells(t);
        packing(t);
    }

    private static RecurrentOptions options(Call c) {
        return RecurrentOptions.DEFAULT
                .withNumLayers((int) c.integer("num_layers", 1))
                .withBias(c.flag("bias", true))
                .withBatchFirst(c.flag("batch_first", false))
                .withBidirectional(c.flag("bidirectional", false));
    }

    /** Gives the module the inputs that have the names of its parameters. */
    private static <M extends Module> M load(Call c, M module) {
        module.to(c.x().dtype());
        try (Autograd.Mode off = Autograd.noGrad()) {
            module.namedParameters().forEach((name, parameter) -> {
                parameter.copy_(c.tensor(name));
                c.gradientOf(name, parameter);
            });
        }
        return module;
    }

    private static PackedSequence packed(Call c) {
        return Sequences.packPaddedSequence(
                c.x(), c.longs("lengths"), c.flag("batch_first", false), c.flag("enforce_sorted", true));
    }

    private static Tensor padded(Call c, PackedSequence sequence) {
        return unpack(c, sequence).output();
    }

    private static Sequences.Padded unpack(Call c, PackedSequence sequence) {
        boolean batchFirst = c.flag("batch_first", false);
        double value = c.real("padding_value", 0);
        return c.has("total_length")
                ? Sequences.padPackedSequence(sequence, batchFirst, value, c.integer("total_length"))
                : Sequences.padPackedSequence(sequence, batchFirst, value);
    }

    private static Object rnn(Call c) {
        RNN m = load(
                c,
                new RNN(c.integer("input_size"), c.integer("hidden_size"), c.text("nonlinearity", "tanh"), options(c)));
        if (c.has("lengths")) {
            RNN.PackedOutput y = c.given("h0") ? m.forward(packed(c), c.tensor("h0")) : m.forward(packed(c));
            return new Object[] {padded(c, y.output()), y.h()};
        }
        RNN.Output y = c.given("h0") ? m.forward(c.x(), c.tensor("h0")) : m.forward(c.x());
        return new Object[] {y.output(), y.h()};
    }

    private static Object gru(Call c) {
        GRU m = load(c, new GRU(c.integer("input_size"), c.integer("hidden_size"), options(c)));
        if (c.has("lengths")) {
            GRU.PackedOutput y = c.given("h0") ? m.forward(packed(c), c.tensor("h0")) : m.forward(packed(c));
            return new Object[] {padded(c, y.output()), y.h()};
        }
        GRU.Output y = c.given("h0") ? m.forward(c.x(), c.tensor("h0")) : m.forward(c.x());
        return new Object[] {y.output(), y.h()};
    }

    private static Object lstm(Call c) {
        LSTM m = load(
                c, new LSTM(c.integer("input_size"), c.integer("hidden_size"), options(c), c.integer("proj_size", 0)));
        if (c.has("lengths")) {
            LSTM.PackedOutput y =
                    c.given("h0") ? m.forward(packed(c), c.tensor("h0"), c.tensor("c0")) : m.forward(packed(c));
            return new Object[] {padded(c, y.output()), y.h(), y.c()};
        }
        LSTM.Output y = c.given("h0") ? m.forward(c.x(), c.tensor("h0"), c.tensor("c0")) : m.forward(c.x());
        return new Object[] {y.output(), y.h(), y.c()};
    }

    private static void cells(Table t) {
        String weights = " weight_ih weight_hh bias_ih bias_hh";
        t.add("rnn_cell", "input hx" + weights, c -> {
            RNNCell m = load(c, new RNNCell(in(c), hidden(c), c.given("bias_ih"), c.text("nonlinearity", "tanh")));
            return c.given("hx") ? m.forward(c.x(), c.tensor("hx")) : m.forward(c.x());
        });
        t.add("gru_cell", "input hx" + weights, c -> {
            GRUCell m = load(c, new GRUCell(in(c), hidden(c), c.given("bias_ih")));
            return c.given("hx") ? m.forward(c.x(), c.tensor("hx")) : m.forward(c.x());
        });
        t.add("lstm_cell", "input hx cx" + weights, c -> {
            LSTMCell m = load(c, new LSTMCell(in(c), hidden(c), c.given("bias_ih")));
            LSTMCell.State y = c.given("hx") ? m.forward(c.x(), c.tensor("hx"), c.tensor("cx")) : m.forward(c.x());
            return new Object[] {y.h(), y.c()};
        });
    }

    private static long in(Call c) {
        return c.tensor("weight_ih").size(1);
    }

    private static long hidden(Call c) {
        return c.tensor("weight_hh").size(1);
    }

    private static void packing(Table t) {
        t.add("pack_padded_sequence", "input", c -> {
            PackedSequence p = packed(c);
            Map<String, Object> out = new LinkedHashMap<>();
            out.put("data", p.data());
            out.put("batch_sizes", Tensor.of(p.batchSizes()));
            p.sortedIndices().ifPresent(i -> out.put("sorted_indices", i));
            p.unsortedIndices().ifPresent(i -> out.put("unsorted_indices", i));
            return out;
        });
        t.add("pad_packed_sequence", "data batch_sizes sorted_indices unsorted_indices", c -> {
            long[] sizes = c.tensor("batch_sizes").toLongArray();
            Tensor data = c.tensor("data");
            PackedSequence p = c.given("sorted_indices")
                    ? PackedSequence.of(data, sizes, c.tensor("sorted_indices"), c.tensor("unsorted_indices"))
                    : new PackedSequence(data, sizes);
            Sequences.Padded y = unpack(c, p);
            Map<String, Object> out = new LinkedHashMap<>();
            out.put("output", y.output());
            out.put("lengths", y.lengths());
            return out;
        });
        t.add(
                "pad_sequence",
                "*",
                c -> Sequences.padSequence(
                        List.copyOf(c.all()), c.flag("batch_first", false), c.real("padding_value", 0)));
    }
}
