package dev.jangada.examples;

import dev.jangada.Generator;
import dev.jangada.Tensor;
import dev.jangada.data.CsvTable;
import dev.jangada.data.StandardScaler;
import dev.jangada.data.TensorDataset;
import java.io.IOException;

/**
 * Prices of 506 quarters of Boston in thousands of dollars, with 13 features each; a fifth is kept for the test.
 *
 * <p>Source: Harrison, Rubinfeld, "Hedonic housing prices and the demand for clean air", J. Environ. Economics and Management 1978; StatLib.
 *
 * @param train standardised features {@code [404, 13]} and prices {@code [404, 1]}
 * @param test the same of the other quarters, by mean and deviation of the training set
 * @param raw the training set as it is in the file
 */
record Boston(TensorDataset train, TensorDataset test, TensorDataset raw) {
    static Boston load(long seed) throws IOException {
        CsvTable table = Tables.boston();
        TensorDataset all = new TensorDataset(table.without("medv").tensor(), table.tensor("medv"));
        TensorDataset.TrainTest split = all.trainTestSplit(0.2, new Generator(seed));
        StandardScaler scaler = new StandardScaler().fit(features(split.train()));
        return new Boston(scaled(split.train(), scaler), scaled(split.test(), scaler), split.train());
    }

    static Tensor features(TensorDataset data) {
        return data.tensors().get(0);
    }

    static Tensor prices(TensorDataset data) {
        return data.tensors().get(1);
    }

    private static TensorDataset scaled(TensorDataset data, StandardScaler scaler) {
        return new TensorDataset(scaler.transform(features(data)), prices(data));
    }
}
