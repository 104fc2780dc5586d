package dev.jangada.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.kernel.Op;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The primitives against values computed with 60 digits and rounded to double, and against C's special values. */
class ArithmeticTest {

    private static final String ONE_ARGUMENT = """
            EXP 0.5 1.6487212707001282
            EXP -2.25 0.10539922456186433
            EXP 1e-10 1.0000000001
            EXP 700.3 1.3690700720098904e+304
            EXP -708.1 2.9927977198291917e-308
            EXP 88.5 2.7230878250681117e+38
            EXP2 0.5 1.4142135623730951
            EXP2 -3.0 0.125
            EXP2 10.1 1097.496025637164
            EXP2 1000.25 1.2742456594525648e+301
            EXP2 -1021.5 3.1467296279827175e-308
            EXPM1 1e-10 1.00000000005e-10
            EXPM1 -0.3 -0.2591817793182821
            EXPM1 0.7 1.0137527074704764
            EXPM1 5.5 243.69193226422038
            EXPM1 -40.0 -1.0
            LOG 0.1 -2.3025850929940455
            LOG 0.999999 -1.000000500029089e-06
            LOG 1.5 0.4054651081081644
            LOG 1e+300 690.7755278982137
            LOG 5e-324 -744.4400719213812
            LOG2 8.0 3.0
            LOG2 0.125 -3.0
            LOG2 3.0 1.584962500721156
            LOG2 1.0000001 1.4426949695965583e-07
            LOG2 0.9 -0.15200309344504995
            LOG2 1e-310 -1029.7977094150824
            LOG2 1e+300 996.5784284662087
            LOG10 1000.0 3.0
            LOG10 0.3 -0.5228787452803376
            LOG10 1.0000001 4.3429446044209946e-08
            LOG10 1e-310 -310.0
            LOG1P 1e-12 9.999999999995e-13
            LOG1P -0.4 -0.5108256237659907
            LOG1P 0.5 0.4054651081081644
            LOG1P -0.999999 -13.815510557935518
            LOG1P 10000000000.0 23.025850930040455
            SIN 0.5 0.479425538604203
            SIN 3.0 0.1411200080598672
            SIN -100.25 0.2772828564548513
            SIN 10000000000.0 -0.4875060250875107
            SIN 1e-09 1e-09
            COS 0.5 0.8775825618903728
            COS 1.5707 9.632679474766714e-05
            COS -100.25 0.9607883312760612
            COS 10000000000.0 0.873119622676856
            COS 1e-09 1.0
            TAN 0.5 0.5463024898437905
            TAN 1.5707 10381.327417569786
            TAN -100.25 0.2885993172779075
            TAN 1e-09 1e-09
            ASIN 0.5 0.5235987755982989
            ASIN -0.99999 -1.5663241871131188
            ASIN 1e-09 1e-09
            ASIN 1.0 1.5707963267948966
            ACOS 0.5 1.0471975511965979
            ACOS -0.99999 3.1371205139080156
            ACOS 0.99999 0.0044721396817777506
            ACOS 1e-09 1.5707963257948967
            ATAN 0.5 0.4636476090008061
            ATAN -10.0 -1.4711276743037347
            ATAN 1e-09 1e-09
            ATAN 1e+20 1.5707963267948966
            SINH 0.5 0.5210953054937474
            SINH -3.0 -10.017874927409903
            SINH 1e-09 1e-09
            SINH 600.5 3.110329412463295e+260
            COSH 0.5 1.1276259652063807
            COSH -3.0 10.067661995777765
            COSH 1e-09 1.0
            COSH 600.5 3.110329412463295e+260
            TANH 0.5 0.46211715726000974
            TANH -3.0 -0.9950547536867305
            TANH 1e-09 1e-09
            TANH 25.0 1.0
            ASINH 0.5 0.48121182505960347
            ASINH -3.0 -1.8184464592320668
            ASINH 1e-09 1e-09
            ASINH 1e+20 46.74484904044086
            ASINH -0.001 -0.0009999998333334083
            ASINH 200000000.0 19.806975105072254
            ACOSH 1.0000001 0.0004472135919037347
            ACOSH 1.5 0.9624236501192069
            ACOSH 3.0 1.762747174039086
            ACOSH 1e+20 46.74484904044086
            ACOSH 200000000.0 19.806975105072254
            ATANH 0.5 0.5493061443340549
            ATANH -0.3 -0.3095196042031117
            ATANH 1e-09 1e-09
            ATANH 0.999999 7.254328619247669
            ATANH -0.75 -0.9729550745276566
            SIGMOID 0.5 0.6224593312018546
            SIGMOID -3.0 0.04742587317756678
            SIGMOID -100.0 3.720075976020836e-44
            SIGMOID 40.0 1.0
            SIGMOID -708.0 3.307553003638408e-308
            ERF 0.1 0.1124629160182849
            ERF 0.5 0.5204998778130465
            ERF -1.0 -0.8427007929497149
            ERF 1.99 0.995111413199617
            ERF 2.0 0.9953222650189527
            ERF 2.5 0.999593047982555
            ERF 5.0 0.9999999999984626
            ERF 1e-09 1.1283791670955127e-09
            ERFC 0.1 0.887537083981715
            ERFC 0.5 0.4795001221869535
            ERFC 0.51 0.4707563801588296
            ERFC -1.0 1.8427007929497148
            ERFC 1.0 0.15729920705028513
            ERFC 2.0 0.004677734981047266
            ERFC 3.3 3.0577097964381654e-06
            ERFC 5.0 1.537459794428035e-12
            ERFC 10.0 2.088487583762545e-45
            ERFC 26.0 5.663192408856143e-296
            RSQRT 2.0 0.7071067811865476
            RSQRT 0.3 1.8257418583505538
            RSQRT 1e-300 1e+150
            """;

