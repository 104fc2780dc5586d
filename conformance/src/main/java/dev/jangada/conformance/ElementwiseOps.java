package dev.jangada.conformance;

import dev.jangada.Scalar;
import dev.jangada.Tensor;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;

/** Area 02: element-wise operations, out of place and in place. */
final class ElementwiseOps {
    private ElementwiseOps() {}

    static void register(Table t) {
        functions(t);
        rounding(t);
        arithmetic(t);
        comparison(t);
        bitwise(t);
        ternary(t);
        unaryInPlace(t);
        binaryInPlace(t);
    }

    private static void functions(Table t) {
        t.unary("exp", Tensor::exp);
        t.unary("exp2", Tensor::exp2);
        t.unary("expm1", Tensor::expm1);
        t.unary("log", Tensor::log);
        t.unary("log2", Tensor::log2);
        t.unary("log10", Tensor::log10);
        t.unary("log1p", Tensor::log1p);
        t.unary("sqrt", Tensor::sqrt);
        t.unary("rsqrt", Tensor::rsqrt);
        t.unary("reciprocal", Tensor::reciprocal);
        t.unary("sin", Tensor::sin);
        t.unary("cos", Tensor::cos);
        t.unary("tan", Tensor::tan);
        t.unary("asin", Tensor::asin);
        t.unary("acos", Tensor::acos);
        t.unary("atan", Tensor::atan);
        t.unary("sinh", Tensor::sinh);
        t.unary("cosh", Tensor::cosh);
        t.unary("tanh", Tensor::tanh);
        t.unary("asinh", Tensor::asinh);
        t.unary("acosh", Tensor::acosh);
        t.unary("atanh", Tensor::atanh);
        t.unary("sigmoid", Tensor::sigmoid);
        t.unary("erf", Tensor::erf);
        t.unary("erfc", Tensor::erfc);
        t.unary("erfinv", Tensor::erfinv);
        t.unary("lgamma", Tensor::lgamma);
        t.unary("digamma", Tensor::digamma);
        t.unary("square", Tensor::square);
        t.unary("relu", Tensor::relu);
    }

    private static void rounding(Table t) {
        t.unary("abs", Tensor::abs);
        t.unary("neg", Tensor::neg);
        t.unary("sign", Tensor::sign);
        t.unary("floor", Tensor::floor);
        t.unary("ceil", Tensor::ceil);
        t.unary("trunc", Tensor::trunc);
        t.unary("frac", Tensor::frac);
        t.add("round", "input", c -> c.has("decimals") ? c.x().round(c.dim("decimals")) : c.x().round());
        t.add("logit", "input", c -> c.has("eps") ? c.x().logit(c.real("eps", 0)) : c.x().logit());
        t.add("nan_to_num", "input", ElementwiseOps::nanToNum);
        t.unary("isnan", Tensor::isnan);
        t.unary("isinf", Tensor::isinf);
        t.unary("isfinite", Tensor::isfinite);
        t.unary("logical_not", Tensor::logicalNot);
        t.unary("bitwise_not", Tensor::bitwiseNot);
    }

    private static void arithmetic(Table t) {
        scaled(t, "add", Tensor::add, Tensor::add, Tensor::add);
        scaled(t, "sub", Tensor::sub, Tensor::sub, Tensor::sub);
        t.binary("mul", Tensor::mul, Tensor::mul);
        t.add("div", "input other", ElementwiseOps::div);
        t.binary("floor_divide", Tensor::floorDivide, Tensor::floorDivide);
        t.binary("remainder", Tensor::remainder, Tensor::remainder);
        t.binary("fmod", Tensor::fmod, Tensor::fmod);
        t.binary("pow", Tensor::pow, Tensor::pow);
        t.add("rsub", "input", c -> c.x().rsub(c.scalar("other")));
        t.add("rdiv", "input", c -> c.x().rdiv(c.scalar("other")));
        t.add("rpow", "input", c -> c.x().rpow(c.scalar("other")));
        t.binary("maximum", Tensor::maximum);
        t.binary("minimum", Tensor::minimum);
        t.binary("fmax", Tensor::fmax);
        t.binary("fmin", Tensor::fmin);
        t.binary("atan2", Tensor::atan2);
        t.binary("copysign", Tensor::copysign);
        t.binary("hypot", Tensor::hypot);
        t.binary("logaddexp", Tensor::logaddexp);
        t.binary("xlogy", Tensor::xlogy);
    }

