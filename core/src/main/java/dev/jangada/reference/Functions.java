package dev.jangada.reference;

/** Functions of C's {@code math.h} that Java lacks or treats otherwise, accurate to a few units in the last place of a double. */
final class Functions {
    private static final double LN2 = Math.log(2);
    private static final double SQRT_PI = Math.sqrt(Math.PI);
    /** From here on {@code x * x + 1} is {@code x * x} to working accuracy. */
    private static final double LARGE = 0x1p28;

    /** {@code e^-x²} is below half the smallest double. */
    private static final double ERFC_UNDERFLOW = 27.5;

    private Functions() {}

    /** C's pow: unlike Java's, 1 to any power and -1 to an infinite one are 1. */
    static double pow(double a, double b) {
        return a == 1 || (a == -1 && Double.isInfinite(b)) ? 1 : Math.pow(a, b);
    }

    /** PyTorch's remainder: fmod, moved to the side of the divisor. */
    static double remainder(double a, double b) {
        double m = a % b;
        return m != 0 && (m < 0) != (b < 0) ? m + b : m;
    }

    static double trunc(double x) {
        return x < 0 ? Math.ceil(x) : Math.floor(x);
    }

    static double sign(double x) {
        return x > 0 ? 1 : x < 0 ? -1 : 0;
    }

    /** Exact for powers of two: the exponent is split off first. */
    static double log2(double x) {
        if (!(x > 0) || Double.isInfinite(x)) {
            return Math.log(x);
        }
        if (x < Double.MIN_NORMAL) {
            return log2(x * 0x1p54) - 54;
        }
        int exponent = Math.getExponent(x);
        double m = Math.scalb(x, -exponent);
        if (m > Math.sqrt(2)) {
            m /= 2;
            exponent++;
        }
        return exponent + Math.log(m) / LN2;
    }

    static double asinh(double x) {
        double a = Math.abs(x);
        double y = a > LARGE ? Math.log(a) + LN2 : Math.log1p(a + a * a / (1 + Math.sqrt(a * a + 1)));
        return Math.copySign(y, x);
    }

    static double acosh(double x) {
        if (x > LARGE) {
            return Math.log(x) + LN2;
        }
        if (x < 1) {
            return Double.NaN;
        }
        double t = x - 1;
        return Math.log1p(t + Math.sqrt(t * (t + 2)));
    }

    static double atanh(double x) {
        double a = Math.abs(x);
        double y = a < 0.5 ? Math.log1p(2 * a + 2 * a * a / (1 - a)) : Math.log1p(2 * a / (1 - a));
        return Math.copySign(y / 2, x);
    }

    static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return x >= 0 ? 1 / (1 + e) : e / (1 + e);
    }

    /** The series {@code 2/sqrt(pi) sum (-1)^n x^(2n+1) / (n! (2n+1))}, which cancels little for small x; for larger x through erfc. */
    static double erf(double x) {
        double a = Math.abs(x);
        if (!(a < 0.75)) {
            return a >= 0.75 ? Math.copySign(1 - erfc(a), x) : x;
        }
        double power = 1;
        double sum = 0;
        for (int n = 1; Math.abs(power) > 0x1p-60; n++) {
            power *= -x * x / n;
            sum += power / (2 * n + 1);
        }
        return 2 / SQRT_PI * (x + x * sum);
    }

    /**
     * The continued fraction {@code e^-x² / sqrt(pi) / (x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …))))}, evaluated from behind; near 0 and below
     * through erf.
     */
    static double erfc(double x) {
        if (!(x > 0.5)) {
            return x < -0.5 ? 2 - erfc(-x) : 1 - erf(x);
        }
        if (x > ERFC_UNDERFLOW) {
            return 0;
        }
        int depth = 60 + (int) (400 / (x * x));
        double tail = x;
        for (int n = depth; n > 0; n--) {
            tail = x + n / 2.0 / tail;
        }
        return expMinusSquare(x) / SQRT_PI / tail;
    }

    /** {@code e^(-x²)} without the error of rounding x²: the upper half of x has an exact square. */
    private static double expMinusSquare(double x) {
        double high = (float) x;
        return Math.exp(-high * high) * Math.exp((high - x) * (high + x));
    }
}