    private static final String TWO_ARGUMENTS = """
            POW 2.5 3.5 24.705294220065465
            POW -2.0 3.0 -8.0
            POW 0.3 -7.7 10621.022739459675
            POW 1.0000001 10000000.0 2.7182816941320818
            ATAN2 1.0 2.0 0.4636476090008061
            ATAN2 -1.0 -2.0 -2.677945044588987
            ATAN2 0.5 -1e-05 1.570816326794894
            HYPOT 3.0 4.0 5.0
            HYPOT 1e+200 1e+200 1.414213562373095e+200
            HYPOT 1e-170 2e-170 2.2360679774997895e-170
            """;

    static Stream<String> oneArgument() {
        return ONE_ARGUMENT.lines();
    }

    static Stream<String> twoArguments() {
        return TWO_ARGUMENTS.lines();
    }

    @ParameterizedTest
    @MethodSource("oneArgument")
    void functionsOfOneArgument(String line) {
        String[] word = line.split(" ");
        double expected = Double.parseDouble(word[2]);
        assertUlps(Arithmetic.floating(Op.valueOf(word[0]), Double.parseDouble(word[1]), 0), expected);
    }

    @ParameterizedTest
    @MethodSource("twoArguments")
    void functionsOfTwoArguments(String line) {
        String[] word = line.split(" ");
        double y = Arithmetic.floating(Op.valueOf(word[0]), Double.parseDouble(word[1]), Double.parseDouble(word[2]));
        assertUlps(y, Double.parseDouble(word[3]));
    }