    private static void comparison(Table t) {
        t.binary("eq", Tensor::eq, Tensor::eq);
        t.binary("ne", Tensor::ne, Tensor::ne);
        t.binary("lt", Tensor::lt, Tensor::lt);
        t.binary("le", Tensor::le, Tensor::le);
        t.binary("gt", Tensor::gt, Tensor::gt);
        t.binary("ge", Tensor::ge, Tensor::ge);
        t.add("equal", "input other", c -> c.x().equal(c.tensor("other")));
        t.add(
                "isclose",
                "input other",
                c -> c.x().isclose(
                                c.tensor("other"),
                                c.real("rtol", 1e-5),
                                c.real("atol", 1e-8),
                                c.flag("equal_nan", false)));
        t.add(
                "allclose",
                "input other",
                c -> c.x().allclose(
                                c.tensor("other"),
                                c.real("rtol", 1e-5),
                                c.real("atol", 1e-8),
                                c.flag("equal_nan", false)));
        t.binary("logical_and", Tensor::logicalAnd);
        t.binary("logical_or", Tensor::logicalOr);
        t.binary("logical_xor", Tensor::logicalXor);
    }

    private static void bitwise(Table t) {
        t.binary("bitwise_and", Tensor::bitwiseAnd, Tensor::bitwiseAnd);
        t.binary("bitwise_or", Tensor::bitwiseOr, Tensor::bitwiseOr);
        t.binary("bitwise_xor", Tensor::bitwiseXor, Tensor::bitwiseXor);
        t.binary("bitwise_left_shift", Tensor::bitwiseLeftShift, Tensor::bitwiseLeftShift);
        t.binary("bitwise_right_shift", Tensor::bitwiseRightShift, Tensor::bitwiseRightShift);
    }

    private static void ternary(Table t) {
        t.add("clamp", "input min max", ElementwiseOps::clamp);
        t.add("where", "condition input other", ElementwiseOps::where);
        t.add("masked_fill", "input mask", c -> c.x().maskedFill(c.tensor("mask"), c.scalar("value")));
        t.add("lerp", "input end weight", ElementwiseOps::lerp);
        t.add(
                "addcmul",
                "input tensor1 tensor2",
                c -> c.x().addcmul(c.tensor("tensor1"), c.tensor("tensor2"), c.scalar("value", 1)));
        t.add(
                "addcdiv",
                "input tensor1 tensor2",
                c -> c.x().addcdiv(c.tensor("tensor1"), c.tensor("tensor2"), c.scalar("value", 1)));
        t.add(
                "addcmul_",
                "input tensor1 tensor2",
                c -> c.x().addcmul_(c.tensor("tensor1"), c.tensor("tensor2"), c.scalar("value", 1)));
        t.add(
                "addcdiv_",
                "input tensor1 tensor2",
                c -> c.x().addcdiv_(c.tensor("tensor1"), c.tensor("tensor2"), c.scalar("value", 1)));
        t.add("lerp_", "input end", c -> c.x().lerp_(c.tensor("end"), c.real("weight", 0)));
        t.add("clamp_", "input min max", ElementwiseOps::clampInPlace);
        t.add("masked_fill_", "input mask", c -> c.x().maskedFill_(c.tensor("mask"), c.scalar("value")));
    }

    private static void unaryInPlace(Table t) {
        t.unary("abs_", Tensor::abs_);
        t.unary("neg_", Tensor::neg_);
        t.unary("exp_", Tensor::exp_);
        t.unary("sqrt_", Tensor::sqrt_);
        t.unary("rsqrt_", Tensor::rsqrt_);
        t.unary("sigmoid_", Tensor::sigmoid_);
        t.unary("tanh_", Tensor::tanh_);
        t.unary("floor_", Tensor::floor_);
        t.unary("ceil_", Tensor::ceil_);
        t.unary("round_", Tensor::round_);
        t.unary("reciprocal_", Tensor::reciprocal_);
        t.unary("log_", Tensor::log_);
        t.unary("square_", Tensor::square_);
        t.unary("zero_", Tensor::zero_);
        t.unary("relu_", Tensor::relu_);
        t.add("fill_", "input", c -> c.x().fill_(c.scalar("value")));
        t.add("copy_", "input src", c -> c.x().copy_(c.tensor("src")));
    }

