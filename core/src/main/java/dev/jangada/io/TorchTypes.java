package dev.jangada.io;

import dev.jangada.DType;
import java.util.HashMap;
import java.util.Map;

/** PyTorch's names of storages, {@code torch.FloatStorage}, and of element types, {@code torch.float32}. */
final class TorchTypes {
    private static final Map<String, DType> STORAGES = new HashMap<>();

    static {
        for (DType type : DType.values()) {
            STORAGES.put(storage(type), type);
        }
    }

    private TorchTypes() {}

    /** Returns the name of the storage class of a type, without its module. */
    static String storage(DType type) {
        return switch (type) {
            case BOOL -> "BoolStorage";
            case UINT8 -> "ByteStorage";
            case INT8 -> "CharStorage";
            case INT16 -> "ShortStorage";
            case INT32 -> "IntStorage";
            case INT64 -> "LongStorage";
            case FLOAT16 -> "HalfStorage";
            case BFLOAT16 -> "BFloat16Storage";
            case FLOAT32 -> "FloatStorage";
            case FLOAT64 -> "DoubleStorage";
        };
    }

    /** Returns the type of a storage class, or null if tensors have none such. */
    static DType ofStorage(String name) {
        return STORAGES.get(name);
    }
}
