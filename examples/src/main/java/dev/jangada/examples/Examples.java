package dev.jangada.examples;

import java.util.List;

/** The registry: every example program, in the order in which to read them. */
final class Examples {
    private Examples() {}

    static List<Example> all() {
        return List.of(
                new FirstSteps(),
                new TensorsLikeNumpy(),
                new MnistMlp(),
                new MnistRbm(),
                new RbmInpainting(),
                new RbmFactors(),
                new MnistCnn(),
                new CurveFit(),
                new BostonByHand(),
                new BostonNn(),
                new LstmOneByOne(),
                new MnistLstm(),
                new AirlineLstm(),
                new ExplodingGradients(),
                new CharLstm(),
                new EmbeddingLstm(),
                new ConvLstm());
    }
}