    private static void assertUlps(double actual, double expected) {
        assertThat(Math.abs(actual - expected) / Math.ulp(expected)).isLessThanOrEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({
        "SIGN, NaN, 0",
        "SIGN, -0.0, 0",
        "SIGN, -3, -1",
        "SIGN, Infinity, 1",
        "ROUND, 0.5, 0",
        "ROUND, 1.5, 2",
        "ROUND, 2.5, 2",
        "ROUND, -0.5, -0.0",
        "TRUNC, -1.7, -1",
        "TRUNC, 1.7, 1",
        "TRUNC, -0.2, -0.0",
        "FLOOR, -1.5, -2",
        "CEIL, -1.5, -1",
        "SQRT, -1, NaN",
        "SQRT, -0.0, -0.0",
        "RSQRT, 0.0, Infinity",
        "RSQRT, -0.0, -Infinity",
        "RECIPROCAL, -0.0, -Infinity",
        "EXP, -Infinity, 0",
        "LOG, 0.0, -Infinity",
        "LOG, -1, NaN",
        "LOG2, 0.0, -Infinity",
        "LOG2, -1, NaN",
        "LOG2, Infinity, Infinity",
        "LOG1P, -1, -Infinity",
        "ASIN, 1.1, NaN",
        "ASINH, -Infinity, -Infinity",
        "ASINH, -0.0, -0.0",
        "ACOSH, 0.5, NaN",
        "ACOSH, 1, 0",
        "ACOSH, -1e10, NaN",
        "ATANH, 1, Infinity",
        "ATANH, -1, -Infinity",
        "ATANH, 2, NaN",
        "SIGMOID, -Infinity, 0",
        "SIGMOID, Infinity, 1",
        "SIGMOID, NaN, NaN",
        "ERF, Infinity, 1",
        "ERF, -Infinity, -1",
        "ERF, NaN, NaN",
        "ERF, -0.0, -0.0",
        "ERFC, Infinity, 0",
        "ERFC, -Infinity, 2",
        "ERFC, NaN, NaN",
        "ERFC, 28, 0",
        "NEG, 0.0, -0.0"
    })
    void specialValuesOfOneArgument(Op op, double x, double expected) {
        assertThat(Arithmetic.floating(op, x, 0)).isEqualTo(Double.valueOf(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "POW, 1, NaN, 1",
        "POW, NaN, 0, 1",
        "POW, -1, Infinity, 1",
        "POW, -1, -Infinity, 1",
        "POW, -2, 0.5, NaN",
        "POW, 0, -1, Infinity",
        "POW, -0.0, -1, -Infinity",
        "POW, 2, -Infinity, 0",
        "FMOD, 5.5, -2, 1.5",
        "FMOD, -5.5, 2, -1.5",
        "FMOD, 1, 0, NaN",
        "FMOD, 1, Infinity, 1",
        "REMAINDER, 5.5, -2, -0.5",
        "REMAINDER, -5.5, 2, 0.5",
        "REMAINDER, -1, Infinity, Infinity",
        "REMAINDER, 1, 0, NaN",
        "MAX, NaN, 1, NaN",
        "MAX, 1, NaN, NaN",
        "MIN, 1, NaN, NaN",
        "MIN, -Infinity, 3, -Infinity",
        "ATAN2, 0.0, -1, 3.141592653589793",
        "ATAN2, -0.0, -1, -3.141592653589793",
        "HYPOT, Infinity, NaN, Infinity",
        "COPYSIGN, 3, -0.0, -3",
        "DIV, -1, 0, -Infinity",
        "DIV, 0, 0, NaN"
    })
    void specialValuesOfTwoArguments(Op op, double a, double b, double expected) {
        assertThat(Arithmetic.floating(op, a, b)).isEqualTo(Double.valueOf(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "DIV, -7, 2, -3",
        "REMAINDER, -7, 2, 1",
        "REMAINDER, 7, -2, -1",
        "FMOD, -7, 2, -1",
        "POW, 3, 4, 81",
        "POW, -1, -3, -1",
        "POW, 1, -5, 1",
        "POW, 2, -1, 0",
        "POW, 0, 0, 1",
        "POW, 0, -1, 0",
        "SHL, 1, 31, 2147483648",
        "SHL, 1, 32, 0",
        "SHL, 1, -1, 0",
        "SHR, -8, 1, -4",
        "SHR, -8, 40, -1",
        "SHR, 8, 40, 0",
        "SHR, -8, -1, -1",
        "NOT, 5, 0, -6",
        "AND, 12, 10, 8",
        "OR, 12, 10, 14",
        "XOR, 12, 10, 6",
        "SIGN, -9, 0, -1",
        "ABS, -9, 0, 9",
        "MAX, -9, 4, 4",
        "MIN, -9, 4, -9",
        "NEG, 4, 0, -4",
        "ADD, 4, 5, 9",
        "SUB, 4, 5, -1",
        "MUL, 4, 5, 20"
    })
    void integers(Op op, long a, long b, long expected) {
        assertThat(Arithmetic.integer(op, DType.INT32, a, b)).isEqualTo(expected);
    }

    @Test
    void boolsAndZeroDivisors() {
        assertThat(Arithmetic.integer(Op.NOT, DType.BOOL, 1, 0)).isZero();
        assertThat(Arithmetic.integer(Op.NOT, DType.BOOL, 0, 0)).isEqualTo(1);
        for (Op op : new Op[] {Op.DIV, Op.REMAINDER, Op.FMOD}) {
            assertThatThrownBy(() -> Arithmetic.integer(op, DType.INT8, 1, 0))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("divisors other than 0");
        }
    }

    @Test
    void comparisonsWithNanAreFalseButForNe() {
        for (Op op : new Op[] {Op.EQ, Op.LT, Op.LE, Op.GT, Op.GE}) {
            assertThat(Arithmetic.comparison(op, false, false, false)).isFalse();
        }
        assertThat(Arithmetic.comparison(Op.NE, false, false, false)).isTrue();
        assertThat(Arithmetic.comparison(Op.LE, false, true, false)).isTrue();
        assertThat(Arithmetic.comparison(Op.GE, true, false, false)).isFalse();
        assertThat(Arithmetic.comparison(Op.GT, false, false, true)).isTrue();
    }

    /** Known answers published with the Random123 library (kat_vectors, philox4x32 10). */
    @Test
    void philox() {
        assertThat(Philox.block(0, 0, 0, 0, 0, 0)).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        assertThat(Philox.block(-1, -1, -1, -1, -1, -1))
                .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        assertThat(Philox.block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0))
                .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
        assertThat(Philox.word(0, 0, 2)).isEqualTo(0xbc57ac4cL);
        assertThat(Philox.word(0, -1, 4)).isEqualTo(0x6627e8d5L);
    }
}
