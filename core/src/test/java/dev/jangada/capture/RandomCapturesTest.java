package dev.jangada.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.Generator;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random programs of products, sums, draws, loops and writes into lasting tensors: what the passes make of them changes no bit. */
class RandomCapturesTest {
    private static final int SIZE = 12;
    private static final int STATES = 4;
    private static final int RUNS = 3;
    private static final int LOOPS = 2; // within each other

    /** A program while it is written. */
    private static final class Draft {
        private final Random random;
        private final Tensor[] state;
        private final Generator draws;
        private final int depth;
        private final List<Tensor> made = new ArrayList<>();

        Draft(long seed, Tensor[] state, Generator draws, Tensor x, int depth) {
            this.random = new Random(seed);
            this.state = state;
            this.draws = draws;
            this.depth = depth;
            add(x);
            add(x.mul(0.5));
        }

        List<Tensor> write() {
            int moves = depth < LOOPS ? MOVES.size() : MOVES.size() - 1;
            for (int n = 4 + random.nextInt(14); n > 0; n--) {
                MOVES.get(random.nextInt(moves)).accept(this);
            }
            int last = made.size() - 1;
            return List.of(made.get(last), made.get(made.size() / 2).add(0), made.get(last - 1));
        }

        void add(Tensor x) {
            made.add(x);
        }

        Tensor one() {
            return random.nextInt(3) == 0 ? lasting() : made.get(random.nextInt(made.size()));
        }

        Tensor lasting() {
            return state[random.nextInt(STATES)];
        }

        int below(int n) {
            return random.nextInt(n);
        }

        void loop() {
            long seed = random.nextLong();
            add(Capture.loop(1 + below(3), one(), (x, turn) -> {
                List<Tensor> out = new Draft(seed, state, draws, x, depth + 1).write();
                return out.get(out.size() - 1).tanh().mul(0.9);
            }));
        }
    }

    /** What a program may do next; the last one only where another loop may begin. */
    private static final List<Consumer<Draft>> MOVES = List.of(
            d -> d.add(d.one().matmul(d.one()).tanh()),
            d -> {
                Tensor b = d.one();
                d.add(d.one().matmul(b.t()).add(b).sigmoid());
            },
            d -> d.add(d.one().sub(d.one()).tanh()),
            d -> {
                Tensor a = d.one();
                d.add(a.mul(d.one()).sub(a));
            },
            d -> d.add(d.one().sum(0).expand(SIZE, SIZE).mul(0.25)),
            d -> d.add(d.one().max().add(d.one()).mul(0.5)),
            d -> d.add(d.one().sigmoid().bernoulli(d.draws)),
            d -> d.add(Tensor.rand(d.draws, SIZE, SIZE).sub(d.one()).tanh()),
            d -> d.lasting().copy_(d.one()),
            d -> d.lasting().mul_(0.5).add_(d.one().t()),
            d -> d.lasting()
                    .narrow(0, d.below(3), 2)
                    .copy_(d.one().narrow(1, 1, 2).t().sum(0).mul(0.1).expand(2, SIZE)),
            d -> d.add(Tensor.cat(0, d.one().narrow(0, 0, 2), d.one().narrow(0, 1, SIZE - 2))),
            d -> d.add(d.one().t()),
            d -> d.lasting().select(1, d.below(SIZE)).add_(d.one().select(0, d.below(SIZE))),
            d -> d.add(d.one().cumsum(0).mul(0.3)),
            Draft::loop);

    private static Tensor random(Generator g) {
        return Tensor.empty(SIZE, SIZE).uniform_(-1, 1, g);
    }

    /** An argument of its own, or one that is a lasting tensor, or its transposed view. */
    private static Tensor argument(int trial, Tensor[] state, Generator g) {
        return switch (trial % 5) {
            case 0 -> state[2].detach();
            case 1 -> state[1].detach().t();
            default -> random(g);
        };
    }

    /** Returns all results and lasting tensors of some runs, with the plan in words. */
    private static String run(int trial, long seed, boolean captured, List<double[]> seen) {
        try (TensorScope scope = new TensorScope()) {
            Generator g = new Generator(7);
            Tensor[] state = new Tensor[STATES];
            for (int i = 0; i < STATES; i++) {
                state[i] = random(g);
            }
            Tensor x = argument(trial, state, g);
            Generator draws = new Generator(9);
            Captured f = Capture.all(args -> new Draft(seed, state, draws, args.tensor(0), 0).write());
            for (int i = 0; i < RUNS; i++) {
                for (Tensor t : captured ? f.runAll(x) : f.runAllEagerly(x)) {
                    seen.add(t.toDoubleArray());
                }
                for (Tensor t : state) {
                    seen.add(t.toDoubleArray());
                }
                seen.add(new double[] {draws.offset()});
            }
            return captured ? f.explain() : "";
        }
    }

    private static void check(int trials, long start) {
        Random seeds = new Random(start);
        for (int trial = 0; trial < trials; trial++) {
            long seed = seeds.nextLong();
            List<double[]> eager = new ArrayList<>();
            List<double[]> captured = new ArrayList<>();
            run(trial, seed, false, eager);
            String plan = run(trial, seed, true, captured);
            for (int i = 0; i < eager.size(); i++) {
                assertThat(captured.get(i))
                        .as("trial %d of seed %d, value %d of%n%s", trial, seed, i, plan)
                        .isEqualTo(eager.get(i));
            }
        }
    }

    @Test
    void someRandomPrograms() {
        check(25, 12);
    }

    @Test
    @Tag("slow")
    void manyRandomPrograms() {
        check(600, 13);
    }
}
