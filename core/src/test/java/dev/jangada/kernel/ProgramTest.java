package dev.jangada.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgramTest {
    private static final int DEEP = 100_000;
    private final Expr x = Expr.input(0, DType.FLOAT32);

    @Test
    void equalSubexpressionsAreComputedOnce() {
        Expr again = Expr.input(0, DType.FLOAT32);
        Expr y = x.exp().add(again.exp()).mul(x.exp());
        Program p = Program.of(List.of(DType.FLOAT32), List.of(), y, again.exp());
        assertThat(p.code()).extracting(Instruction::op).containsExactly(Op.INPUT, Op.EXP, Op.ADD, Op.MUL);
        assertThat(p.output(0)).isEqualTo(3);
        assertThat(p.output(1)).isEqualTo(1);
        assertThat(p.outputType(1)).isEqualTo(DType.FLOAT32);
        assertThat(p.uses(Op.EXP)).isTrue();
        assertThat(p.uses(Op.LOG)).isFalse();
    }

    @Test
    void constantsDifferBySignOfZeroAndType() {
        Expr zero = Expr.constant(0.0, DType.FLOAT32);
        Expr minus = Expr.constant(-0.0, DType.FLOAT32);
        Program p = Program.of(List.of(DType.FLOAT32), List.of(), x.add(zero), x.add(minus), x.add(0.0));
        assertThat(p.code()).hasSize(5);
        assertThat(p.output(0)).isEqualTo(p.output(2));
        assertThat(Expr.constant(0.1, DType.FLOAT16).type()).isEqualTo(DType.FLOAT32);
        assertThat(Double.longBitsToDouble(Expr.constant(0.1, DType.FLOAT32).bits()))
                .isEqualTo(0.1f);
        assertThat(Expr.constant(-1, DType.UINT8).bits()).isEqualTo(255);
        assertThat(Expr.constant(300L, DType.INT8).bits()).isEqualTo(44);
        assertThat(Expr.constant(7, DType.BOOL).bits()).isEqualTo(1);
    }

    @Test
    void instructionsReadEarlierOnes() {
        Expr s = Expr.scalar(0, DType.FLOAT32);
        Program p = Program.of(
                List.of(DType.FLOAT32), List.of(DType.FLOAT32), Expr.select(x.gt(s), x.tanh(), Expr.fma(x, s, x)));
        for (int i = 0; i < p.code().size(); i++) {
            Instruction step = p.code().get(i);
            int[] args = {step.a(), step.b(), step.c()};
            for (int j = 0; j < step.op().arity(); j++) {
                assertThat(args[j]).isLessThan(i);
            }
        }
        assertThat(p).hasToString(p.toString()).isEqualTo(Program.of(p.inputs(), p.scalars(), rebuilt()));
        assertThat(p.hashCode())
                .isEqualTo(Program.of(p.inputs(), p.scalars(), rebuilt()).hashCode());
    }

    private static Expr rebuilt() {
        Expr a = Expr.input(0, DType.FLOAT32);
        Expr s = Expr.scalar(0, DType.FLOAT32);
        return Expr.select(a.gt(s), a.tanh(), Expr.fma(a, s, a));
    }

    @Test
    void deepExpressionsDoNotOverflow() {
        Expr deep = x;
        for (int i = 0; i < DEEP; i++) {
            deep = i % 2 == 0 ? deep.add(1) : deep.mul(x);
        }
        Program p = Program.of(List.of(DType.FLOAT32), List.of(), deep);
        assertThat(p.code()).hasSize(DEEP + 2);
        assertThat(deep.toString()).hasSizeLessThan(10_000).endsWith(")");
        assertThat(Derivative.of(deep, deep, Expr.constant(1.0, DType.FLOAT32), List.of(x))
                        .get(0))
                .isPresent();
    }

    @Test
    void sharedExpressionsDoNotExplode() {
        Expr y = x;
        for (int i = 0; i < 200; i++) {
            y = y.add(y);
        }
        assertThat(Program.of(List.of(DType.FLOAT32), List.of(), y).code()).hasSize(201);
        assertThat(y.toString()).hasSizeLessThan(10_000);
        assertThat(Derivative.of(y, y, Expr.constant(1.0, DType.FLOAT32), List.of(x))
                        .get(0))
                .isPresent();
    }

    @Test
    void refusesOperandsThatAreNotThere() {
        assertThatThrownBy(() -> Program.of(List.of(), List.of(), x)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Program.of(List.of(DType.INT8), List.of(), x)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Program.of(List.of(), List.of(), Expr.scalar(0, DType.INT64)))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("s0");
    }

    @Test
    void typesAreExplicit() {
        Expr n = Expr.input(1, DType.INT32);
        Expr b = Expr.input(2, DType.BOOL);
        Expr h = Expr.input(3, DType.FLOAT16);
        assertThat(h.add(h).type()).isEqualTo(DType.FLOAT32);
        assertThat(h.add(x).type()).isEqualTo(DType.FLOAT32);
        assertThat(h.neg().type()).isEqualTo(DType.FLOAT32);
        assertThat(Expr.select(b, h, x).type()).isEqualTo(DType.FLOAT32);
        assertThat(n.lt(n).type()).isEqualTo(DType.BOOL);
        assertThat(x.cast(DType.FLOAT32)).isSameAs(x);
        assertThatThrownBy(() -> x.add(n)).isInstanceOf(DTypeException.class).hasMessageContaining("cast");
        assertThatThrownBy(n::exp).isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> x.binary(Op.AND, x)).isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> x.unary(Op.NOT)).isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> b.sub(b)).isInstanceOf(DTypeException.class);
        assertThatThrownBy(b::neg).isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> Expr.select(x, x, x)).isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> Expr.fma(n, n, n)).isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> Expr.random(n, n, n)).isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> x.unary(Op.ADD)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> x.binary(Op.EXP, x)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void texts() {
        assertThat(Expr.select(x.gt(0), x.cast(DType.INT8), Expr.constant(3, DType.INT8)))
                .hasToString("select(gt(x0, 0.0), int8(x0), 3)");
        assertThat(Expr.index().add(Expr.scalar(2, DType.INT64))).hasToString("add(i, s2)");
    }

    @Test
    void reductionsCheckTheirPrograms() {
        List<DType> one = List.of(DType.FLOAT32);
        Program value = Program.of(one, List.of(), x);
        Program half = Program.of(List.of(DType.FLOAT16), List.of(), Expr.input(0, DType.FLOAT16));
        assertThat(ReduceKernel.of("sum", ReduceOp.SUM, value, DType.FLOAT16)
                        .epilogue()
                        .outputType(0))
                .isEqualTo(DType.FLOAT16);
        assertThat(ReduceKernel.of("argmax", ReduceOp.ARGMAX, value, DType.INT64)
                        .resultType())
                .isEqualTo(DType.INT64);
        assertThat(ReduceKernel.of("variance", ReduceOp.VARIANCE, value, DType.FLOAT32)
                        .epilogue()
                        .outputCount())
                .isEqualTo(2);
        assertThatThrownBy(() -> ReduceKernel.of("sum", ReduceOp.SUM, half, DType.FLOAT16))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new ReduceKernel("max", ReduceOp.ARGMAX, value, value))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("int64");
    }

    @Test
    void compiledFormsAreMadeOncePerOwner() {
        MapKernel kernel = new MapKernel("k", Program.of(List.of(DType.FLOAT32), List.of(), x));
        Object owner = new Object();
        StringBuilder first = kernel.compiled(owner, StringBuilder::new);
        assertThat(kernel.<StringBuilder>compiled(owner, StringBuilder::new)).isSameAs(first);
        assertThat(kernel.<StringBuilder>compiled(new Object(), StringBuilder::new))
                .isNotSameAs(first);
        assertThat(kernel).hasToString("k");
    }
}
