package dev.jangada;

import dev.jangada.autograd.Autograd;
import dev.jangada.autograd.Node;
import dev.jangada.backend.Operand;
import dev.jangada.ops.Access;
import dev.jangada.ops.AdvancedIndexing;
import dev.jangada.ops.Arithmetic;
import dev.jangada.ops.Clamp;
import dev.jangada.ops.Contraction;
import dev.jangada.ops.Copies;
import dev.jangada.ops.Counting;
import dev.jangada.ops.Creation;
import dev.jangada.ops.DimNames;
import dev.jangada.ops.Elementwise;
import dev.jangada.ops.Executor;
import dev.jangada.ops.Extremes;
import dev.jangada.ops.GradState;
import dev.jangada.ops.Gradients;
import dev.jangada.ops.Guarded;
import dev.jangada.ops.HostData;
import dev.jangada.ops.Indexing;
import dev.jangada.ops.Joining;
import dev.jangada.ops.LinearAlgebra;
import dev.jangada.ops.Moments;
import dev.jangada.ops.Movement;
import dev.jangada.ops.Multinomial;
import dev.jangada.ops.Nested;
import dev.jangada.ops.Norms;
import dev.jangada.ops.Padding;
import dev.jangada.ops.Printing;
import dev.jangada.ops.Promotion;
import dev.jangada.ops.Randoms;
import dev.jangada.ops.Rearranging;
import dev.jangada.ops.Reductions;
import dev.jangada.ops.Scans;
import dev.jangada.ops.ScatterReduce;
import dev.jangada.ops.Slicing;
import dev.jangada.ops.Softmax;
import dev.jangada.ops.Sorting;
import dev.jangada.ops.Special;
import dev.jangada.ops.ThreadState;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A multi-dimensional array of one element type on one device, which can record what is computed with it and differentiate that.
 *
 * <p>Method names are PyTorch's in Java's case; a trailing underscore changes the tensor in place and returns it. Views (such as
 * {@code transpose}, {@code select} and {@code expand}) share memory with the tensor they were made from, in both directions.
 *
 * <pre>{@code
 * Tensor x = Tensor.of(new float[] {1, 2, 3});
 * Tensor y = x.mul(2).add(1);        // tensor([3., 5., 7.])
 * }</pre>
 *
 * <p>A tensor holds native memory. It ends by {@link #close()}, with the {@link TensorScope} it was made in, or when the garbage collector
 * finds it unreachable. A tensor is safe to read from several threads; writing needs synchronisation by the caller.
 *
 * <p>Source: PyTorch {@code torch.Tensor}.
 */
public final class Tensor implements AutoCloseable {
    static {
        Access.install(new TensorAccess());
    }

    private static final VarHandle CLOSED;

    static {
        try {
            CLOSED = MethodHandles.lookup().findVarHandle(Tensor.class, "closed", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Operand operand;
    private volatile boolean closed;
    private GradState state;

    /** The scope that closes this tensor, or null; managed by {@link TensorScope}. */
    TensorScope scope;

    private Tensor(Operand operand, boolean scoped) {
        this.operand = operand;
        ThreadState thread = ThreadState.current();
        if (thread.inference) {
            gradState().inference = true;
        }
        if (scoped && thread.scope != null) {
            thread.scope.add(this);
        }
    }

    private GradState gradState() {
        if (state == null) {
            state = new GradState();
        }
        return state;
    }

    private Operand operand() {
        if (closed) {
            boolean traced =
                    operand.storage().isSymbolic() && !Executor.current().isTracing();
            throw new ClosedTensorException("[tensor] expected an open tensor, got a closed one of shape "
                    + operand.layout().shape()
                    + Executor.current().at()
                    + (traced
                            ? "; it was made inside a captured function and lives only there: return it from the function, or"
                                    + " copy_ it into a tensor made outside"
                            : "; it was closed by close() or the end of its TensorScope: keep it with scope.keep(t)"));
        }
        return operand;
    }

    private static final class TensorAccess extends Access {
        @Override
        protected Operand operandOf(Tensor t) {
            return t.operand();
        }

        @Override
        protected GradState stateOf(Tensor t) {
            return t.gradState();
        }

        @Override
        protected Tensor create(Operand operand, boolean scoped) {
            return new Tensor(operand, scoped);
        }

        @Override
        protected void leaveScope(Tensor t) {
            t.scope = null; // a scope closes only tensors that name it
        }

        @Override
        protected void replace(Tensor t, Operand operand) {
            Operand old = t.operand();
            t.operand = operand;
            old.storage().release();
        }
    }

    // ---- lifetime

    /** Gives up this tensor's hold on its memory; a second call does nothing. Other views of the memory stay open. */
    @Override
    public void close() {
        if ((boolean) CLOSED.getAndSet(this, true)) {
            return;
        }
        if (state != null && state.gradFn != null) {
            state.gradFn.removeUser();
        }
        if (state != null && state.grad != null) {
            Gradients.setGrad(this, null);
        }
        operand.storage().release();
    }

    /** Tells whether this tensor was closed. */
    public boolean isClosed() {
        return closed;
    }

    // ---- what it is

    /** Returns the element type. */
    public DType dtype() {
        return operand.dtype();
    }

    /** Returns the sizes. */
    public Shape shape() {
        return operand.layout().shape();
    }

    /** Returns the size of a dimension; negative numbers count from the end. */
    public long size(int dim) {
        return operand.layout().shape().size(dim);
    }

    /** Returns the number of dimensions. Source: {@code torch.Tensor.dim}. */
    public int dim() {
        return operand.layout().rank();
    }

    /** Returns the number of elements. */
    public long numel() {
        return operand.layout().numel();
    }

    /** Returns the device. */
    public Device device() {
        return operand.storage().device();
    }

    /** Returns the strides in elements: by how much the position in memory grows with each index. */
    public long[] stride() {
        return operand.layout().strides();
    }

    /** Returns the position of the first element in the storage, in elements. */
    public long storageOffset() {
        return operand.layout().offset();
    }

    /** Tells whether the elements lie in row-major order without gaps. */
    public boolean isContiguous() {
        return operand.layout().isContiguous();
    }

    /** Tells whether two tensors lie in the same memory; those without elements lie nowhere. */
    public boolean sharesStorage(Tensor other) {
        return operand().storage() == other.operand().storage() && numel() > 0 && other.numel() > 0;
    }

    // ---- names of dimensions

    /**
     * Returns the names of the dimensions, {@code "_"} for those without one.
     *
     * <p>Element-wise operations, transposed and sliced views, sums and means keep names, other operations lose them; of two named operands, the
     * same place from the right must have the same name. Source: {@code torch.Tensor.names}.
     */
    public List<String> names() {
        return DimNames.of(this);
    }

    /**
     * Returns a view in which dimensions without a name get one, {@code "_"} leaves it so. Source: {@code torch.Tensor.refine_names}.
     *
     * <pre>{@code
     * Tensor images = Tensor.zeros(8, 3).refineNames("N", "C");
     * }</pre>
     *
     * @throws ArgumentException if there are not as many names as dimensions, one stands twice, or one has another name already
     */
    public Tensor refineNames(String... names) {
        return DimNames.refine(this, names);
    }

    /**
     * Returns a view with these names; without arguments, one without names. Source: {@code torch.Tensor.rename}.
     *
     * @throws ArgumentException if there are not as many names as dimensions, or one stands twice
     */
    public Tensor rename(String... names) {
        return DimNames.rename(this, names);
    }

    /**
     * Returns a view with the dimensions in the order of these names; new names become dimensions of size 1.
     *
     * <p>Source: {@code torch.Tensor.align_to}.
     *
     * @throws ArgumentException if a dimension has no name or its name is not given
     */
    public Tensor alignTo(String... names) {
        return DimNames.alignTo(this, names);
    }

    /**
     * Returns the size of the dimension with a name.
     *
     * @throws IndexException if there is none
     */
    public long size(String name) {
        return size(DimNames.find("size", this, name));
    }

    /**
     * Returns the sum over the dimensions with these names, which go.
     *
     * @throws IndexException if there is none of a name
     */
    public Tensor sum(String... names) {
        return sum(DimNames.find("sum", this, names), false);
    }

    /**
     * Returns the mean over the dimensions with these names, which go.
     *
     * @throws IndexException if there is none of a name
     */
    public Tensor mean(String... names) {
        return mean(DimNames.find("mean", this, names), false);
    }

    /**
     * Returns a view of one index of the dimension with a name.
     *
     * @throws IndexException if there is none, or no such index
     */
    public Tensor select(String name, long index) {
        return select(DimNames.find("select", this, name), index);
    }

    // ---- copies and conversions

    /** Returns a contiguous copy, which is recorded. Source: {@code torch.clone}. */
    @Override
    public Tensor clone() {
        return Copies.clone(this);
    }

    /** Returns this tensor if it is contiguous, else a contiguous copy. */
    public Tensor contiguous() {
        return Copies.contiguous(this);
    }

    /** Returns this tensor if it has this element type, else a converted copy. Floats become integers by truncation. */
    public Tensor to(DType type) {
        return Copies.to(this, type, device());
    }

    /** Returns this tensor if it lives on this device, else a copy there. */
    public Tensor to(Device device) {
        return Copies.to(this, dtype(), device);
    }

    /** Returns this tensor if it has this element type and device, else a copy that has. */
    public Tensor to(Device device, DType type) {
        return Copies.to(this, type, device);
    }

    /** Copies a tensor that broadcasts to this one into it, converting type and device. Source: {@code torch.Tensor.copy_}. */
    public Tensor copy_(Tensor source) {
        return Copies.copyInto(this, source);
    }

    /** Writes one value into every element. */
    public Tensor fill_(double value) {
        return Creation.fillInPlace(this, Scalar.of(value));
    }

    /** Writes one value into every element. */
    public Tensor fill_(long value) {
        return Creation.fillInPlace(this, Scalar.of(value));
    }

    /** Writes one value into every element. */
    public Tensor fill_(Scalar value) {
        return Creation.fillInPlace(this, value);
    }

    /** Writes 0 into every element. */
    public Tensor zero_() {
        return Creation.fillInPlace(this, Scalar.of(0L));
    }

    // ---- gradients

    /** Tells whether gradients reach this tensor: it is a leaf that asked for one, or it was computed from such a leaf. */
    public boolean requiresGrad() {
        return state != null && (state.requiresGrad || Autograd.gradFn(this) != null);
    }

    /** Asks for the gradient of this leaf. Source: {@code torch.Tensor.requires_grad_}. */
    public Tensor requiresGrad_() {
        return requiresGrad_(true);
    }

    /**
     * Asks for the gradient of this leaf, or no longer.
     *
     * @throws DTypeException if it is not of a floating point type
     * @throws AutogradException if it is not a leaf
     */
    public Tensor requiresGrad_(boolean requiresGrad) {
        Gradients.setRequiresGrad(this, requiresGrad);
        return this;
    }

    /** Tells whether this tensor was not made by a recorded operation. */
    public boolean isLeaf() {
        return state == null || Autograd.gradFn(this) == null;
    }

    /** Returns the node that made this tensor; empty for a leaf. */
    public Optional<Node> gradFn() {
        return state == null ? Optional.empty() : Optional.ofNullable(Autograd.gradFn(this));
    }

    /** Tells whether a gradient has been accumulated. */
    public boolean hasGrad() {
        return state != null && Gradients.hasGrad(state);
    }

    /**
     * Returns the accumulated gradient: it shares memory with what is accumulated, so {@code grad().zero_()} resets it.
     *
     * @throws IllegalStateException if there is none
     */
    public Tensor grad() {
        return Gradients.grad(this);
    }

    /** Replaces the accumulated gradient by a tensor of this shape, type and device; null drops it. */
    public void setGrad(Tensor grad) {
        Gradients.setGrad(this, grad);
    }

    /** Drops the accumulated gradient, so that {@link #hasGrad()} is false. */
    public void zeroGrad() {
        Gradients.setGrad(this, null);
    }

    /** Makes a tensor that is no leaf keep its gradient. Source: {@code torch.Tensor.retain_grad}. */
    public Tensor retainGrad() {
        Gradients.retainGrad(this);
        return this;
    }

    /** Calls a function with the gradient of this tensor when it is computed; the function's result replaces it. */
    public void registerHook(UnaryOperator<Tensor> hook) {
        Gradients.registerHook(this, hook);
    }

    /** Adds the gradients of this scalar to the leaves it was computed from. Source: {@code torch.Tensor.backward}. */
    public void backward() {
        Autograd.backward(List.of(this), List.of(), false, false);
    }

    /** As {@link #backward()} for a tensor of any shape, given the gradient that arrives at it. */
    public void backward(Tensor gradient) {
        Autograd.backward(List.of(this), List.of(gradient), false, false);
    }

    /**
     * As {@link #backward()}.
     *
     * @param retainGraph whether the graph can be used again
     * @param createGraph whether the gradients are recorded themselves
     */
    public void backward(boolean retainGraph, boolean createGraph) {
        Autograd.backward(List.of(this), List.of(), retainGraph, createGraph);
    }

    /**
     * Makes this leaf show the memory of another tensor, which may differ in shape, type and device; its gradient is dropped.
     *
     * <p>Source: assignment to PyTorch's {@code torch.Tensor.data}.
     *
     * @throws AutogradException if this tensor is no leaf, or it requires a gradient and the data are not of a floating point type
     */
    public Tensor setData(Tensor data) {
        Gradients.setData(this, data);
        return this;
    }

    /** Returns a tensor on the same memory that is not part of the graph. */
    public Tensor detach() {
        return Gradients.detach(this);
    }

    /** Takes this tensor out of the graph. Source: {@code torch.Tensor.detach_}. */
    public Tensor detach_() {
        return Gradients.detachInPlace(this);
    }

    // ---- arithmetic

    /** Returns {@code -x}; not of bool. */
    public Tensor neg() {
        return Arithmetic.neg(this);
    }

    /** As {@link #neg()}, in place. */
    public Tensor neg_() {
        Arithmetic.checkNeg(this);
        return Elementwise.applyInPlace("neg_", Arithmetic.NEG, new Object[] {this});
    }

    /** Returns whether each element is 0 or false. */
    public Tensor logicalNot() {
        return Elementwise.apply(Arithmetic.LOGICAL_NOT, this);
    }

    /** Returns the bitwise complement of integers, the logical not of bool. */
    public Tensor bitwiseNot() {
        Arithmetic.bitwise("bitwiseNot", this);
        return Elementwise.apply(Arithmetic.NOT, this);
    }

    /** Returns whether each element is NaN. */
    public Tensor isnan() {
        return Elementwise.apply(Arithmetic.IS_NAN, this);
    }

    /** Returns whether each element is an infinity. */
    public Tensor isinf() {
        return Elementwise.apply(Arithmetic.IS_INF, this);
    }

    /** Returns whether each element is neither NaN nor an infinity. */
    public Tensor isfinite() {
        return Elementwise.apply(Arithmetic.IS_FINITE, this);
    }

    /** Returns {@code this + alpha * other}. */
    public Tensor add(Tensor other, double alpha) {
        return Arithmetic.add(this, other, Scalar.of(alpha));
    }

    /** Returns {@code this + alpha * other}; operands and alpha may be of any kind. */
    public Tensor add(Tensor other, Scalar alpha) {
        return Arithmetic.add(this, other, alpha);
    }

    /** Returns {@code this - alpha * other}. */
    public Tensor sub(Tensor other, double alpha) {
        return Arithmetic.sub(this, other, Scalar.of(alpha));
    }

    /** Returns {@code this - alpha * other}; operands and alpha may be of any kind. */
    public Tensor sub(Tensor other, Scalar alpha) {
        return Arithmetic.sub(this, other, alpha);
    }

    /** Adds {@code alpha * other} in place. */
    public Tensor add_(Tensor other, double alpha) {
        return Arithmetic.addInPlace(this, other, Scalar.of(alpha));
    }

    /** Adds {@code alpha * other} in place. */
    public Tensor add_(Tensor other, Scalar alpha) {
        return Arithmetic.addInPlace(this, other, alpha);
    }

    /** Subtracts {@code alpha * other} in place. */
    public Tensor sub_(Tensor other, double alpha) {
        return Arithmetic.subInPlace(this, other, Scalar.of(alpha));
    }

    /** Subtracts {@code alpha * other} in place. */
    public Tensor sub_(Tensor other, Scalar alpha) {
        return Arithmetic.subInPlace(this, other, alpha);
    }

    /** Returns the quotient with a rounding mode: {@code none}, {@code trunc} or {@code floor}. */
    public Tensor div(Tensor other, String roundingMode) {
        return Elementwise.apply(Arithmetic.division(roundingMode), new Object[] {this, other});
    }

    /** Returns the quotient with a plain number and a rounding mode: {@code none}, {@code trunc} or {@code floor}. */
    public Tensor div(Scalar other, String roundingMode) {
        return Elementwise.apply(Arithmetic.division(roundingMode), new Object[] {this, other});
    }

    /** As {@link #div(Tensor, String)}, in place. */
    public Tensor div_(Tensor other, String roundingMode) {
        return Elementwise.applyInPlace("div_", Arithmetic.division(roundingMode), new Object[] {this, other});
    }

    /** As {@link #div(Scalar, String)}, in place. */
    public Tensor div_(Scalar other, String roundingMode) {
        return Elementwise.applyInPlace("div_", Arithmetic.division(roundingMode), new Object[] {this, other});
    }

    /** Returns {@code number - this}. */
    public Tensor rsub(Scalar number) {
        return Arithmetic.reversed(Arithmetic.SUB, number, this);
    }

    /** As {@link #rsub(Scalar)}. */
    public Tensor rsub(double number) {
        return rsub(Scalar.of(number));
    }

    /** As {@link #rsub(Scalar)}. */
    public Tensor rsub(long number) {
        return rsub(Scalar.of(number));
    }

    /** Returns {@code number / this}, as PyTorch the product with the reciprocal. */
    public Tensor rdiv(Scalar number) {
        return Guarded.rdiv(this, number);
    }

    /** As {@link #rdiv(Scalar)}. */
    public Tensor rdiv(double number) {
        return rdiv(Scalar.of(number));
    }

    /** As {@link #rdiv(Scalar)}. */
    public Tensor rdiv(long number) {
        return rdiv(Scalar.of(number));
    }

    /** Returns {@code number ^ this}. */
    public Tensor rpow(Scalar number) {
        return Arithmetic.reversed(Arithmetic.POW, number, this);
    }

    /** Returns each element limited to {@code [min, max]}; the gradient passes between the bounds and on them. */
    public Tensor clamp(double min, double max) {
        return Clamp.clamp(this, Scalar.of(min), Scalar.of(max));
    }

    /** As {@link #clamp(double, double)}; integers stay integers. */
    public Tensor clamp(long min, long max) {
        return Clamp.clamp(this, Scalar.of(min), Scalar.of(max));
    }

    /**
     * Returns each element limited to {@code [min, max]}; null or NaN means no limit on this side.
     *
     * @throws ArgumentException if both are null
     */
    public Tensor clamp(Scalar min, Scalar max) {
        return Clamp.clamp(this, min, max);
    }

    /** Returns each element limited to {@code [min, max]}. */
    public Tensor clamp(Tensor min, Tensor max) {
        return Elementwise.apply(Clamp.CLAMP, new Object[] {this, min, max});
    }

    /** Returns each element, at least {@code min}. */
    public Tensor clampMin(Scalar min) {
        return Clamp.clamp(this, min, null);
    }

    /** Returns each element, at least {@code min}. */
    public Tensor clampMin(double min) {
        return Clamp.clamp(this, Scalar.of(min), null);
    }

    /** Returns each element, at least {@code min}; integers stay integers. */
    public Tensor clampMin(long min) {
        return Clamp.clamp(this, Scalar.of(min), null);
    }

    /** Returns each element, at least {@code min}. */
    public Tensor clampMin(Tensor min) {
        return Elementwise.apply(Clamp.CLAMP_MIN, new Object[] {this, min});
    }

    /** Returns each element, at most {@code max}. */
    public Tensor clampMax(Scalar max) {
        return Clamp.clamp(this, null, max);
    }

    /** Returns each element, at most {@code max}. */
    public Tensor clampMax(double max) {
        return Clamp.clamp(this, null, Scalar.of(max));
    }

    /** Returns each element, at most {@code max}; integers stay integers. */
    public Tensor clampMax(long max) {
        return Clamp.clamp(this, null, Scalar.of(max));
    }

    /** Returns each element, at most {@code max}. */
    public Tensor clampMax(Tensor max) {
        return Elementwise.apply(Clamp.CLAMP_MAX, new Object[] {this, max});
    }

    /** As {@link #clamp(double, double)}, in place. */
    public Tensor clamp_(double min, double max) {
        return Clamp.clampInPlace(this, Scalar.of(min), Scalar.of(max));
    }

    /** As {@link #clamp(long, long)}, in place. */
    public Tensor clamp_(long min, long max) {
        return Clamp.clampInPlace(this, Scalar.of(min), Scalar.of(max));
    }

    /** As {@link #clamp(Scalar, Scalar)}, in place. */
    public Tensor clamp_(Scalar min, Scalar max) {
        return Clamp.clampInPlace(this, min, max);
    }

    /** As {@link #clamp(Tensor, Tensor)}, in place. */
    public Tensor clamp_(Tensor min, Tensor max) {
        return Elementwise.applyInPlace("clamp_", Clamp.CLAMP, new Object[] {this, min, max});
    }

    /** As {@link #clampMin(Scalar)}, in place. */
    public Tensor clampMin_(Scalar min) {
        return Clamp.clampInPlace(this, min, null);
    }

    /** As {@link #clampMin(Tensor)}, in place. */
    public Tensor clampMin_(Tensor min) {
        return Elementwise.applyInPlace("clamp_", Clamp.CLAMP_MIN, new Object[] {this, min});
    }

    /** As {@link #clampMax(Scalar)}, in place. */
    public Tensor clampMax_(Scalar max) {
        return Clamp.clampInPlace(this, null, max);
    }

    /** As {@link #clampMax(Tensor)}, in place. */
    public Tensor clampMax_(Tensor max) {
        return Elementwise.applyInPlace("clamp_", Clamp.CLAMP_MAX, new Object[] {this, max});
    }

    /** Returns {@code condition ? a : b} element by element. Source: {@code torch.where}. */
    public static Tensor where(Tensor condition, Tensor a, Tensor b) {
        return Arithmetic.where(condition, a, b);
    }

    /** Returns {@code condition ? a : b} with a plain number. */
    public static Tensor where(Tensor condition, Scalar a, Tensor b) {
        return Arithmetic.where(condition, a, b);
    }

    /** Returns {@code condition ? a : b} with a plain number. */
    public static Tensor where(Tensor condition, Tensor a, Scalar b) {
        return Arithmetic.where(condition, a, b);
    }

    /** Returns {@code condition ? a : b} of plain numbers. */
    public static Tensor where(Tensor condition, Scalar a, Scalar b) {
        return Arithmetic.where(condition, a, b);
    }

    /** Returns a copy with {@code value} where the bool mask is true. */
    public Tensor maskedFill(Tensor mask, double value) {
        return Arithmetic.maskedFill(this, mask, Scalar.of(value));
    }

    /** Returns a copy with {@code value} where the bool mask is true. */
    public Tensor maskedFill(Tensor mask, Scalar value) {
        return Arithmetic.maskedFill(this, mask, value);
    }

    /** Writes {@code value} where the bool mask is true. */
    public Tensor maskedFill_(Tensor mask, double value) {
        return Arithmetic.maskedFillInPlace(this, mask, Scalar.of(value));
    }

    /** Writes {@code value} where the bool mask is true. */
    public Tensor maskedFill_(Tensor mask, Scalar value) {
        return Arithmetic.maskedFillInPlace(this, mask, value);
    }

    /** Returns {@code this + weight * (end - this)}. */
    public Tensor lerp(Tensor end, double weight) {
        return Elementwise.apply(Arithmetic.LERP, new Object[] {this, end, Scalar.of(weight)});
    }

    /** Returns {@code this + weight * (end - this)}. */
    public Tensor lerp(Tensor end, Tensor weight) {
        return Elementwise.apply(Arithmetic.LERP, new Object[] {this, end, weight});
    }

    /** As {@link #lerp(Tensor, double)}, in place. */
    public Tensor lerp_(Tensor end, double weight) {
        return Elementwise.applyInPlace("lerp_", Arithmetic.LERP, new Object[] {this, end, Scalar.of(weight)});
    }

    /** Returns {@code this + value * a * b}. */
    public Tensor addcmul(Tensor a, Tensor b, Scalar value) {
        return Elementwise.apply(Arithmetic.ADDCMUL, new Object[] {this, a, b}, value);
    }

    /** As {@link #addcmul}, in place. */
    public Tensor addcmul_(Tensor a, Tensor b, Scalar value) {
        return Elementwise.applyInPlace("addcmul_", Arithmetic.ADDCMUL, new Object[] {this, a, b}, value);
    }

    /** Returns {@code this + value * a / b}. */
    public Tensor addcdiv(Tensor a, Tensor b, Scalar value) {
        return Arithmetic.addcdiv(this, a, b, value);
    }

    /** As {@link #addcdiv}, in place. */
    public Tensor addcdiv_(Tensor a, Tensor b, Scalar value) {
        return Arithmetic.addcdivInPlace(this, a, b, value);
    }

    /** Returns {@code log(e^this + e^other)} without overflow. Source: {@code torch.logaddexp}. */
    public Tensor logaddexp(Tensor other) {
        return Guarded.logaddexp(this, other);
    }

    /** Returns {@code this * log(other)}, 0 where this is 0. Source: {@code torch.xlogy}. */
    public Tensor xlogy(Tensor other) {
        return Guarded.xlogy(this, other);
    }

    /** Returns {@code log(x / (1 - x))}. Source: {@code torch.logit}. */
    public Tensor logit() {
        return Guarded.logit(this);
    }

    /** As {@link #logit()} of the elements limited to {@code [eps, 1 - eps]}. */
    public Tensor logit(double eps) {
        return Guarded.logit(this, eps);
    }

    /** Returns a copy with 0 for NaN and the largest finite numbers for infinities. Source: {@code torch.nan_to_num}. */
    public Tensor nanToNum() {
        return nanToNum(0.0);
    }

    /** As {@link #nanToNum()}, with a value for NaN. */
    public Tensor nanToNum(double nan) {
        double largest = Guarded.largest(dtype());
        return Guarded.nanToNum(this, nan, largest, -largest);
    }

    /** As {@link #nanToNum()}, with values for NaN and both infinities. */
    public Tensor nanToNum(double nan, double posinf, double neginf) {
        return Guarded.nanToNum(this, nan, posinf, neginf);
    }

    /** Returns each element rounded half to even at a decimal place; negative places lie left of the point. Source: {@code torch.round}. */
    public Tensor round(int decimals) {
        return Guarded.round(this, decimals);
    }

    /** Returns which elements differ by at most {@code 1e-8 + 1e-5 * |other|}; NaN is close to nothing. Source: {@code torch.isclose}. */
    public Tensor isclose(Tensor other) {
        return isclose(other, 1e-5, 1e-8, false);
    }

    /**
     * Returns which elements are equal, or finite and at most {@code atol + rtol * |other|} apart.
     *
     * @param equalNan whether NaN is close to NaN
     * @throws DTypeException if the types differ
     */
    public Tensor isclose(Tensor other, double rtol, double atol, boolean equalNan) {
        return Guarded.isclose(this, other, rtol, atol, equalNan);
    }

    /** Tells whether all elements are close; see {@link #isclose(Tensor)}. Waits for the device. */
    public boolean allclose(Tensor other) {
        return allclose(other, 1e-5, 1e-8, false);
    }

    /** Tells whether all elements are close; see {@link #isclose(Tensor, double, double, boolean)}. Waits for the device. */
    public boolean allclose(Tensor other, double rtol, double atol, boolean equalNan) {
        return Guarded.allclose(this, other, rtol, atol, equalNan);
    }

    /** Tells whether shape and all elements are the same; NaN equals nothing. Waits for the device. Source: {@code torch.equal}. */
    public boolean equal(Tensor other) {
        return Guarded.equal(this, other);
    }

    /** Returns the type of a result of two tensors by the rules of promotion. Source: {@code torch.result_type}. */
    public static DType resultType(Tensor a, Tensor b) {
        return Promotion.resultType(a, b);
    }

    /** Returns the type of a result of a tensor and a plain number. */
    public static DType resultType(Tensor a, Scalar b) {
        return Promotion.resultType(a, b);
    }

    /** Returns {@code e^x}, element by element; integers give float32. Source: {@code torch.exp}. */
    public Tensor exp() {
        return Elementwise.apply(Arithmetic.EXP, this);
    }

    /** Returns {@code 2^x}, element by element; integers give float32. Source: {@code torch.exp2}. */
    public Tensor exp2() {
        return Elementwise.apply(Arithmetic.EXP2, this);
    }

    /** Returns {@code e^x - 1, accurate near 0}, element by element; integers give float32. Source: {@code torch.expm1}. */
    public Tensor expm1() {
        return Elementwise.apply(Arithmetic.EXPM1, this);
    }

    /** Returns the natural logarithm, element by element; integers give float32. Source: {@code torch.log}. */
    public Tensor log() {
        return Elementwise.apply(Arithmetic.LOG, this);
    }

    /** Returns the logarithm to base 2, element by element; integers give float32. Source: {@code torch.log2}. */
    public Tensor log2() {
        return Elementwise.apply(Arithmetic.LOG2, this);
    }

    /** Returns the logarithm to base 10, element by element; integers give float32. Source: {@code torch.log10}. */
    public Tensor log10() {
        return Elementwise.apply(Arithmetic.LOG10, this);
    }

    /** Returns {@code log(1 + x), accurate near 0}, element by element; integers give float32. Source: {@code torch.log1p}. */
    public Tensor log1p() {
        return Elementwise.apply(Arithmetic.LOG1P, this);
    }

    /** Returns the square root, element by element; integers give float32. Source: {@code torch.sqrt}. */
    public Tensor sqrt() {
        return Elementwise.apply(Arithmetic.SQRT, this);
    }

    /** Returns {@code 1 / sqrt(x)}, element by element; integers give float32. Source: {@code torch.rsqrt}. */
    public Tensor rsqrt() {
        return Elementwise.apply(Arithmetic.RSQRT, this);
    }

    /** Returns 1 / x, element by element; integers give float32. Source: {@code torch.reciprocal}. */
    public Tensor reciprocal() {
        return Elementwise.apply(Arithmetic.RECIPROCAL, this);
    }

    /** Returns the sine of radians, element by element; integers give float32. Source: {@code torch.sin}. */
    public Tensor sin() {
        return Elementwise.apply(Arithmetic.SIN, this);
    }

    /** Returns the cosine of radians, element by element; integers give float32. Source: {@code torch.cos}. */
    public Tensor cos() {
        return Elementwise.apply(Arithmetic.COS, this);
    }

    /** Returns the tangent of radians, element by element; integers give float32. Source: {@code torch.tan}. */
    public Tensor tan() {
        return Elementwise.apply(Arithmetic.TAN, this);
    }

    /** Returns the arc sine, element by element; integers give float32. Source: {@code torch.asin}. */
    public Tensor asin() {
        return Elementwise.apply(Arithmetic.ASIN, this);
    }

    /** Returns the arc cosine, element by element; integers give float32. Source: {@code torch.acos}. */
    public Tensor acos() {
        return Elementwise.apply(Arithmetic.ACOS, this);
    }

    /** Returns the arc tangent, element by element; integers give float32. Source: {@code torch.atan}. */
    public Tensor atan() {
        return Elementwise.apply(Arithmetic.ATAN, this);
    }

    /** Returns the hyperbolic sine, element by element; integers give float32. Source: {@code torch.sinh}. */
    public Tensor sinh() {
        return Elementwise.apply(Arithmetic.SINH, this);
    }

    /** Returns the hyperbolic cosine, element by element; integers give float32. Source: {@code torch.cosh}. */
    public Tensor cosh() {
        return Elementwise.apply(Arithmetic.COSH, this);
    }

    /** Returns the hyperbolic tangent, element by element; integers give float32. Source: {@code torch.tanh}. */
    public Tensor tanh() {
        return Elementwise.apply(Arithmetic.TANH, this);
    }

    /** Returns the inverse hyperbolic sine, element by element; integers give float32. Source: {@code torch.asinh}. */
    public Tensor asinh() {
        return Elementwise.apply(Arithmetic.ASINH, this);
    }

    /** Returns the inverse hyperbolic cosine, element by element; integers give float32. Source: {@code torch.acosh}. */
    public Tensor acosh() {
        return Elementwise.apply(Arithmetic.ACOSH, this);
    }

    /** Returns the inverse hyperbolic tangent, element by element; integers give float32. Source: {@code torch.atanh}. */
    public Tensor atanh() {
        return Elementwise.apply(Arithmetic.ATANH, this);
    }

    /** Returns {@code 1 / (1 + e^-x)}, element by element; integers give float32. Source: {@code torch.sigmoid}. */
    public Tensor sigmoid() {
        return Elementwise.apply(Arithmetic.SIGMOID, this);
    }

    /** Returns the error function, element by element; integers give float32. Source: {@code torch.erf}. */
    public Tensor erf() {
        return Elementwise.apply(Arithmetic.ERF, this);
    }

    /** Returns {@code 1 - erf(x), accurate for large x}, element by element; integers give float32. Source: {@code torch.erfc}. */
    public Tensor erfc() {
        return Elementwise.apply(Arithmetic.ERFC, this);
    }

    /** Returns the inverse of the error function, infinite at -1 and 1 and NaN beyond; integers give float32. Source: {@code torch.erfinv}. */
    public Tensor erfinv() {
        return Special.erfinv(this);
    }

    /** Returns the logarithm of the magnitude of the gamma function, element by element; integers give float32. Source: {@code torch.lgamma}. */
    public Tensor lgamma() {
        return Special.lgamma(this);
    }

    /** Returns the logarithmic derivative of the gamma function, element by element; integers give float32. Source: {@code torch.digamma}. */
    public Tensor digamma() {
        return Special.digamma(this);
    }

    /** Returns the largest integer not above x; gradient 0, element by element, in the tensor's type. Source: {@code torch.floor}. */
    public Tensor floor() {
        return Elementwise.apply(Arithmetic.FLOOR, this);
    }

    /** Returns the smallest integer not below x; gradient 0, element by element, in the tensor's type. Source: {@code torch.ceil}. */
    public Tensor ceil() {
        return Elementwise.apply(Arithmetic.CEIL, this);
    }

    /** Returns the nearest integer, halves to even; gradient 0, element by element, in the tensor's type. Source: {@code torch.round}. */
    public Tensor round() {
        return Elementwise.apply(Arithmetic.ROUND, this);
    }

    /** Returns the integer part; gradient 0, element by element, in the tensor's type. Source: {@code torch.trunc}. */
    public Tensor trunc() {
        return Elementwise.apply(Arithmetic.TRUNC, this);
    }

    /** Returns x - trunc(x), element by element, in the tensor's type. Source: {@code torch.frac}. */
    public Tensor frac() {
        return Elementwise.apply(Arithmetic.FRAC, this);
    }

    /** Returns the magnitude; gradient 0 at 0, element by element, in the tensor's type. Source: {@code torch.abs}. */
    public Tensor abs() {
        return Elementwise.apply(Arithmetic.ABS, this);
    }

    /** Returns -1, 0 or 1; gradient 0, element by element, in the tensor's type. Source: {@code torch.sign}. */
    public Tensor sign() {
        return Elementwise.apply(Arithmetic.SIGN, this);
    }

    /** Returns x * x, element by element, in the tensor's type. Source: {@code torch.square}. */
    public Tensor square() {
        return Elementwise.apply(Arithmetic.SQUARE, this);
    }

    /** Returns max(x, 0); gradient 0 at 0, element by element, in the tensor's type. Source: {@code torch.relu}. */
    public Tensor relu() {
        return Elementwise.apply(Arithmetic.RELU, this);
    }

    /** As {@link #exp()}, in place. */
    public Tensor exp_() {
        return Elementwise.applyInPlace("exp_", Arithmetic.EXP, new Object[] {this});
    }

    /** As {@link #exp2()}, in place. */
    public Tensor exp2_() {
        return Elementwise.applyInPlace("exp2_", Arithmetic.EXP2, new Object[] {this});
    }

    /** As {@link #expm1()}, in place. */
    public Tensor expm1_() {
        return Elementwise.applyInPlace("expm1_", Arithmetic.EXPM1, new Object[] {this});
    }

    /** As {@link #log()}, in place. */
    public Tensor log_() {
        return Elementwise.applyInPlace("log_", Arithmetic.LOG, new Object[] {this});
    }

    /** As {@link #log2()}, in place. */
    public Tensor log2_() {
        return Elementwise.applyInPlace("log2_", Arithmetic.LOG2, new Object[] {this});
    }

    /** As {@link #log10()}, in place. */
    public Tensor log10_() {
        return Elementwise.applyInPlace("log10_", Arithmetic.LOG10, new Object[] {this});
    }

    /** As {@link #log1p()}, in place. */
    public Tensor log1p_() {
        return Elementwise.applyInPlace("log1p_", Arithmetic.LOG1P, new Object[] {this});
    }

    /** As {@link #sqrt()}, in place. */
    public Tensor sqrt_() {
        return Elementwise.applyInPlace("sqrt_", Arithmetic.SQRT, new Object[] {this});
    }

    /** As {@link #rsqrt()}, in place. */
    public Tensor rsqrt_() {
        return Elementwise.applyInPlace("rsqrt_", Arithmetic.RSQRT, new Object[] {this});
    }

    /** As {@link #reciprocal()}, in place. */
    public Tensor reciprocal_() {
        return Elementwise.applyInPlace("reciprocal_", Arithmetic.RECIPROCAL, new Object[] {this});
    }

    /** As {@link #sin()}, in place. */
    public Tensor sin_() {
        return Elementwise.applyInPlace("sin_", Arithmetic.SIN, new Object[] {this});
    }

    /** As {@link #cos()}, in place. */
    public Tensor cos_() {
        return Elementwise.applyInPlace("cos_", Arithmetic.COS, new Object[] {this});
    }

    /** As {@link #tan()}, in place. */
    public Tensor tan_() {
        return Elementwise.applyInPlace("tan_", Arithmetic.TAN, new Object[] {this});
    }

    /** As {@link #asin()}, in place. */
    public Tensor asin_() {
        return Elementwise.applyInPlace("asin_", Arithmetic.ASIN, new Object[] {this});
    }

    /** As {@link #acos()}, in place. */
    public Tensor acos_() {
        return Elementwise.applyInPlace("acos_", Arithmetic.ACOS, new Object[] {this});
    }

    /** As {@link #atan()}, in place. */
    public Tensor atan_() {
        return Elementwise.applyInPlace("atan_", Arithmetic.ATAN, new Object[] {this});
    }

    /** As {@link #sinh()}, in place. */
    public Tensor sinh_() {
        return Elementwise.applyInPlace("sinh_", Arithmetic.SINH, new Object[] {this});
    }

    /** As {@link #cosh()}, in place. */
    public Tensor cosh_() {
        return Elementwise.applyInPlace("cosh_", Arithmetic.COSH, new Object[] {this});
    }

    /** As {@link #tanh()}, in place. */
    public Tensor tanh_() {
        return Elementwise.applyInPlace("tanh_", Arithmetic.TANH, new Object[] {this});
    }

    /** As {@link #asinh()}, in place. */
    public Tensor asinh_() {
        return Elementwise.applyInPlace("asinh_", Arithmetic.ASINH, new Object[] {this});
    }

    /** As {@link #acosh()}, in place. */
    public Tensor acosh_() {
        return Elementwise.applyInPlace("acosh_", Arithmetic.ACOSH, new Object[] {this});
    }

    /** As {@link #atanh()}, in place. */
    public Tensor atanh_() {
        return Elementwise.applyInPlace("atanh_", Arithmetic.ATANH, new Object[] {this});
    }

    /** As {@link #sigmoid()}, in place. */
    public Tensor sigmoid_() {
        return Elementwise.applyInPlace("sigmoid_", Arithmetic.SIGMOID, new Object[] {this});
    }

    /** As {@link #erf()}, in place. */
    public Tensor erf_() {
        return Elementwise.applyInPlace("erf_", Arithmetic.ERF, new Object[] {this});
    }

    /** As {@link #erfc()}, in place. */
    public Tensor erfc_() {
        return Elementwise.applyInPlace("erfc_", Arithmetic.ERFC, new Object[] {this});
    }

    /** As {@link #floor()}, in place. */
    public Tensor floor_() {
        return Elementwise.applyInPlace("floor_", Arithmetic.FLOOR, new Object[] {this});
    }

    /** As {@link #ceil()}, in place. */
    public Tensor ceil_() {
        return Elementwise.applyInPlace("ceil_", Arithmetic.CEIL, new Object[] {this});
    }

    /** As {@link #round()}, in place. */
    public Tensor round_() {
        return Elementwise.applyInPlace("round_", Arithmetic.ROUND, new Object[] {this});
    }

    /** As {@link #trunc()}, in place. */
    public Tensor trunc_() {
        return Elementwise.applyInPlace("trunc_", Arithmetic.TRUNC, new Object[] {this});
    }

    /** As {@link #frac()}, in place. */
    public Tensor frac_() {
        return Elementwise.applyInPlace("frac_", Arithmetic.FRAC, new Object[] {this});
    }

    /** As {@link #abs()}, in place. */
    public Tensor abs_() {
        return Elementwise.applyInPlace("abs_", Arithmetic.ABS, new Object[] {this});
    }

    /** As {@link #sign()}, in place. */
    public Tensor sign_() {
        return Elementwise.applyInPlace("sign_", Arithmetic.SIGN, new Object[] {this});
    }

    /** As {@link #square()}, in place. */
    public Tensor square_() {
        return Elementwise.applyInPlace("square_", Arithmetic.SQUARE, new Object[] {this});
    }

    /** As {@link #relu()}, in place. */
    public Tensor relu_() {
        return Elementwise.applyInPlace("relu_", Arithmetic.RELU, new Object[] {this});
    }

    /** Returns the sum. Operands broadcast and are promoted to a common type. Source: {@code torch.add}. */
    public Tensor add(Tensor other) {
        return Arithmetic.add(this, other);
    }

    /** As {@link #add(Tensor)}, with a plain number. */
    public Tensor add(double other) {
        return Arithmetic.add(this, Scalar.of(other));
    }

    /** As {@link #add(Tensor)}, with a plain number. */
    public Tensor add(long other) {
        return Arithmetic.add(this, Scalar.of(other));
    }

    /** As {@link #add(Tensor)}, with a plain number. */
    public Tensor add(Scalar other) {
        return Arithmetic.add(this, other);
    }

    /** Returns the difference. Operands broadcast and are promoted to a common type. Source: {@code torch.sub}. */
    public Tensor sub(Tensor other) {
        return Arithmetic.sub(this, other);
    }

    /** As {@link #sub(Tensor)}, with a plain number. */
    public Tensor sub(double other) {
        return Arithmetic.sub(this, Scalar.of(other));
    }

    /** As {@link #sub(Tensor)}, with a plain number. */
    public Tensor sub(long other) {
        return Arithmetic.sub(this, Scalar.of(other));
    }

    /** As {@link #sub(Tensor)}, with a plain number. */
    public Tensor sub(Scalar other) {
        return Arithmetic.sub(this, other);
    }

    /** Returns the product. Operands broadcast and are promoted to a common type. Source: {@code torch.mul}. */
    public Tensor mul(Tensor other) {
        return Elementwise.apply(Arithmetic.MUL, new Object[] {this, other});
    }

    /** As {@link #mul(Tensor)}, with a plain number. */
    public Tensor mul(double other) {
        return Elementwise.apply(Arithmetic.MUL, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #mul(Tensor)}, with a plain number. */
    public Tensor mul(long other) {
        return Elementwise.apply(Arithmetic.MUL, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #mul(Tensor)}, with a plain number. */
    public Tensor mul(Scalar other) {
        return Elementwise.apply(Arithmetic.MUL, new Object[] {this, other});
    }

    /** Returns the quotient, true division: integers give float32. Operands broadcast and are promoted to a common type. Source: {@code torch.div}. */
    public Tensor div(Tensor other) {
        return Elementwise.apply(Arithmetic.DIV, new Object[] {this, other});
    }

    /** As {@link #div(Tensor)}, with a plain number. */
    public Tensor div(double other) {
        return Elementwise.apply(Arithmetic.DIV, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #div(Tensor)}, with a plain number. */
    public Tensor div(long other) {
        return Elementwise.apply(Arithmetic.DIV, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #div(Tensor)}, with a plain number. */
    public Tensor div(Scalar other) {
        return Elementwise.apply(Arithmetic.DIV, new Object[] {this, other});
    }

    /** Returns the quotient rounded down. Operands broadcast and are promoted to a common type. Source: {@code torch.floor_divide}. */
    public Tensor floorDivide(Tensor other) {
        return Elementwise.apply(Arithmetic.DIV_FLOOR, new Object[] {this, other});
    }

    /** As {@link #floorDivide(Tensor)}, with a plain number. */
    public Tensor floorDivide(double other) {
        return Elementwise.apply(Arithmetic.DIV_FLOOR, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #floorDivide(Tensor)}, with a plain number. */
    public Tensor floorDivide(long other) {
        return Elementwise.apply(Arithmetic.DIV_FLOOR, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #floorDivide(Tensor)}, with a plain number. */
    public Tensor floorDivide(Scalar other) {
        return Elementwise.apply(Arithmetic.DIV_FLOOR, new Object[] {this, other});
    }

    /** Returns the remainder with the sign of the divisor. Operands broadcast and are promoted to a common type. Source: {@code torch.remainder}. */
    public Tensor remainder(Tensor other) {
        return Elementwise.apply(Arithmetic.REMAINDER, new Object[] {this, other});
    }

    /** As {@link #remainder(Tensor)}, with a plain number. */
    public Tensor remainder(double other) {
        return Elementwise.apply(Arithmetic.REMAINDER, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #remainder(Tensor)}, with a plain number. */
    public Tensor remainder(long other) {
        return Elementwise.apply(Arithmetic.REMAINDER, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #remainder(Tensor)}, with a plain number. */
    public Tensor remainder(Scalar other) {
        return Elementwise.apply(Arithmetic.REMAINDER, new Object[] {this, other});
    }

    /** Returns the remainder with the sign of the dividend. Operands broadcast and are promoted to a common type. Source: {@code torch.fmod}. */
    public Tensor fmod(Tensor other) {
        return Elementwise.apply(Arithmetic.FMOD, new Object[] {this, other});
    }

    /** As {@link #fmod(Tensor)}, with a plain number. */
    public Tensor fmod(double other) {
        return Elementwise.apply(Arithmetic.FMOD, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #fmod(Tensor)}, with a plain number. */
    public Tensor fmod(long other) {
        return Elementwise.apply(Arithmetic.FMOD, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #fmod(Tensor)}, with a plain number. */
    public Tensor fmod(Scalar other) {
        return Elementwise.apply(Arithmetic.FMOD, new Object[] {this, other});
    }

    /** Returns this to the power of the other. Operands broadcast and are promoted to a common type. Source: {@code torch.pow}. */
    public Tensor pow(Tensor other) {
        return Arithmetic.pow(this, other);
    }

    /** As {@link #pow(Tensor)}, with a plain number. */
    public Tensor pow(double other) {
        return Arithmetic.pow(this, Scalar.of(other));
    }

    /** As {@link #pow(Tensor)}, with a plain number. */
    public Tensor pow(long other) {
        return Arithmetic.pow(this, Scalar.of(other));
    }

    /** As {@link #pow(Tensor)}, with a plain number. */
    public Tensor pow(Scalar other) {
        return Arithmetic.pow(this, other);
    }

    /** Returns whether each element equals the other, as bool. Operands broadcast and are promoted to a common type. Source: {@code torch.eq}. */
    public Tensor eq(Tensor other) {
        return Elementwise.apply(Arithmetic.EQ, new Object[] {this, other});
    }

    /** As {@link #eq(Tensor)}, with a plain number. */
    public Tensor eq(double other) {
        return Elementwise.apply(Arithmetic.EQ, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #eq(Tensor)}, with a plain number. */
    public Tensor eq(long other) {
        return Elementwise.apply(Arithmetic.EQ, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #eq(Tensor)}, with a plain number. */
    public Tensor eq(Scalar other) {
        return Elementwise.apply(Arithmetic.EQ, new Object[] {this, other});
    }

    /** Returns whether each element differs from the other, as bool. Operands broadcast and are promoted to a common type. Source: {@code torch.ne}. */
    public Tensor ne(Tensor other) {
        return Elementwise.apply(Arithmetic.NE, new Object[] {this, other});
    }

    /** As {@link #ne(Tensor)}, with a plain number. */
    public Tensor ne(double other) {
        return Elementwise.apply(Arithmetic.NE, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #ne(Tensor)}, with a plain number. */
    public Tensor ne(long other) {
        return Elementwise.apply(Arithmetic.NE, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #ne(Tensor)}, with a plain number. */
    public Tensor ne(Scalar other) {
        return Elementwise.apply(Arithmetic.NE, new Object[] {this, other});
    }

    /** Returns whether each element is less than the other, as bool. Operands broadcast and are promoted to a common type. Source: {@code torch.lt}. */
    public Tensor lt(Tensor other) {
        return Elementwise.apply(Arithmetic.LT, new Object[] {this, other});
    }

    /** As {@link #lt(Tensor)}, with a plain number. */
    public Tensor lt(double other) {
        return Elementwise.apply(Arithmetic.LT, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #lt(Tensor)}, with a plain number. */
    public Tensor lt(long other) {
        return Elementwise.apply(Arithmetic.LT, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #lt(Tensor)}, with a plain number. */
    public Tensor lt(Scalar other) {
        return Elementwise.apply(Arithmetic.LT, new Object[] {this, other});
    }

    /** Returns whether each element is at most the other, as bool. Operands broadcast and are promoted to a common type. Source: {@code torch.le}. */
    public Tensor le(Tensor other) {
        return Elementwise.apply(Arithmetic.LE, new Object[] {this, other});
    }

    /** As {@link #le(Tensor)}, with a plain number. */
    public Tensor le(double other) {
        return Elementwise.apply(Arithmetic.LE, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #le(Tensor)}, with a plain number. */
    public Tensor le(long other) {
        return Elementwise.apply(Arithmetic.LE, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #le(Tensor)}, with a plain number. */
    public Tensor le(Scalar other) {
        return Elementwise.apply(Arithmetic.LE, new Object[] {this, other});
    }

    /** Returns whether each element is greater than the other, as bool. Operands broadcast and are promoted to a common type. Source: {@code torch.gt}. */
    public Tensor gt(Tensor other) {
        return Elementwise.apply(Arithmetic.GT, new Object[] {this, other});
    }

    /** As {@link #gt(Tensor)}, with a plain number. */
    public Tensor gt(double other) {
        return Elementwise.apply(Arithmetic.GT, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #gt(Tensor)}, with a plain number. */
    public Tensor gt(long other) {
        return Elementwise.apply(Arithmetic.GT, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #gt(Tensor)}, with a plain number. */
    public Tensor gt(Scalar other) {
        return Elementwise.apply(Arithmetic.GT, new Object[] {this, other});
    }

    /** Returns whether each element is at least the other, as bool. Operands broadcast and are promoted to a common type. Source: {@code torch.ge}. */
    public Tensor ge(Tensor other) {
        return Elementwise.apply(Arithmetic.GE, new Object[] {this, other});
    }

    /** As {@link #ge(Tensor)}, with a plain number. */
    public Tensor ge(double other) {
        return Elementwise.apply(Arithmetic.GE, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #ge(Tensor)}, with a plain number. */
    public Tensor ge(long other) {
        return Elementwise.apply(Arithmetic.GE, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #ge(Tensor)}, with a plain number. */
    public Tensor ge(Scalar other) {
        return Elementwise.apply(Arithmetic.GE, new Object[] {this, other});
    }

    /** Returns the larger of both; NaN wins, ties share the gradient. Operands broadcast and are promoted to a common type. Source: {@code torch.maximum}. */
    public Tensor maximum(Tensor other) {
        return Elementwise.apply(Arithmetic.MAXIMUM, new Object[] {this, other});
    }

    /** Returns the smaller of both; NaN wins, ties share the gradient. Operands broadcast and are promoted to a common type. Source: {@code torch.minimum}. */
    public Tensor minimum(Tensor other) {
        return Elementwise.apply(Arithmetic.MINIMUM, new Object[] {this, other});
    }

    /** Returns the larger of both; a number wins against NaN. Operands broadcast and are promoted to a common type. Source: {@code torch.fmax}. */
    public Tensor fmax(Tensor other) {
        return Elementwise.apply(Arithmetic.FMAX, new Object[] {this, other});
    }

    /** Returns the smaller of both; a number wins against NaN. Operands broadcast and are promoted to a common type. Source: {@code torch.fmin}. */
    public Tensor fmin(Tensor other) {
        return Elementwise.apply(Arithmetic.FMIN, new Object[] {this, other});
    }

    /** Returns the angle of the point (other, this) in radians. Operands broadcast and are promoted to a common type. Source: {@code torch.atan2}. */
    public Tensor atan2(Tensor other) {
        return Elementwise.apply(Arithmetic.ATAN2, new Object[] {this, other});
    }

    /** Returns sqrt(this^2 + other^2) without overflow. Operands broadcast and are promoted to a common type. Source: {@code torch.hypot}. */
    public Tensor hypot(Tensor other) {
        return Elementwise.apply(Arithmetic.HYPOT, new Object[] {this, other});
    }

    /** Returns this magnitude with the other's sign. Operands broadcast and are promoted to a common type. Source: {@code torch.copysign}. */
    public Tensor copysign(Tensor other) {
        return Elementwise.apply(Arithmetic.COPYSIGN, new Object[] {this, other});
    }

    /** Returns whether both are not 0. Operands broadcast and are promoted to a common type. Source: {@code torch.logical_and}. */
    public Tensor logicalAnd(Tensor other) {
        return Elementwise.apply(Arithmetic.LOGICAL_AND, new Object[] {this, other});
    }

    /** Returns whether one of both is not 0. Operands broadcast and are promoted to a common type. Source: {@code torch.logical_or}. */
    public Tensor logicalOr(Tensor other) {
        return Elementwise.apply(Arithmetic.LOGICAL_OR, new Object[] {this, other});
    }

    /** Returns whether exactly one of both is not 0. Operands broadcast and are promoted to a common type. Source: {@code torch.logical_xor}. */
    public Tensor logicalXor(Tensor other) {
        return Elementwise.apply(Arithmetic.LOGICAL_XOR, new Object[] {this, other});
    }

    /** Returns the bitwise and of integers, the logical of bool. Source: {@code torch.bitwise_and}. */
    public Tensor bitwiseAnd(Tensor other) {
        Arithmetic.bitwise("bitwiseAnd", this, other);
        return Elementwise.apply(Arithmetic.AND, new Object[] {this, other});
    }

    /** As {@link #bitwiseAnd(Tensor)}, with a plain number. */
    public Tensor bitwiseAnd(long other) {
        Arithmetic.bitwise("bitwiseAnd", this, Scalar.of(other));
        return Elementwise.apply(Arithmetic.AND, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #bitwiseAnd(Tensor)}, with a plain number. */
    public Tensor bitwiseAnd(Scalar other) {
        Arithmetic.bitwise("bitwiseAnd", this, other);
        return Elementwise.apply(Arithmetic.AND, new Object[] {this, other});
    }

    /** Returns the bitwise or of integers, the logical of bool. Source: {@code torch.bitwise_or}. */
    public Tensor bitwiseOr(Tensor other) {
        Arithmetic.bitwise("bitwiseOr", this, other);
        return Elementwise.apply(Arithmetic.OR, new Object[] {this, other});
    }

    /** As {@link #bitwiseOr(Tensor)}, with a plain number. */
    public Tensor bitwiseOr(long other) {
        Arithmetic.bitwise("bitwiseOr", this, Scalar.of(other));
        return Elementwise.apply(Arithmetic.OR, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #bitwiseOr(Tensor)}, with a plain number. */
    public Tensor bitwiseOr(Scalar other) {
        Arithmetic.bitwise("bitwiseOr", this, other);
        return Elementwise.apply(Arithmetic.OR, new Object[] {this, other});
    }

    /** Returns the bitwise exclusive or of integers, the logical of bool. Source: {@code torch.bitwise_xor}. */
    public Tensor bitwiseXor(Tensor other) {
        Arithmetic.bitwise("bitwiseXor", this, other);
        return Elementwise.apply(Arithmetic.XOR, new Object[] {this, other});
    }

    /** As {@link #bitwiseXor(Tensor)}, with a plain number. */
    public Tensor bitwiseXor(long other) {
        Arithmetic.bitwise("bitwiseXor", this, Scalar.of(other));
        return Elementwise.apply(Arithmetic.XOR, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #bitwiseXor(Tensor)}, with a plain number. */
    public Tensor bitwiseXor(Scalar other) {
        Arithmetic.bitwise("bitwiseXor", this, other);
        return Elementwise.apply(Arithmetic.XOR, new Object[] {this, other});
    }

    /** Returns this shifted left by the other. Source: {@code torch.bitwise_left_shift}. */
    public Tensor bitwiseLeftShift(Tensor other) {
        Arithmetic.bitwise("bitwiseLeftShift", this, other);
        return Elementwise.apply(Arithmetic.SHL, new Object[] {this, other});
    }

    /** As {@link #bitwiseLeftShift(Tensor)}, with a plain number. */
    public Tensor bitwiseLeftShift(long other) {
        Arithmetic.bitwise("bitwiseLeftShift", this, Scalar.of(other));
        return Elementwise.apply(Arithmetic.SHL, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #bitwiseLeftShift(Tensor)}, with a plain number. */
    public Tensor bitwiseLeftShift(Scalar other) {
        Arithmetic.bitwise("bitwiseLeftShift", this, other);
        return Elementwise.apply(Arithmetic.SHL, new Object[] {this, other});
    }

    /** Returns this shifted right by the other, keeping the sign. Source: {@code torch.bitwise_right_shift}. */
    public Tensor bitwiseRightShift(Tensor other) {
        Arithmetic.bitwise("bitwiseRightShift", this, other);
        return Elementwise.apply(Arithmetic.SHR, new Object[] {this, other});
    }

    /** As {@link #bitwiseRightShift(Tensor)}, with a plain number. */
    public Tensor bitwiseRightShift(long other) {
        Arithmetic.bitwise("bitwiseRightShift", this, Scalar.of(other));
        return Elementwise.apply(Arithmetic.SHR, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #bitwiseRightShift(Tensor)}, with a plain number. */
    public Tensor bitwiseRightShift(Scalar other) {
        Arithmetic.bitwise("bitwiseRightShift", this, other);
        return Elementwise.apply(Arithmetic.SHR, new Object[] {this, other});
    }

    /** As {@link #add(Tensor)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor add_(Tensor other) {
        return Elementwise.applyInPlace("add_", Arithmetic.ADD, new Object[] {this, other});
    }

    /** As {@link #add(double)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor add_(double other) {
        return Elementwise.applyInPlace("add_", Arithmetic.ADD, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #add(long)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor add_(long other) {
        return Elementwise.applyInPlace("add_", Arithmetic.ADD, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #add(Scalar)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor add_(Scalar other) {
        return Elementwise.applyInPlace("add_", Arithmetic.ADD, new Object[] {this, other});
    }

    /** As {@link #sub(Tensor)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor sub_(Tensor other) {
        return Arithmetic.subInPlace(this, other);
    }

    /** As {@link #sub(double)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor sub_(double other) {
        return Arithmetic.subInPlace(this, Scalar.of(other));
    }

    /** As {@link #sub(long)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor sub_(long other) {
        return Arithmetic.subInPlace(this, Scalar.of(other));
    }

    /** As {@link #sub(Scalar)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor sub_(Scalar other) {
        return Arithmetic.subInPlace(this, other);
    }

    /** As {@link #mul(Tensor)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor mul_(Tensor other) {
        return Elementwise.applyInPlace("mul_", Arithmetic.MUL, new Object[] {this, other});
    }

    /** As {@link #mul(double)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor mul_(double other) {
        return Elementwise.applyInPlace("mul_", Arithmetic.MUL, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #mul(long)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor mul_(long other) {
        return Elementwise.applyInPlace("mul_", Arithmetic.MUL, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #mul(Scalar)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor mul_(Scalar other) {
        return Elementwise.applyInPlace("mul_", Arithmetic.MUL, new Object[] {this, other});
    }

    /** As {@link #div(Tensor)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor div_(Tensor other) {
        return Elementwise.applyInPlace("div_", Arithmetic.DIV, new Object[] {this, other});
    }

    /** As {@link #div(double)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor div_(double other) {
        return Elementwise.applyInPlace("div_", Arithmetic.DIV, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #div(long)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor div_(long other) {
        return Elementwise.applyInPlace("div_", Arithmetic.DIV, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #div(Scalar)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor div_(Scalar other) {
        return Elementwise.applyInPlace("div_", Arithmetic.DIV, new Object[] {this, other});
    }

    /** As {@link #floorDivide(Tensor)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor floorDivide_(Tensor other) {
        return Elementwise.applyInPlace("floorDivide_", Arithmetic.DIV_FLOOR, new Object[] {this, other});
    }

    /** As {@link #floorDivide(double)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor floorDivide_(double other) {
        return Elementwise.applyInPlace("floorDivide_", Arithmetic.DIV_FLOOR, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #floorDivide(long)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor floorDivide_(long other) {
        return Elementwise.applyInPlace("floorDivide_", Arithmetic.DIV_FLOOR, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #floorDivide(Scalar)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor floorDivide_(Scalar other) {
        return Elementwise.applyInPlace("floorDivide_", Arithmetic.DIV_FLOOR, new Object[] {this, other});
    }

    /** As {@link #remainder(Tensor)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor remainder_(Tensor other) {
        return Elementwise.applyInPlace("remainder_", Arithmetic.REMAINDER, new Object[] {this, other});
    }

    /** As {@link #remainder(double)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor remainder_(double other) {
        return Elementwise.applyInPlace("remainder_", Arithmetic.REMAINDER, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #remainder(long)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor remainder_(long other) {
        return Elementwise.applyInPlace("remainder_", Arithmetic.REMAINDER, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #remainder(Scalar)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor remainder_(Scalar other) {
        return Elementwise.applyInPlace("remainder_", Arithmetic.REMAINDER, new Object[] {this, other});
    }

    /** As {@link #fmod(Tensor)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor fmod_(Tensor other) {
        return Elementwise.applyInPlace("fmod_", Arithmetic.FMOD, new Object[] {this, other});
    }

    /** As {@link #fmod(double)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor fmod_(double other) {
        return Elementwise.applyInPlace("fmod_", Arithmetic.FMOD, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #fmod(long)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor fmod_(long other) {
        return Elementwise.applyInPlace("fmod_", Arithmetic.FMOD, new Object[] {this, Scalar.of(other)});
    }

    /** As {@link #fmod(Scalar)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor fmod_(Scalar other) {
        return Elementwise.applyInPlace("fmod_", Arithmetic.FMOD, new Object[] {this, other});
    }

    /** As {@link #pow(Tensor)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor pow_(Tensor other) {
        return Arithmetic.powInPlace(this, other);
    }

    /** As {@link #pow(double)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor pow_(double other) {
        return Arithmetic.powInPlace(this, Scalar.of(other));
    }

    /** As {@link #pow(long)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor pow_(long other) {
        return Arithmetic.powInPlace(this, Scalar.of(other));
    }

    /** As {@link #pow(Scalar)}, in place; the result must fit into this tensor's shape and type. */
    public Tensor pow_(Scalar other) {
        return Arithmetic.powInPlace(this, other);
    }

    // ---- reductions

    /** Returns the sum of all elements; integers and bool give int64. Source: {@code torch.sum}. */
    public Tensor sum() {
        return Reductions.sum(this, new int[0], false);
    }

    /** Returns the sum over a dimension, which goes. */
    public Tensor sum(int dim) {
        return Reductions.sum(this, new int[] {dim}, false);
    }

    /** Returns the sum over a dimension. */
    public Tensor sum(int dim, boolean keepdim) {
        return Reductions.sum(this, new int[] {dim}, keepdim);
    }

    /** Returns the sum over dimensions; no dimensions mean all. */
    public Tensor sum(int[] dims, boolean keepdim) {
        return Reductions.sum(this, dims, keepdim);
    }

    /** Returns the sum over dimensions in another type; no dimensions mean all. */
    public Tensor sum(int[] dims, boolean keepdim, DType type) {
        return Reductions.sum(this, dims, keepdim, type);
    }

    /** Returns the mean of all elements, of a floating point type. Source: {@code torch.mean}. */
    public Tensor mean() {
        return Reductions.mean(this, new int[0], false, dtype());
    }

    /** Returns the mean over a dimension, which goes. */
    public Tensor mean(int dim) {
        return Reductions.mean(this, new int[] {dim}, false, dtype());
    }

    /** Returns the mean over a dimension. */
    public Tensor mean(int dim, boolean keepdim) {
        return Reductions.mean(this, new int[] {dim}, keepdim, dtype());
    }

    /** Returns the mean over dimensions; no dimensions mean all. */
    public Tensor mean(int[] dims, boolean keepdim) {
        return Reductions.mean(this, dims, keepdim, dtype());
    }

    /** Returns the mean over dimensions in another floating point type; no dimensions mean all. */
    public Tensor mean(int[] dims, boolean keepdim, DType type) {
        return Reductions.mean(this, dims, keepdim, type);
    }

    /** Returns the product of all elements; integers and bool give int64. Source: {@code torch.prod}. */
    public Tensor prod() {
        return Reductions.prod(this, new int[0], false, Reductions.wideType(dtype()));
    }

    /** Returns the product over a dimension. */
    public Tensor prod(int dim, boolean keepdim) {
        return Reductions.prod(this, new int[] {dim}, keepdim, Reductions.wideType(dtype()));
    }

    /** Returns the product over dimensions in another type; no dimensions mean all. */
    public Tensor prod(int[] dims, boolean keepdim, DType type) {
        return Reductions.prod(to(type), dims, keepdim, type);
    }

    /** Returns the sum of what is not NaN; no dimensions mean all. Source: {@code torch.nansum}. */
    public Tensor nansum(int[] dims, boolean keepdim) {
        return Reductions.nansum(this, dims, keepdim, Reductions.wideType(dtype()));
    }

    /** As {@link #nansum(int[], boolean)} in another type. */
    public Tensor nansum(int[] dims, boolean keepdim, DType type) {
        return Reductions.nansum(this, dims, keepdim, type);
    }

    /** Returns the largest element; NaN wins; equal ones share the gradient. Source: {@code torch.max}. */
    public Tensor max() {
        return Extremes.max(this);
    }

    /** Returns the largest element along a dimension, which goes, and its first index. Source: {@code torch.max}. */
    public ValuesIndices max(int dim) {
        return Extremes.max(this, dim, false);
    }

    /** Returns the largest element along a dimension and its first index; the gradient goes there. */
    public ValuesIndices max(int dim, boolean keepdim) {
        return Extremes.max(this, dim, keepdim);
    }

    /** Returns the smallest element; NaN wins; equal ones share the gradient. Source: {@code torch.min}. */
    public Tensor min() {
        return Extremes.min(this);
    }

    /** Returns the smallest element along a dimension, which goes, and its first index. Source: {@code torch.min}. */
    public ValuesIndices min(int dim) {
        return Extremes.min(this, dim, false);
    }

    /** Returns the smallest element along a dimension and its first index; the gradient goes there. */
    public ValuesIndices min(int dim, boolean keepdim) {
        return Extremes.min(this, dim, keepdim);
    }

    /** Returns the largest element over dimensions, all if none are given; equal ones share the gradient. Source: {@code torch.amax}. */
    public Tensor amax(int... dims) {
        return Extremes.amax(this, dims, false);
    }

    /** As {@link #amax(int...)}. */
    public Tensor amax(int[] dims, boolean keepdim) {
        return Extremes.amax(this, dims, keepdim);
    }

    /** Returns the smallest element over dimensions, all if none are given; equal ones share the gradient. Source: {@code torch.amin}. */
    public Tensor amin(int... dims) {
        return Extremes.amin(this, dims, false);
    }

    /** As {@link #amin(int...)}. */
    public Tensor amin(int[] dims, boolean keepdim) {
        return Extremes.amin(this, dims, keepdim);
    }

    /** Returns the first index of the largest element, counted in row-major order, int64. Source: {@code torch.argmax}. */
    public Tensor argmax() {
        return Extremes.argmax(this, new int[0], false);
    }

    /** Returns the first index of the largest element along a dimension, which goes. */
    public Tensor argmax(int dim) {
        return Extremes.argmax(this, new int[] {dim}, false);
    }

    /** Returns the first index of the largest element along a dimension. */
    public Tensor argmax(int dim, boolean keepdim) {
        return Extremes.argmax(this, new int[] {dim}, keepdim);
    }

    /** As {@link #argmax()}, with or without the dimensions as size 1. */
    public Tensor argmax(boolean keepdim) {
        return Extremes.argmax(this, new int[0], keepdim);
    }

    /** Returns the first index of the smallest element, counted in row-major order, int64. Source: {@code torch.argmin}. */
    public Tensor argmin() {
        return Extremes.argmin(this, new int[0], false);
    }

    /** Returns the first index of the smallest element along a dimension, which goes. */
    public Tensor argmin(int dim) {
        return Extremes.argmin(this, new int[] {dim}, false);
    }

    /** Returns the first index of the smallest element along a dimension. */
    public Tensor argmin(int dim, boolean keepdim) {
        return Extremes.argmin(this, new int[] {dim}, keepdim);
    }

    /** As {@link #argmin()}, with or without the dimensions as size 1. */
    public Tensor argmin(boolean keepdim) {
        return Extremes.argmin(this, new int[0], keepdim);
    }

    /** Returns the variance of all elements, divided by n - 1. Source: {@code torch.var}. */
    public Tensor var() {
        return Moments.var(this, new int[0], 1, false);
    }

    /** Returns the variance along a dimension, divided by n - 1. */
    public Tensor var(int dim) {
        return Moments.var(this, new int[] {dim}, 1, false);
    }

    /** Returns the variance over dimensions (none: all), divided by n - correction; too few elements give NaN. */
    public Tensor var(int[] dims, long correction, boolean keepdim) {
        return Moments.var(this, dims, correction, keepdim);
    }

    /** Returns the variance and the mean over dimensions, computed in one pass. Source: {@code torch.var_mean}. */
    public Tensor[] varMean(int[] dims, long correction, boolean keepdim) {
        return Moments.varMean(this, dims, correction, keepdim);
    }

    /** Returns the standard deviation of all elements, divided by n - 1. Source: {@code torch.std}. */
    public Tensor std() {
        return Moments.std(this, new int[0], 1, false);
    }

    /** Returns the standard deviation along a dimension, divided by n - 1. */
    public Tensor std(int dim) {
        return Moments.std(this, new int[] {dim}, 1, false);
    }

    /** Returns the standard deviation over dimensions (none: all), divided by n - correction; too few elements give NaN. */
    public Tensor std(int[] dims, long correction, boolean keepdim) {
        return Moments.std(this, dims, correction, keepdim);
    }

    /** Returns the standard deviation and the mean over dimensions, computed in one pass. Source: {@code torch.std_mean}. */
    public Tensor[] stdMean(int[] dims, long correction, boolean keepdim) {
        return Moments.stdMean(this, dims, correction, keepdim);
    }

    /** Returns the Euclidean norm of all elements; gradient 0 at a norm of 0. Source: {@code torch.norm}. */
    public Tensor norm() {
        return Norms.norm(this, 2, new int[0], false);
    }

    /** Returns the norm {@code (sum |x|^p)^(1/p)} of all elements; p may be infinite, 0 counts what is not 0. */
    public Tensor norm(double p) {
        return Norms.norm(this, p, new int[0], false);
    }

    /** Returns the norm {@code (sum |x|^p)^(1/p)} over dimensions; no dimensions mean all. */
    public Tensor norm(double p, int[] dims, boolean keepdim) {
        return Norms.norm(this, p, dims, keepdim);
    }

    /** As {@link #cdist(Tensor, double)} with Euclidean distances. */
    public Tensor cdist(Tensor other) {
        return Norms.cdist(this, other, 2);
    }

    /**
     * Returns the distances of all pairs of rows: {@code norm(this[i] - other[j])} of order p; gradient 0 at a distance of 0.
     *
     * <p>Shapes: {@code [.., P, M]} and {@code [.., R, M]}, whose leading dimensions broadcast, give {@code [.., P, R]}. The differences are
     * held in memory. Source: {@code torch.cdist}.
     *
     * @throws ShapeException if there are less than two dimensions or the last sizes differ
     */
    public Tensor cdist(Tensor other, double p) {
        return Norms.cdist(this, other, p);
    }

    /** Returns {@code log(sum(e^x))} over dimensions, without overflow. Source: {@code torch.logsumexp}. */
    public Tensor logsumexp(int... dims) {
        return Norms.logsumexp(this, dims, false);
    }

    /** As {@link #logsumexp(int...)}. */
    public Tensor logsumexp(int[] dims, boolean keepdim) {
        return Norms.logsumexp(this, dims, keepdim);
    }

    /** Returns whether any element is not 0, bool (uint8 for uint8, as in PyTorch). Source: {@code torch.any}. */
    public Tensor any() {
        return Reductions.any(this, new int[0], false);
    }

    /** As {@link #any(int, boolean)}, without the dimension. */
    public Tensor any(int dim) {
        return Reductions.any(this, new int[] {dim}, false);
    }

    /** Returns along a dimension whether any element is not 0. */
    public Tensor any(int dim, boolean keepdim) {
        return Reductions.any(this, new int[] {dim}, keepdim);
    }

    /** Returns whether all elements are not 0, bool (uint8 for uint8, as in PyTorch). Source: {@code torch.all}. */
    public Tensor all() {
        return Reductions.all(this, new int[0], false);
    }

    /** As {@link #all(int, boolean)}, without the dimension. */
    public Tensor all(int dim) {
        return Reductions.all(this, new int[] {dim}, false);
    }

    /** Returns along a dimension whether all elements are not 0. */
    public Tensor all(int dim, boolean keepdim) {
        return Reductions.all(this, new int[] {dim}, keepdim);
    }

    /** Returns the number of elements that are not 0, int64; no dimensions mean all. Source: {@code torch.count_nonzero}. */
    public Tensor countNonzero(int... dims) {
        return Reductions.countNonzero(this, dims);
    }

    /** Returns the lower median of all elements; NaN wins. Source: {@code torch.median}. */
    public Tensor median() {
        return Sorting.median(this);
    }

    /** Returns the lower median along a dimension and its index. */
    public ValuesIndices median(int dim, boolean keepdim) {
        return Sorting.median(this, dim, keepdim);
    }

    /** Returns the sums of the elements up to each one along a dimension; integers and bool give int64. Source: {@code torch.cumsum}. */
    public Tensor cumsum(int dim) {
        return Scans.cumsum(this, dim, Reductions.wideType(dtype()));
    }

    /** As {@link #cumsum(int)} after a conversion. */
    public Tensor cumsum(int dim, DType type) {
        return Scans.cumsum(this, dim, type);
    }

    /** Returns the products of the elements up to each one along a dimension; integers and bool give int64. Source: {@code torch.cumprod}. */
    public Tensor cumprod(int dim) {
        return Scans.cumprod(this, dim, Reductions.wideType(dtype()));
    }

    /** As {@link #cumprod(int)} after a conversion. */
    public Tensor cumprod(int dim, DType type) {
        return Scans.cumprod(this, dim, type);
    }

    /** Returns the largest element up to each one along a dimension and its last index. Source: {@code torch.cummax}. */
    public ValuesIndices cummax(int dim) {
        return Scans.cummax(this, dim);
    }

    /** Returns the smallest element up to each one along a dimension and its last index. Source: {@code torch.cummin}. */
    public ValuesIndices cummin(int dim) {
        return Scans.cummin(this, dim);
    }

    /** Returns {@code log(sum(e^x))} of the elements up to each one along a dimension. Source: {@code torch.logcumsumexp}. */
    public Tensor logcumsumexp(int dim) {
        return Scans.logcumsumexp(this, dim);
    }

    /** Returns the elements of the last dimension in ascending order and where they stood. Source: {@code torch.sort}. */
    public ValuesIndices sort() {
        return Sorting.sort(this, -1, false);
    }

    /** Returns the elements of a dimension in order and where they stood; stable, NaN is the largest value. */
    public ValuesIndices sort(int dim, boolean descending) {
        return Sorting.sort(this, dim, descending);
    }

    /** Returns the indices that sort a dimension, stably. Source: {@code torch.argsort}. */
    public Tensor argsort(int dim, boolean descending) {
        return Sorting.argsort(this, dim, descending);
    }

    /** Returns the k largest (or smallest) elements of a dimension, in order, and where they stood. Source: {@code torch.topk}. */
    public ValuesIndices topk(long k, int dim, boolean largest) {
        return Sorting.topk(this, k, dim, largest);
    }

    /** Returns the k largest elements of the last dimension. */
    public ValuesIndices topk(long k) {
        return Sorting.topk(this, k, -1, true);
    }

    /** Returns the k-th smallest element of a dimension, counted from 1, and its index. Source: {@code torch.kthvalue}. */
    public ValuesIndices kthvalue(long k, int dim, boolean keepdim) {
        return Sorting.kthvalue(this, k, dim, keepdim);
    }

    /** Returns {@code e^x / sum(e^x)} along a dimension. Source: {@code torch.softmax}. */
    public Tensor softmax(int dim) {
        return Softmax.softmax(this, dim);
    }

    /** As {@link #softmax(int)} after a conversion. */
    public Tensor softmax(int dim, DType type) {
        return Softmax.softmax(to(type), dim);
    }

    /** Returns {@code x - log(sum(e^x))} along a dimension. Source: {@code torch.log_softmax}. */
    public Tensor logSoftmax(int dim) {
        return Softmax.logSoftmax(this, dim);
    }

    /** As {@link #logSoftmax(int)} after a conversion. */
    public Tensor logSoftmax(int dim, DType type) {
        return Softmax.logSoftmax(to(type), dim);
    }

    // ---- movement

    /** Returns a view of another shape; one size may be -1. Source: {@code torch.Tensor.view}. */
    public Tensor view(long... sizes) {
        return Movement.view(this, sizes);
    }

    /** Returns a view of another shape if possible, else a copy; one size may be -1. Source: {@code torch.reshape}. */
    public Tensor reshape(long... sizes) {
        return Movement.reshape(this, sizes);
    }

    /** Returns a view stretched to larger sizes; -1 keeps a size. Source: {@code torch.Tensor.expand}. */
    public Tensor expand(long... sizes) {
        return Movement.expand(this, sizes);
    }

    /** Returns a view with the dimensions in another order. Source: {@code torch.permute}. */
    public Tensor permute(int... dims) {
        return Movement.permute(this, dims);
    }

    /** Returns a view with two dimensions exchanged. Source: {@code torch.transpose}. */
    public Tensor transpose(int dim0, int dim1) {
        return Movement.transpose(this, dim0, dim1);
    }

    /** Returns a view with a dimension of size 1 before {@code dim}. Source: {@code torch.unsqueeze}. */
    public Tensor unsqueeze(int dim) {
        return Movement.unsqueeze(this, dim);
    }

    /** Returns a view without a dimension, if its size is 1. Source: {@code torch.squeeze}. */
    public Tensor squeeze(int dim) {
        return Movement.squeeze(this, dim);
    }

    /** Returns a view of one index of a dimension, which goes. Source: {@code torch.select}. */
    public Tensor select(int dim, long index) {
        return Slicing.select(this, dim, index);
    }

    /** Returns a view of some indices of a dimension. Source: {@code torch.narrow}. */
    public Tensor narrow(int dim, long start, long length) {
        return Slicing.narrow(this, dim, start, length);
    }

    /** Returns a view without all dimensions of size 1. Source: {@code torch.squeeze}. */
    public Tensor squeeze() {
        return Movement.squeeze(this);
    }

    /** Returns all elements as one dimension; a view where possible. Source: {@code torch.flatten}. */
    public Tensor flatten() {
        return Movement.flatten(this, 0, -1);
    }

    /** Returns the dimensions from {@code start} on as one; a view where possible. */
    public Tensor flatten(int start) {
        return Movement.flatten(this, start, -1);
    }

    /** Returns the dimensions from {@code start} to {@code end} as one; a view where possible. */
    public Tensor flatten(int start, int end) {
        return Movement.flatten(this, start, end);
    }

    /** Returns a view with one dimension cut into several; one size may be -1. Source: {@code torch.Tensor.unflatten}. */
    public Tensor unflatten(int dim, long... sizes) {
        return Movement.unflatten(this, dim, sizes);
    }

    /** Returns the transposed matrix, a view; of a scalar or vector a view of itself. Source: {@code torch.t}. */
    public Tensor t() {
        return Movement.t(this);
    }

    /** Returns a view with all dimensions in reverse order. Source: {@code torch.Tensor.T}. */
    public Tensor T() {
        return Movement.reversed(this);
    }

    /** Returns a view with the last two dimensions exchanged. Source: {@code torch.Tensor.mT}. */
    public Tensor mT() {
        return Movement.matrixTranspose(this);
    }

    /** Returns a view with one dimension moved to another place. Source: {@code torch.movedim}. */
    public Tensor movedim(int source, int destination) {
        return Movement.movedim(this, new int[] {source}, new int[] {destination});
    }

    /** Returns a view with some dimensions moved to other places. */
    public Tensor movedim(int[] source, int[] destination) {
        return Movement.movedim(this, source, destination);
    }

    /** Returns a view stretched to larger sizes. Source: {@code torch.broadcast_to}. */
    public Tensor broadcastTo(long... sizes) {
        return Movement.expand(this, sizes);
    }

    /** Returns a view stretched to the sizes of another tensor. Source: {@code torch.Tensor.expand_as}. */
    public Tensor expandAs(Tensor other) {
        return Movement.expand(this, other.shape().toArray());
    }

    /** Returns a view in the shape of another tensor, as {@link #view}. Source: {@code torch.Tensor.view_as}. */
    public Tensor viewAs(Tensor other) {
        return view(other.shape().toArray());
    }

    /** Returns this tensor in the shape of another one; a view where possible. Source: {@code torch.Tensor.reshape_as}. */
    public Tensor reshapeAs(Tensor other) {
        return Movement.reshape(this, other.shape().toArray());
    }

    /** Returns a view of the indices {@code start:end} of a dimension; bounds may count from the end and are clipped. */
    public Tensor slice(int dim, long start, long end) {
        return Slicing.slice(this, dim, start, end, 1);
    }

    /** Returns a view of the indices {@code start:end:step} of a dimension; {@code Long.MAX_VALUE} as the end keeps the rest. */
    public Tensor slice(int dim, long start, long end, long step) {
        return Slicing.slice(this, dim, start, end, step);
    }

    /** Returns views of {@code size} indices of a dimension each, the last one possibly smaller. Source: {@code torch.split}. */
    public Tensor[] split(long size, int dim) {
        return Slicing.split(this, size, dim);
    }

    /** Returns views of the given numbers of indices of a dimension. Source: {@code torch.split}. */
    public Tensor[] split(long[] sizes, int dim) {
        return Slicing.splitWithSizes(this, sizes, dim);
    }

    /** Returns at most {@code chunks} views of equal size, the last one possibly smaller. Source: {@code torch.chunk}. */
    public Tensor[] chunk(int chunks, int dim) {
        return Slicing.chunk(this, chunks, dim);
    }

    /** Returns one view per index of a dimension, which goes. Source: {@code torch.unbind}. */
    public Tensor[] unbind(int dim) {
        return Slicing.unbind(this, dim);
    }

    /** Returns a view of all windows of a dimension; the window becomes the last one. Source: {@code torch.Tensor.unfold}. */
    public Tensor unfold(int dim, long size, long step) {
        return Slicing.unfold(this, dim, size, step);
    }

    /** Returns a view of the diagonal of the first two dimensions, which becomes the last one. Source: {@code torch.diagonal}. */
    public Tensor diagonal() {
        return Slicing.diagonal(this, 0, 0, 1);
    }

    /** Returns a view of a diagonal of two dimensions; a positive offset lies above the main one. */
    public Tensor diagonal(long offset, int dim1, int dim2) {
        return Slicing.diagonal(this, offset, dim1, dim2);
    }

    /** Returns a view through any sizes and strides of the storage, from this tensor's first element. */
    public Tensor asStrided(long[] sizes, long[] strides) {
        return Slicing.asStrided(this, sizes, strides, storageOffset());
    }

    /** Returns a view through any sizes, strides and offset of the storage. Source: {@code torch.as_strided}. */
    public Tensor asStrided(long[] sizes, long[] strides, long offset) {
        return Slicing.asStrided(this, sizes, strides, offset);
    }

    /** Returns tensors behind each other along a dimension, in their common type. Source: {@code torch.cat}. */
    public static Tensor cat(int dim, Tensor... tensors) {
        return Joining.cat(dim, tensors);
    }

    /** As {@link #cat(int, Tensor...)}. */
    public static Tensor cat(List<Tensor> tensors, int dim) {
        return Joining.cat(dim, tensors.toArray(new Tensor[0]));
    }

    /** Returns tensors of one shape along a new dimension. Source: {@code torch.stack}. */
    public static Tensor stack(int dim, Tensor... tensors) {
        return Joining.stack(dim, tensors);
    }

    /** As {@link #stack(int, Tensor...)}. */
    public static Tensor stack(List<Tensor> tensors, int dim) {
        return Joining.stack(dim, tensors.toArray(new Tensor[0]));
    }

    /** Returns tensors side by side: along dimension 1, vectors along dimension 0. Source: {@code torch.hstack}. */
    public static Tensor hstack(Tensor... tensors) {
        return Joining.hstack(tensors);
    }

    /** Returns tensors on top of each other; vectors are rows. Source: {@code torch.vstack}. */
    public static Tensor vstack(Tensor... tensors) {
        return Joining.vstack(tensors);
    }

    /** Returns, for vectors of sizes n, m, …, views of shape (n, m, …) that repeat each. Source: {@code torch.meshgrid}. */
    public static Tensor[] meshgrid(Tensor... vectors) {
        return Joining.meshgrid(false, vectors);
    }

    /** As {@link #meshgrid(Tensor...)}, with the first two dimensions exchanged as NumPy does. */
    public static Tensor[] meshgridXy(Tensor... vectors) {
        return Joining.meshgrid(true, vectors);
    }

    /** Returns this tensor several times along each dimension; leading ones may be new. Source: {@code torch.Tensor.repeat}. */
    public Tensor repeat(long... repeats) {
        return Joining.repeat(this, repeats);
    }

    /** As {@link #repeat}, where missing leading numbers are 1. Source: {@code torch.tile}. */
    public Tensor tile(long... repeats) {
        return Joining.tile(this, repeats);
    }

    /** Returns each element several times, as one dimension. Source: {@code torch.repeat_interleave}. */
    public Tensor repeatInterleave(long repeats) {
        return Rearranging.repeatInterleave(flatten(), repeats, 0);
    }

    /** Returns each index of a dimension several times. */
    public Tensor repeatInterleave(long repeats, int dim) {
        return Rearranging.repeatInterleave(this, repeats, dim);
    }

    /** Returns each element as often as the integer at its place says, as one dimension. Reads a count back. */
    public Tensor repeatInterleave(Tensor repeats) {
        return Counting.repeatInterleave(flatten(), repeats, 0);
    }

    /** Returns each index of a dimension as often as the integer at its place says. Reads a count back. */
    public Tensor repeatInterleave(Tensor repeats, int dim) {
        return Counting.repeatInterleave(this, repeats, dim);
    }

    /** Returns a copy with some dimensions in reverse order. Source: {@code torch.flip}. */
    public Tensor flip(int... dims) {
        return Rearranging.flip(this, dims);
    }

    /** Returns a copy with the indices of a dimension moved on, those at the end to the beginning. Source: {@code torch.roll}. */
    public Tensor roll(long shift, int dim) {
        return Rearranging.roll(this, new long[] {shift}, dim);
    }

    /** Returns a copy with the indices of several dimensions moved on. */
    public Tensor roll(long[] shifts, int... dims) {
        return Rearranging.roll(this, shifts, dims);
    }

    /** Returns a copy with all elements moved on in row-major order. */
    public Tensor roll(long shift) {
        return Rearranging.roll(this, new long[] {shift});
    }

    /** Returns this tensor turned by k quarters in the plane of two dimensions. Source: {@code torch.rot90}. */
    public Tensor rot90(int k, int dim0, int dim1) {
        return Rearranging.rot90(this, k, dim0, dim1);
    }

    /** Returns the lower triangle of matrices up to a diagonal, 0 above it. Source: {@code torch.tril}. */
    public Tensor tril(long diagonal) {
        return Rearranging.tril(this, diagonal);
    }

    /** Returns the lower triangle of matrices with the main diagonal. */
    public Tensor tril() {
        return Rearranging.tril(this, 0);
    }

    /** Returns the upper triangle of matrices from a diagonal on, 0 below it. Source: {@code torch.triu}. */
    public Tensor triu(long diagonal) {
        return Rearranging.triu(this, diagonal);
    }

    /** Returns the upper triangle of matrices with the main diagonal. */
    public Tensor triu() {
        return Rearranging.triu(this, 0);
    }

    /** Returns a copy of a diagonal of a matrix, or the matrix with this vector as a diagonal. Source: {@code torch.diag}. */
    public Tensor diag(long offset) {
        return Rearranging.diag(this, offset);
    }

    /** Returns a copy of the main diagonal of a matrix, or the matrix with this vector as its main diagonal. */
    public Tensor diag() {
        return Rearranging.diag(this, 0);
    }

    /** Returns zeros with the last dimension as a diagonal of two new dimensions. Source: {@code torch.diag_embed}. */
    public Tensor diagEmbed(long offset, int dim1, int dim2) {
        return Rearranging.diagEmbed(this, offset, dim1, dim2);
    }

    /** Returns zeros with the last dimension as the main diagonal of two new last dimensions. */
    public Tensor diagEmbed() {
        return Rearranging.diagEmbed(this, 0, -2, -1);
    }

    /**
     * Returns a copy with a value around it.
     *
     * @param pads numbers of elements before and after, a pair per dimension, the last dimension first; negative ones cut
     */
    public Tensor pad(long[] pads, double value) {
        return Padding.constant(this, pads, Scalar.of(value));
    }

    /**
     * Returns a copy with its own elements around it. Source: {@code torch.nn.functional.pad}.
     *
     * @param pads numbers of elements before and after, a pair per dimension, the last dimension first
     * @param mode {@code reflect}, {@code replicate} or {@code circular}; {@code constant} pads by 0
     */
    public Tensor pad(long[] pads, String mode) {
        return Padding.mode(this, pads, mode);
    }

    // ---- indexing

    /** Returns a copy with {@code src} added along a dimension where {@code index} says. Source: {@code torch.scatter_add}. */
    public Tensor scatterAdd(int dim, Tensor index, Tensor src) {
        return Indexing.scatterAdd(this, dim, index, src);
    }

    /** As {@link #scatterAdd}, in place. */
    public Tensor scatterAdd_(int dim, Tensor index, Tensor src) {
        return Indexing.scatterAdd(this, dim, index, src, true);
    }

    /** Returns a copy with {@code src} written along a dimension where {@code index} says. Source: {@code torch.scatter}. */
    public Tensor scatter(int dim, Tensor index, Tensor src) {
        return Indexing.scatter(this, dim, index, src, false);
    }

    /** Returns a copy with a number written along a dimension where {@code index} says. */
    public Tensor scatter(int dim, Tensor index, double value) {
        return Indexing.scatter(this, dim, index, Scalar.of(value), false);
    }

    /** Returns a copy with a number written along a dimension where {@code index} says. */
    public Tensor scatter(int dim, Tensor index, Scalar value) {
        return Indexing.scatter(this, dim, index, value, false);
    }

    /** As {@link #scatter(int, Tensor, Tensor)}, in place. */
    public Tensor scatter_(int dim, Tensor index, Tensor src) {
        return Indexing.scatter(this, dim, index, src, true);
    }

    /** As {@link #scatter(int, Tensor, double)}, in place. */
    public Tensor scatter_(int dim, Tensor index, double value) {
        return Indexing.scatter(this, dim, index, Scalar.of(value), true);
    }

    /**
     * Returns a copy with all sources that meet in one place reduced there. Source: {@code torch.scatter_reduce}.
     *
     * @param reduce {@code sum}, {@code mean}, {@code prod}, {@code amax} or {@code amin}
     * @param includeSelf whether this tensor's own value takes part
     */
    public Tensor scatterReduce(int dim, Tensor index, Tensor src, String reduce, boolean includeSelf) {
        return ScatterReduce.scatterReduce(this, dim, index, src, reduce, includeSelf);
    }

    /** Returns, along a dimension, the elements that an int64 index of the same rank picks. Source: {@code torch.gather}. */
    public Tensor gather(int dim, Tensor index) {
        return Indexing.gather(this, dim, index);
    }

    /** As {@link #gather}, after both are broadcast in the other dimensions. Source: {@code torch.take_along_dim}. */
    public Tensor takeAlongDim(Tensor index, int dim) {
        return Indexing.takeAlongDim(this, index, dim);
    }

    /** Returns the elements at positions in row-major order; negative ones count from the end. Source: {@code torch.take}. */
    public Tensor take(Tensor index) {
        return Indexing.take(this, index);
    }

    /** Returns a copy of the given indices of a dimension. Source: {@code torch.index_select}. */
    public Tensor indexSelect(int dim, Tensor index) {
        return Indexing.indexSelect(this, dim, index);
    }

    /** Returns a copy with a source added at the given indices of a dimension. Source: {@code torch.index_add}. */
    public Tensor indexAdd(int dim, Tensor index, Tensor source) {
        return Indexing.indexAdd(this, dim, index, source, Scalar.of(1L), false);
    }

    /** Returns a copy with {@code alpha * source} added at the given indices of a dimension. */
    public Tensor indexAdd(int dim, Tensor index, Tensor source, Scalar alpha) {
        return Indexing.indexAdd(this, dim, index, source, alpha, false);
    }

    /** As {@link #indexAdd(int, Tensor, Tensor)}, in place. */
    public Tensor indexAdd_(int dim, Tensor index, Tensor source) {
        return Indexing.indexAdd(this, dim, index, source, Scalar.of(1L), true);
    }

    /** As {@link #indexAdd(int, Tensor, Tensor, Scalar)}, in place. */
    public Tensor indexAdd_(int dim, Tensor index, Tensor source, Scalar alpha) {
        return Indexing.indexAdd(this, dim, index, source, alpha, true);
    }

    /** Returns a copy with a source written at the given indices of a dimension. Source: {@code torch.index_copy}. */
    public Tensor indexCopy(int dim, Tensor index, Tensor source) {
        return Indexing.indexCopy(this, dim, index, source, false);
    }

    /** As {@link #indexCopy}, in place. */
    public Tensor indexCopy_(int dim, Tensor index, Tensor source) {
        return Indexing.indexCopy(this, dim, index, source, true);
    }

    /** Returns a copy with a number written at the given indices of a dimension. Source: {@code torch.index_fill}. */
    public Tensor indexFill(int dim, Tensor index, double value) {
        return Indexing.indexFill(this, dim, index, Scalar.of(value), false);
    }

    /** As {@link #indexFill(int, Tensor, double)}, in place. */
    public Tensor indexFill_(int dim, Tensor index, double value) {
        return Indexing.indexFill(this, dim, index, Scalar.of(value), true);
    }

    /**
     * Returns what stands between the brackets of {@code x[...]}: a view, or a copy if a tensor is among the indices.
     *
     * <pre>{@code
     * x.index(Index.at(0), Index.slice(1, 3));      // x[0, 1:3]
     * x.index(Index.of(x.gt(0)));                   // x[x > 0]
     * }</pre>
     *
     * @throws IndexException if an index is out of range, there are too many, or index tensors do not broadcast
     */
    public Tensor index(Index... indices) {
        return AdvancedIndexing.get(this, indices);
    }

    /** Writes a value, broadcast and converted, where the brackets of {@code x[...] = value} say; returns this tensor. */
    public Tensor set(Tensor value, Index... indices) {
        return AdvancedIndexing.set(this, value, indices);
    }

    /** Writes a number where the brackets of {@code x[...] = value} say; returns this tensor. */
    public Tensor set(double value, Index... indices) {
        return AdvancedIndexing.set(this, Scalar.of(value), indices);
    }

    /** Writes a number where the brackets of {@code x[...] = value} say; returns this tensor. */
    public Tensor set(Scalar value, Index... indices) {
        return AdvancedIndexing.set(this, value, indices);
    }

    /** Returns a copy with values written, or added, where indices say. Source: {@code torch.index_put}. */
    public Tensor indexPut(Index[] indices, Tensor values, boolean accumulate) {
        return AdvancedIndexing.indexPut(this, indices, values, accumulate, false);
    }

    /** As {@link #indexPut}, in place. */
    public Tensor indexPut_(Index[] indices, Tensor values, boolean accumulate) {
        return AdvancedIndexing.indexPut(this, indices, values, accumulate, true);
    }

    /** Returns the elements under a bool mask as one dimension; both broadcast. Reads a count back. Source: {@code torch.masked_select}. */
    public Tensor maskedSelect(Tensor mask) {
        return Counting.maskedSelect(this, mask);
    }

    /** Returns a copy whose elements under a mask are, in order, those of a source. Source: {@code torch.Tensor.masked_scatter}. */
    public Tensor maskedScatter(Tensor mask, Tensor source) {
        return Counting.maskedScatter(this, mask, source, false);
    }

    /** As {@link #maskedScatter}, in place. */
    public Tensor maskedScatter_(Tensor mask, Tensor source) {
        return Counting.maskedScatter(this, mask, source, true);
    }

    /** Returns the coordinates of the elements that are not 0, a row each. Reads a count back. Source: {@code torch.nonzero}. */
    public Tensor nonzero() {
        return Counting.nonzero(this);
    }

    /** Returns the different values, ascending, where they stand and how often. Reads a count back. Source: {@code torch.unique}. */
    public UniqueResult unique() {
        return Counting.unique(this);
    }

    /** Returns how often each number from 0 occurs in this integer vector; at least {@code minLength} counts. */
    public Tensor bincount(long minLength) {
        return Counting.bincount(this, minLength);
    }

    /** Returns the sum of the weights of each number from 0 in this integer vector. Source: {@code torch.bincount}. */
    public Tensor bincount(Tensor weights, long minLength) {
        return Counting.bincount(this, weights, minLength);
    }

    /** Returns rows with a 1 at these class numbers; -1 classes mean one more than the largest. Source: {@code one_hot}. */
    public Tensor oneHot(long classes) {
        return Counting.oneHot(this, classes);
    }

    /** Returns the rows of this matrix that indices of any shape name. Source: {@code torch.nn.functional.embedding}. */
    public Tensor embedding(Tensor index) {
        return Counting.embedding(this, index);
    }

    /**
     * As {@link #embedding(Tensor)}, where the row {@code padding}, which may count from the end, gets no gradient.
     *
     * @throws ArgumentException if there is no such row
     */
    public Tensor embedding(Tensor index, long padding) {
        return Counting.embedding(this, index, padding);
    }

    // ---- linear algebra

    /**
     * Returns the matrix product; batch dimensions broadcast, a vector counts as a row on the left and as a column on the right.
     *
     * <p>Shapes: {@code [.., m, k]} and {@code [.., k, n]} give {@code [.., m, n]}; {@code [k]} and {@code [k]} give a scalar. Integers
     * are exact modulo their width. Source: {@code torch.matmul}.
     *
     * @throws ShapeException if the inner sizes differ, or a tensor is a scalar
     * @throws DTypeException if the types differ
     */
    public Tensor matmul(Tensor other) {
        return LinearAlgebra.matmul(this, other);
    }

    /** Returns the product of two matrices, {@code [m, k]} and {@code [k, n]}. Source: {@code torch.mm}. */
    public Tensor mm(Tensor other) {
        return LinearAlgebra.mm(this, other);
    }

    /** Returns the products of two batches, {@code [b, m, k]} and {@code [b, k, n]}. Source: {@code torch.bmm}. */
    public Tensor bmm(Tensor other) {
        return LinearAlgebra.bmm(this, other);
    }

    /** Returns the product of a matrix {@code [m, k]} and a vector {@code [k]}. Source: {@code torch.mv}. */
    public Tensor mv(Tensor vector) {
        return LinearAlgebra.mv(this, vector);
    }

    /** Returns the inner product of two vectors. Source: {@code torch.dot}. */
    public Tensor dot(Tensor other) {
        return LinearAlgebra.dot(this, other);
    }

    /** Returns the outer product {@code [m, n]} of two vectors. Source: {@code torch.outer}. */
    public Tensor outer(Tensor other) {
        return LinearAlgebra.outer(this, other);
    }

    /** Returns {@code this + a @ b} of matrices; this tensor broadcasts to the product. Source: {@code torch.addmm}. */
    public Tensor addmm(Tensor a, Tensor b) {
        return LinearAlgebra.addmm(this, a, b, Scalar.of(1), Scalar.of(1));
    }

    /** Returns {@code beta * this + alpha * a @ b}; with {@code beta} 0 this tensor is not read. Source: {@code torch.addmm}. */
    public Tensor addmm(Tensor a, Tensor b, Scalar beta, Scalar alpha) {
        return LinearAlgebra.addmm(this, a, b, beta, alpha);
    }

    /** Returns {@code beta * this + alpha * matrix @ vector}. Source: {@code torch.addmv}. */
    public Tensor addmv(Tensor matrix, Tensor vector, Scalar beta, Scalar alpha) {
        return LinearAlgebra.addmv(this, matrix, vector, beta, alpha);
    }

    /** Returns {@code beta * this + alpha * outer(a, b)}. Source: {@code torch.addr}. */
    public Tensor addr(Tensor a, Tensor b, Scalar beta, Scalar alpha) {
        return LinearAlgebra.addr(this, a, b, beta, alpha);
    }

    /**
     * Returns the sum of products that an equation such as {@code "bij,bjk->bik"} describes; {@code ...} stands for batch dimensions.
     *
     * <p>Labels that the output does not name are summed over. Source: {@code torch.einsum}.
     *
     * @throws ShapeException if the equation does not fit the operands
     */
    public static Tensor einsum(String equation, Tensor... operands) {
        return Contraction.einsum(equation, operands);
    }

    /** Returns the sum of products over the last {@code dims} dimensions of this and the first of the other. Source: {@code torch.tensordot}. */
    public Tensor tensordot(Tensor other, int dims) {
        return Contraction.tensordot(this, other, dims);
    }

    /** Returns the sum of products over pairs of dimensions. */
    public Tensor tensordot(Tensor other, int[] dims, int[] otherDims) {
        return Contraction.tensordot(this, other, dims, otherDims);
    }

    /** Returns the sum of the diagonal of a matrix. Source: {@code torch.trace}. */
    public Tensor trace() {
        return Contraction.trace(this);
    }

    /** Returns {@code beta * this + alpha * a @ b} of batches of matrices. Source: {@code torch.baddbmm}. */
    public Tensor baddbmm(Tensor a, Tensor b, Scalar beta, Scalar alpha) {
        return LinearAlgebra.baddbmm(this, a, b, beta, alpha);
    }

    // ---- creation

    /** Returns a float32 tensor with a copy of an array's elements; without sizes it has one dimension, one size may be -1. */
    public static Tensor of(float[] data, long... sizes) {
        return HostData.of(data, sizes);
    }

    /** Returns a float64 tensor with a copy of an array's elements; without sizes it has one dimension, one size may be -1. */
    public static Tensor of(double[] data, long... sizes) {
        return HostData.of(data, sizes);
    }

    /** Returns an int64 tensor with a copy of an array's elements; without sizes it has one dimension, one size may be -1. */
    public static Tensor of(long[] data, long... sizes) {
        return HostData.of(data, sizes);
    }

    /** Returns an int32 tensor with a copy of an array's elements; without sizes it has one dimension, one size may be -1. */
    public static Tensor of(int[] data, long... sizes) {
        return HostData.of(data, sizes);
    }

    /** Returns an int16 tensor with a copy of an array's elements; without sizes it has one dimension, one size may be -1. */
    public static Tensor of(short[] data, long... sizes) {
        return HostData.of(data, sizes);
    }

    /** Returns an int8 tensor with a copy of an array's elements; without sizes it has one dimension, one size may be -1. */
    public static Tensor of(byte[] data, long... sizes) {
        return HostData.of(data, DType.INT8, sizes);
    }

    /** Returns an int8 or uint8 tensor with the bits of an array's elements; without sizes it has one dimension. */
    public static Tensor of(byte[] data, DType type, long... sizes) {
        return HostData.of(data, type, sizes);
    }

    /** Returns a bool tensor with a copy of an array's elements; without sizes it has one dimension, one size may be -1. */
    public static Tensor of(boolean[] data, long... sizes) {
        return HostData.of(data, sizes);
    }

    /** Returns a tensor of any type with an array's elements, converted; without sizes it has one dimension. */
    public static Tensor of(double[] data, DType type, long... sizes) {
        return HostData.of(data, type, sizes);
    }

    /** Returns a tensor of any type with an array's elements, converted; without sizes it has one dimension. */
    public static Tensor of(long[] data, DType type, long... sizes) {
        return HostData.of(data, type, sizes);
    }

    /** Returns a float32 matrix; rows of different lengths are an ArgumentException. */
    public static Tensor of(float[][] rows) {
        return Nested.of(rows, DType.FLOAT32);
    }

    /** Returns a float32 tensor of three dimensions. */
    public static Tensor of(float[][][] data) {
        return Nested.of(data, DType.FLOAT32);
    }

    /** Returns a float64 matrix; rows of different lengths are an ArgumentException. */
    public static Tensor of(double[][] rows) {
        return Nested.of(rows, DType.FLOAT64);
    }

    /** Returns an int64 matrix; rows of different lengths are an ArgumentException. */
    public static Tensor of(long[][] rows) {
        return Nested.of(rows, DType.INT64);
    }

    /** Returns an int32 matrix; rows of different lengths are an ArgumentException. */
    public static Tensor of(int[][] rows) {
        return Nested.of(rows, DType.INT32);
    }

    /**
     * Returns a tensor of nested arrays or lists of numbers and truth values, or of one such value.
     *
     * <p>Floating point numbers give float32, integers int64, truth values bool; mixed ones the widest of these. Source:
     * {@code torch.tensor}.
     *
     * @throws ArgumentException if the nesting is uneven
     */
    public static Tensor ofNested(Object data) {
        return Nested.of(data);
    }

    /** As {@link #ofNested(Object)} with a given element type. */
    public static Tensor ofNested(Object data, DType type) {
        return Nested.of(data, type);
    }

    /** Returns a float32 tensor without dimensions. */
    public static Tensor scalar(double value) {
        return Creation.scalar(Scalar.of(value));
    }

    /** Returns an int64 tensor without dimensions. */
    public static Tensor scalar(long value) {
        return Creation.scalar(Scalar.of(value));
    }

    /** Returns a bool tensor without dimensions. */
    public static Tensor scalar(boolean value) {
        return Creation.scalar(Scalar.of(value));
    }

    /** Returns a tensor of a type without dimensions. */
    public static Tensor scalar(double value, DType type) {
        return Creation.full(Shape.SCALAR, Scalar.of(value), type, Device.best());
    }

    /**
     * Returns a tensor with a copy of the bytes between a buffer's position and limit, in native byte order; without sizes it has one
     * dimension. The buffer, direct or not, may be reused at once; it does not move.
     *
     * @throws ArgumentException if the buffer has the other byte order
     * @throws ShapeException if the bytes do not fill the sizes
     */
    public static Tensor fromBuffer(ByteBuffer data, DType type, long... sizes) {
        return HostData.fromBuffer(data, type, sizes);
    }

    /** Returns a float32 tensor of zeros, on the default device. */
    public static Tensor zeros(long... sizes) {
        return Creation.full(Shape.of(sizes), Scalar.of(0L), DType.FLOAT32, Device.best());
    }

    /** Returns a tensor of a type of zeros, on the default device. */
    public static Tensor zeros(DType type, long... sizes) {
        return Creation.full(Shape.of(sizes), Scalar.of(0L), type, Device.best());
    }

    /** Returns a tensor of a type of zeros, on a device. */
    public static Tensor zeros(DType type, Device device, long... sizes) {
        return Creation.full(Shape.of(sizes), Scalar.of(0L), type, device);
    }

    /** Returns a tensor of zeros, with the shape, type and device of another one. */
    public static Tensor zerosLike(Tensor t) {
        return Creation.fullLike(t, Scalar.of(0L), t.dtype());
    }

    /** Returns a tensor of a type of zeros, with the shape and device of another one. */
    public static Tensor zerosLike(Tensor t, DType type) {
        return Creation.fullLike(t, Scalar.of(0L), type);
    }

    /** Returns a float32 tensor of ones, on the default device. */
    public static Tensor ones(long... sizes) {
        return Creation.full(Shape.of(sizes), Scalar.of(1L), DType.FLOAT32, Device.best());
    }

    /** Returns a tensor of a type of ones, on the default device. */
    public static Tensor ones(DType type, long... sizes) {
        return Creation.full(Shape.of(sizes), Scalar.of(1L), type, Device.best());
    }

    /** Returns a tensor of a type of ones, on a device. */
    public static Tensor ones(DType type, Device device, long... sizes) {
        return Creation.full(Shape.of(sizes), Scalar.of(1L), type, device);
    }

    /** Returns a tensor of ones, with the shape, type and device of another one. */
    public static Tensor onesLike(Tensor t) {
        return Creation.fullLike(t, Scalar.of(1L), t.dtype());
    }

    /** Returns a tensor of a type of ones, with the shape and device of another one. */
    public static Tensor onesLike(Tensor t, DType type) {
        return Creation.fullLike(t, Scalar.of(1L), type);
    }

    /** Returns a float32 tensor with undefined content, on the default device. */
    public static Tensor empty(long... sizes) {
        return Creation.empty(Shape.of(sizes), DType.FLOAT32, Device.best());
    }

    /** Returns a tensor of a type with undefined content, on the default device. */
    public static Tensor empty(DType type, long... sizes) {
        return Creation.empty(Shape.of(sizes), type, Device.best());
    }

    /** Returns a tensor of a type with undefined content, on a device. */
    public static Tensor empty(DType type, Device device, long... sizes) {
        return Creation.empty(Shape.of(sizes), type, device);
    }

    /** Returns a tensor with undefined content, with the shape, type and device of another one. */
    public static Tensor emptyLike(Tensor t) {
        return Creation.emptyLike(t, t.dtype());
    }

    /** Returns a tensor of a type with undefined content, with the shape and device of another one. */
    public static Tensor emptyLike(Tensor t, DType type) {
        return Creation.emptyLike(t, type);
    }

    /** Returns a tensor of one value, float32 on the default device. */
    public static Tensor full(long[] sizes, double value) {
        return Creation.full(sizes, Scalar.of(value));
    }

    /** Returns a tensor of one value, int64 on the default device. */
    public static Tensor full(long[] sizes, long value) {
        return Creation.full(sizes, Scalar.of(value));
    }

    /** Returns a tensor of one value on the default device: float32, int64 or bool as the kind of number is. */
    public static Tensor full(long[] sizes, Scalar value) {
        return Creation.full(sizes, value);
    }

    /** Returns a tensor of one value, converted to a type, on the default device. */
    public static Tensor full(long[] sizes, double value, DType type) {
        return Creation.full(Shape.of(sizes), Scalar.of(value), type, Device.best());
    }

    /** Returns a tensor of one value, converted to a type, on a device. */
    public static Tensor full(long[] sizes, Scalar value, DType type, Device device) {
        return Creation.full(Shape.of(sizes), value, type, device);
    }

    /** Returns a tensor of one value with the shape, type and device of another one. */
    public static Tensor fullLike(Tensor t, double value) {
        return Creation.fullLike(t, Scalar.of(value), t.dtype());
    }

    /** Returns a tensor of one value, converted to a type, with the shape and device of another one. */
    public static Tensor fullLike(Tensor t, Scalar value, DType type) {
        return Creation.fullLike(t, value, type);
    }

    /** Returns the int64 numbers from 0 below {@code end}. Source: {@code torch.arange}. */
    public static Tensor arange(long end) {
        return Creation.arange(end, Device.best());
    }

    /** Returns the int64 numbers from {@code start} below {@code end}. */
    public static Tensor arange(long start, long end) {
        return Creation.arange(start, end, 1, DType.INT64, Device.best());
    }

    /** Returns the int64 numbers {@code start + i * step} before {@code end}; the step may be negative, not 0. */
    public static Tensor arange(long start, long end, long step) {
        return Creation.arange(start, end, step, DType.INT64, Device.best());
    }

    /** Returns the numbers {@code start + i * step} before {@code end} as a type. */
    public static Tensor arange(long start, long end, long step, DType type) {
        return Creation.arange(start, end, step, type, Device.best());
    }

    /** Returns the float32 numbers from 0 below {@code end} in steps of 1. */
    public static Tensor arange(double end) {
        return Creation.arange(0, end, 1, DType.FLOAT32, Device.best());
    }

    /** Returns the float32 numbers {@code start + i * step} before {@code end}; the step may be negative, not 0. */
    public static Tensor arange(double start, double end, double step) {
        return Creation.arange(start, end, step, DType.FLOAT32, Device.best());
    }

    /** Returns the numbers {@code start + i * step} before {@code end} as a type. */
    public static Tensor arange(double start, double end, double step, DType type) {
        return Creation.arange(start, end, step, type, Device.best());
    }

    /** Returns float32 numbers at equal distances, both ends included. Source: {@code torch.linspace}. */
    public static Tensor linspace(double start, double end, long steps) {
        return Creation.linspace(start, end, steps, DType.FLOAT32, Device.best());
    }

    /** Returns numbers of a type at equal distances, both ends included. */
    public static Tensor linspace(double start, double end, long steps, DType type) {
        return Creation.linspace(start, end, steps, type, Device.best());
    }

    /** Returns the float32 identity matrix. Source: {@code torch.eye}. */
    public static Tensor eye(long n) {
        return Creation.eye(n, n, DType.FLOAT32, Device.best());
    }

    /** Returns a float32 matrix with ones on its diagonal. */
    public static Tensor eye(long n, long m) {
        return Creation.eye(n, m, DType.FLOAT32, Device.best());
    }

    /** Returns a matrix of a type with ones on its diagonal. */
    public static Tensor eye(long n, long m, DType type) {
        return Creation.eye(n, m, type, Device.best());
    }

    // ---- random numbers

    /** Returns a float32 tensor of uniform numbers in [0, 1). Source: {@code torch.rand}. */
    public static Tensor rand(long... sizes) {
        return Randoms.rand(Generator.global(), DType.FLOAT32, Device.best(), sizes);
    }

    /** Returns a tensor of a type of uniform numbers in [0, 1). */
    public static Tensor rand(DType type, long... sizes) {
        return Randoms.rand(Generator.global(), type, Device.best(), sizes);
    }

    /** Returns a float32 tensor of uniform numbers in [0, 1), drawn from a generator. */
    public static Tensor rand(Generator generator, long... sizes) {
        return Randoms.rand(generator, DType.FLOAT32, Device.best(), sizes);
    }

    /** Returns a tensor of uniform numbers in [0, 1) with the shape, type and device of another one. */
    public static Tensor randLike(Tensor t) {
        return Randoms.rand(Generator.global(), t.dtype(), t.device(), t.shape().toArray());
    }

    /** Returns a float32 tensor of standard normal numbers. Source: {@code torch.randn}. */
    public static Tensor randn(long... sizes) {
        return Randoms.randn(Generator.global(), DType.FLOAT32, Device.best(), sizes);
    }

    /** Returns a tensor of a type of standard normal numbers. */
    public static Tensor randn(DType type, long... sizes) {
        return Randoms.randn(Generator.global(), type, Device.best(), sizes);
    }

    /** Returns a float32 tensor of standard normal numbers, drawn from a generator. */
    public static Tensor randn(Generator generator, long... sizes) {
        return Randoms.randn(generator, DType.FLOAT32, Device.best(), sizes);
    }

    /** Returns a tensor of standard normal numbers with the shape, type and device of another one. */
    public static Tensor randnLike(Tensor t) {
        return Randoms.randn(
                Generator.global(), t.dtype(), t.device(), t.shape().toArray());
    }

    /** Returns int64 numbers from {@code low} below {@code high}. Source: {@code torch.randint}. */
    public static Tensor randint(long low, long high, long[] sizes) {
        return Randoms.randint(Generator.global(), low, high, DType.INT64, Device.best(), sizes);
    }

    /** As {@link #randint(long, long, long[])}, of a type and drawn from a generator. */
    public static Tensor randint(long low, long high, long[] sizes, DType type, Generator generator) {
        return Randoms.randint(generator, low, high, type, Device.best(), sizes);
    }

    /** Returns the int64 numbers from 0 below n in random order. Source: {@code torch.randperm}. */
    public static Tensor randperm(long n) {
        return Randoms.randperm(Generator.global(), n, Device.best());
    }

    /** As {@link #randperm(long)}, drawn from a generator. */
    public static Tensor randperm(long n, Generator generator) {
        return Randoms.randperm(generator, n, Device.best());
    }

    /**
     * Returns samples of 0 and 1 of this type, with these probabilities of a 1: {@code u < p} for a uniform number u, so that a
     * probability outside of [0, 1] counts as the nearer bound and NaN as 0. The gradient is zero. Source: {@code torch.bernoulli}.
     */
    public Tensor bernoulli() {
        return Randoms.bernoulli(this, Generator.global());
    }

    /** As {@link #bernoulli()}, drawn from a generator. */
    public Tensor bernoulli(Generator generator) {
        return Randoms.bernoulli(this, generator);
    }

    /** As {@link #multinomial(long, boolean, Generator)} with numbers of the global generator. */
    public Tensor multinomial(long samples, boolean replacement) {
        return Multinomial.multinomial(this, samples, replacement, Generator.global());
    }

    /**
     * Returns class numbers, int64, drawn by these weights, which need not add up to 1.
     *
     * <p>Shapes: {@code [K]} gives {@code [samples]}, {@code [N, K]} gives {@code [N, samples]}. Asks the device whether the weights are
     * right, but not in a captured function. Source: {@code torch.multinomial}.
     *
     * @param replacement whether a class may be drawn several times
     * @throws ArgumentException if a weight is negative, infinite or NaN, or there are not enough classes
     */
    public Tensor multinomial(long samples, boolean replacement, Generator generator) {
        return Multinomial.multinomial(this, samples, replacement, generator);
    }

    /** Returns samples of 0 and 1 of this shape and type, with one probability in [0, 1] of a 1. */
    public Tensor bernoulli(double p) {
        return Randoms.bernoulli(this, p, Generator.global());
    }

    /** As {@link #bernoulli(double)}, drawn from a generator. */
    public Tensor bernoulli(double p, Generator generator) {
        return Randoms.bernoulli(this, p, generator);
    }

    /** Fills this tensor with samples of 0 and 1, with one probability in [0, 1] of a 1. */
    public Tensor bernoulli_(double p) {
        return Randoms.bernoulliInPlace(this, p, Generator.global());
    }

    /** As {@link #bernoulli_(double)}, drawn from a generator. */
    public Tensor bernoulli_(double p, Generator generator) {
        return Randoms.bernoulliInPlace(this, p, generator);
    }

    /** Fills this tensor with samples of 0 and 1; the probabilities of a 1 broadcast to it. */
    public Tensor bernoulli_(Tensor p) {
        return Randoms.bernoulliInPlace(this, p, Generator.global());
    }

    /** As {@link #bernoulli_(Tensor)}, drawn from a generator. */
    public Tensor bernoulli_(Tensor p, Generator generator) {
        return Randoms.bernoulliInPlace(this, p, generator);
    }

    /** Fills this tensor with uniform numbers in {@code [low, high)}; rounding may reach {@code high}. */
    public Tensor uniform_(double low, double high) {
        return Randoms.uniformInPlace(this, low, high, Generator.global());
    }

    /** As {@link #uniform_(double, double)}, drawn from a generator. */
    public Tensor uniform_(double low, double high, Generator generator) {
        return Randoms.uniformInPlace(this, low, high, generator);
    }

    /** Fills this tensor with normally distributed numbers of a mean and standard deviation. */
    public Tensor normal_(double mean, double std) {
        return Randoms.normalInPlace(this, mean, std, Generator.global());
    }

    /** As {@link #normal_(double, double)}, drawn from a generator. */
    public Tensor normal_(double mean, double std, Generator generator) {
        return Randoms.normalInPlace(this, mean, std, generator);
    }

    /** Fills this tensor with exponentially distributed numbers of a rate. */
    public Tensor exponential_(double rate) {
        return Randoms.exponentialInPlace(this, rate, Generator.global());
    }

    /** As {@link #exponential_(double)}, drawn from a generator. */
    public Tensor exponential_(double rate, Generator generator) {
        return Randoms.exponentialInPlace(this, rate, generator);
    }

    /** Fills this tensor with integers from {@code low} below {@code high}. */
    public Tensor random_(long low, long high) {
        return Randoms.randomInPlace(this, low, high, Generator.global());
    }

    /** As {@link #random_(long, long)}, drawn from a generator. */
    public Tensor random_(long low, long high, Generator generator) {
        return Randoms.randomInPlace(this, low, high, generator);
    }

    // ---- values and printing

    /**
     * Returns the value of a tensor of one element. Waits for the device. Source: {@code torch.Tensor.item}.
     *
     * @throws ArgumentException if there is not exactly one element
     */
    public double item() {
        return HostData.item(this);
    }

    /** As {@link #item()}, as an integer: exact for every int64, truncated from floating point types. */
    public long itemLong() {
        return HostData.itemLong(this);
    }

    /** As {@link #item()}, as a truth value: whether it is not 0. */
    public boolean itemBoolean() {
        return HostData.itemBoolean(this);
    }

    /** Returns the elements in row-major order, converted to float. Waits for the device, as all of these do. */
    public float[] toFloatArray() {
        return HostData.toFloatArray(this);
    }

    /** Returns the elements in row-major order, converted to double. */
    public double[] toDoubleArray() {
        return HostData.toDoubleArray(this);
    }

    /** Returns the elements in row-major order as long; floats are truncated. */
    public long[] toLongArray() {
        return HostData.toLongArray(this);
    }

    /** Returns the elements in row-major order as int; floats are truncated, longer integers wrap. */
    public int[] toIntArray() {
        return HostData.toIntArray(this);
    }

    /** Returns the elements in row-major order as byte: the bits of uint8, others truncated and wrapped. */
    public byte[] toByteArray() {
        return HostData.toByteArray(this);
    }

    /** Returns whether each element, in row-major order, is not 0. */
    public boolean[] toBooleanArray() {
        return HostData.toBooleanArray(this);
    }

    /**
     * Copies the elements, in row-major order and native byte order, to a buffer's position, which moves behind them.
     *
     * @throws ArgumentException if the buffer has the other byte order
     * @throws ShapeException if the buffer has too little room
     */
    public void copyTo(ByteBuffer target) {
        HostData.copyTo(this, target);
    }

    /** Returns a direct buffer with a copy of the elements, in row-major order and native byte order. */
    public ByteBuffer toBuffer() {
        return HostData.toBuffer(this);
    }

    /**
     * Returns the text that PyTorch prints: of large tensors the edges only, with element type, device and graph node where they are not
     * the usual ones. Waits for the device. A closed tensor gives its shape and type.
     */
    @Override
    public String toString() {
        return Printing.text(this, PrintOptions.DEFAULT);
    }

    /** As {@link #toString()} with other settings. */
    public String toString(PrintOptions options) {
        return Printing.text(this, options);
    }
}
