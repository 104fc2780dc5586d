package dev.jangada;

/**
 * Element type of a tensor.
 *
 * <p>Promotion follows PyTorch: bool &lt; integers &lt; floats; within a category the wider type wins, uint8 with a signed type
 * gives the next wider signed type, float16 with bfloat16 gives float32.
 *
 * <p>Source: PyTorch {@code torch.dtype}, {@code torch.promote_types}.
 */
public enum DType {
    /** Truth value, one byte, 0 or 1. */
    BOOL("bool", 1, Category.BOOL),
    /** Unsigned 8-bit integer. */
    UINT8("uint8", 1, Category.INTEGER),
    /** Signed 8-bit integer. */
    INT8("int8", 1, Category.INTEGER),
    /** Signed 16-bit integer. */
    INT16("int16", 2, Category.INTEGER),
    /** Signed 32-bit integer. */
    INT32("int32", 4, Category.INTEGER),
    /** Signed 64-bit integer. */
    INT64("int64", 8, Category.INTEGER),
    /** IEEE 754 half precision: 5 exponent bits, 10 fraction bits; computed in float32. */
    FLOAT16("float16", 2, Category.FLOAT),
    /** Brain float: 8 exponent bits, 7 fraction bits; computed in float32. */
    BFLOAT16("bfloat16", 2, Category.FLOAT),
    /** IEEE 754 single precision; the default type of floating point tensors. */
    FLOAT32("float32", 4, Category.FLOAT),
    /** IEEE 754 double precision. */
    FLOAT64("float64", 8, Category.FLOAT);

    private enum Category {
        BOOL,
        INTEGER,
        FLOAT
    }

    private final String torchName;
    private final int size;
    private final Category category;

    DType(String torchName, int size, Category category) {
        this.torchName = torchName;
        this.size = size;
        this.category = category;
    }

    /** Returns the size of one element in bytes. */
    public int size() {
        return size;
    }

    /** Returns PyTorch's name, such as {@code float32}. */
    public String torchName() {
        return torchName;
    }

    /** Tells whether this is float16, bfloat16, float32 or float64. */
    public boolean isFloatingPoint() {
        return category == Category.FLOAT;
    }

    /** Tells whether this is an integer type; bool is none. */
    public boolean isInteger() {
        return category == Category.INTEGER;
    }

    /** Tells whether this is one of the two 16-bit floating point types. */
    public boolean isHalf() {
        return this == FLOAT16 || this == BFLOAT16;
    }

    /** Returns the type in which values of this type are computed: float32 for the half types, else the type itself. */
    public DType compute() {
        return isHalf() ? FLOAT32 : this;
    }

    /** Returns 0 for bool, 1 for integers, 2 for floating point types: the category that decides promotion with scalars. */
    public int categoryRank() {
        return category.ordinal();
    }

    /**
     * Returns the type that holds the values of both types.
     *
     * <p>Source: PyTorch {@code torch.promote_types}.
     */
    public static DType promote(DType a, DType b) {
        if (a == b) {
            return a;
        }
        if (a.category != b.category) {
            return a.category.ordinal() > b.category.ordinal() ? a : b;
        }
        if (a.category == Category.FLOAT) {
            return a.isHalf() && b.isHalf() ? FLOAT32 : a.ordinal() > b.ordinal() ? a : b;
        }
        if (a == UINT8 || b == UINT8) {
            DType signed = a == UINT8 ? b : a;
            return signed == INT8 ? INT16 : signed;
        }
        return a.ordinal() > b.ordinal() ? a : b;
    }

    /**
     * Returns the type of a name such as {@code float32}.
     *
     * @throws ArgumentException if no type has this name
     */
    public static DType of(String name) {
        for (DType t : values()) {
            if (t.torchName.equals(name)) {
                return t;
            }
        }
        throw new ArgumentException("[dtype] expected a name such as float32 or int64, got '" + name + "'");
    }

    @Override
    public String toString() {
        return torchName;
    }
}