    private static void binaryInPlace(Table t) {
        scaled(t, "add_", Tensor::add_, Tensor::add_, Tensor::add_);
        scaled(t, "sub_", Tensor::sub_, Tensor::sub_, Tensor::sub_);
        t.binary("mul_", Tensor::mul_, Tensor::mul_);
        t.add("div_", "input other", ElementwiseOps::divInPlace);
        t.binary("pow_", Tensor::pow_, Tensor::pow_);
        t.binary("remainder_", Tensor::remainder_, Tensor::remainder_);
        t.binary("floor_divide_", Tensor::floorDivide_, Tensor::floorDivide_);
    }

    // ---- calls with optional arguments

    private interface Scaled {
        Tensor apply(Tensor x, Tensor other, Scalar alpha);
    }

    /** Adds a sum or difference, of which a tensor may have a factor. */
    private static void scaled(
            Table t,
            String name,
            BinaryOperator<Tensor> plain,
            Scaled scaled,
            BiFunction<Tensor, Scalar, Tensor> constant) {
        t.add(name, "input other", c -> {
            if (!c.given("other")) {
                return constant.apply(c.x(), c.scalar("other"));
            }
            Tensor other = c.tensor("other");
            return c.has("alpha") ? scaled.apply(c.x(), other, c.scalar("alpha")) : plain.apply(c.x(), other);
        });
    }

    private static Tensor div(Call c) {
        String mode = c.text("rounding_mode", "");
        if (c.given("other")) {
            Tensor other = c.tensor("other");
            return mode.isEmpty() ? c.x().div(other) : c.x().div(other, mode);
        }
        return mode.isEmpty() ? c.x().div(c.scalar("other")) : c.x().div(c.scalar("other"), mode);
    }

    private static Tensor divInPlace(Call c) {
        String mode = c.text("rounding_mode", "");
        if (c.given("other")) {
            Tensor other = c.tensor("other");
            return mode.isEmpty() ? c.x().div_(other) : c.x().div_(other, mode);
        }
        return mode.isEmpty() ? c.x().div_(c.scalar("other")) : c.x().div_(c.scalar("other"), mode);
    }

    private static Tensor where(Call c) {
        Tensor condition = c.tensor("condition");
        if (c.given("input")) {
            return c.given("other")
                    ? Tensor.where(condition, c.x(), c.tensor("other"))
                    : Tensor.where(condition, c.x(), c.scalar("other"));
        }
        return c.given("other")
                ? Tensor.where(condition, c.scalar("input"), c.tensor("other"))
                : Tensor.where(condition, c.scalar("input"), c.scalar("other"));
    }

    private static Tensor lerp(Call c) {
        Tensor end = c.tensor("end");
        return c.given("weight") ? c.x().lerp(end, c.tensor("weight")) : c.x().lerp(end, c.real("weight", 0));
    }

    private static Tensor clamp(Call c) {
        if (c.given("min") || c.given("max")) {
            if (!c.given("max")) {
                return c.x().clampMin(c.tensor("min"));
            }
            return c.given("min") ? c.x().clamp(c.tensor("min"), c.tensor("max")) : c.x().clampMax(c.tensor("max"));
        }
        if (c.has("min") == c.has("max")) {
            return c.has("min")
                    ? c.x().clamp(c.scalar("min"), c.scalar("max"))
                    : c.x().clamp((Scalar) null, (Scalar) null);
        }
        return c.has("min") ? c.x().clampMin(c.scalar("min")) : c.x().clampMax(c.scalar("max"));
    }

    private static Tensor clampInPlace(Call c) {
        if (c.has("min") && c.has("max")) {
            return c.x().clamp_(c.scalar("min"), c.scalar("max"));
        }
        return c.has("min") ? c.x().clampMin_(c.scalar("min")) : c.x().clampMax_(c.scalar("max"));
    }

    private static Tensor nanToNum(Call c) {
        double nan = c.real("nan", 0);
        if (!c.has("posinf") && !c.has("neginf")) {
            return c.has("nan") ? c.x().nanToNum(nan) : c.x().nanToNum();
        }
        return c.x().nanToNum(nan, c.real("posinf", Float.MAX_VALUE), c.real("neginf", -Float.MAX_VALUE));
    }
}
