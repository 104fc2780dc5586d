package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.data.StandardScaler;
import dev.jangada.nn.Functional;
import dev.jangada.nn.LSTM;
import dev.jangada.nn.Linear;
import dev.jangada.nn.Module;
import dev.jangada.nn.RecurrentOptions;
import dev.jangada.optim.Adam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Lesson: forecasting a series, the airline passengers of 1949 to 1960, month by month.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run airline-lstm --out target/airline</pre>
 *
 * <p>The numbers grow by a rate, so their logarithm is what grows steadily; it is brought to mean 0 and deviation 1 by what is known of the
 * training years alone. An LSTM reads 12 months and tells the 13th. Its last two years were never seen: each forecast month is read as if it
 * were known to get the next one.
 *
 * <p>Expect the forecast in {@code forecast.png} to repeat the summers and to go on growing, and an error below that of the naive forecast,
 * "as in the same month of the last known year".
 */
final class AirlineLstm implements Example {
    private static final int WINDOW = 12;
    private static final int AHEAD = 24;

    /** Reads months {@code [B, WINDOW, 1]} and tells the next one {@code [B, 1]}, as a difference to the first. */
    private static final class Forecaster extends Module {
        private final LSTM lstm = module("lstm", new LSTM(1, 16, RecurrentOptions.DEFAULT.withBatchFirst(true)));
        private final Linear head = module("head", new Linear(16, 1));

        Tensor forward(Tensor months) {
            Tensor first = months.select(1, 0); // a year before the month that is asked for
            return first.add(head.forward(
                    lstm.forward(months.sub(first.unsqueeze(1))).output().select(1, WINDOW - 1)));
        }
    }

    @Override
    public String name() {
        return "airline-lstm";
    }

    @Override
    public String description() {
        return "Forecasts airline passengers with an LSTM and draws the forecast.";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.EPOCHS, Option.LR, Option.MODE, Option.OUT);
    }

    @Override
    public void run(Options options, Metrics metrics) throws IOException {
        Path file = options.out(this).resolve("forecast.png");
        Jangada.manualSeed(options.seed());
        Tensor passengers = Tables.airPassengers().tensor("passengers").squeeze(1); // [144]
        long known = passengers.size(0) - AHEAD;
        Tensor logs = passengers.log().unsqueeze(1);
        StandardScaler scaler = new StandardScaler().fit(logs.narrow(0, 0, known));
        Tensor series = scaler.transform(logs);

        Tensor windows = series.narrow(0, 0, known).unfold(0, WINDOW + 1, 1).transpose(1, 2); // [N, 13, 1]
        Tensor months = windows.narrow(1, 0, WINDOW).contiguous();
        Tensor next = windows.select(1, WINDOW).contiguous();
        Forecaster model = new Forecaster();
        Adam optimizer = new Adam(model.parameters(), options.lr(5e-3));
        Captured step = Capture.of(args -> {
            Tensor loss = Functional.mseLoss(model.forward(months), next);
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return loss.detach();
        });
        int epochs = options.epochs(100);
        double trainLoss = 0;
        long start = System.nanoTime();
        for (int epoch = 1; epoch <= epochs; epoch++) {
            try (TensorScope scope = new TensorScope()) {
                Tensor loss = options.runStep(step);
                if (epoch % 20 == 0 || epoch == epochs) {
                    trainLoss = Progress.finite(loss.item(), epoch);
                    options.console().printf("epoch %d: loss %.5f%n", epoch, trainLoss);
                }
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;

        Tensor forecast = scaler.inverseTransform(forecast(model, series.narrow(0, known - WINDOW, WINDOW)))
                .squeeze(1)
                .exp();
        Tensor truth = passengers.narrow(0, known, AHEAD);
        Tensor naive = passengers.narrow(0, known - WINDOW, WINDOW).repeat(AHEAD / WINDOW);
        double error = Progress.finite(rmse(forecast, truth), epochs);
        double naiveError = rmse(naive, truth);
        options.console()
                .printf("error over %d months: %.1f thousand passengers (naive %.1f)%n", AHEAD, error, naiveError);
        Pictures.chart(
                file,
                "Airline passengers",
                "month, from January 1949",
                "thousands",
                Pictures.Scale.LINEAR,
                Pictures.Series.line("passengers", passengers.toDoubleArray()),
                Pictures.Series.line("forecast", months(known), forecast.toDoubleArray()));
        options.console().println("wrote " + file);
        metrics.put("backend", Device.best().toString())
                .put("seconds", seconds)
                .put("train_loss", trainLoss)
                .put("test_rmse", error)
                .put("naive_rmse", naiveError);
    }

    /** Tells the months after a year {@code [WINDOW, 1]}, one from the other. */
    private static Tensor forecast(Forecaster model, Tensor year) {
        try (Autograd.Mode off = Autograd.noGrad()) {
            List<Tensor> months = new ArrayList<>(List.of(year));
            for (int i = 0; i < AHEAD; i++) {
                Tensor last = Tensor.cat(months, 0).narrow(0, i, WINDOW);
                months.add(model.forward(last.unsqueeze(0)));
            }
            return Tensor.cat(months.subList(1, months.size()), 0);
        }
    }

    private static double rmse(Tensor forecast, Tensor truth) {
        return Math.sqrt(Functional.mseLoss(forecast, truth).item());
    }

    private static double[] months(long known) {
        return Tensor.arange(known + 1, known + AHEAD + 1).toDoubleArray();
    }
}
