package dev.jangada.cuda;

import dev.jangada.BackendException;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Function;
import dev.jangada.cuda.driver.Nvrtc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Compiles kernels for one device, once each, and keeps them in memory and on disk. */
final class KernelCache {
    private final Context context;
    private final DiskCache disk;
    private final List<String> options;
    private final Map<KernelSource, Function> loaded = new ConcurrentHashMap<>();

    KernelCache(Context context, DiskCache disk) {
        this.context = context;
        this.disk = disk;
        // no contraction: an eager and a fused kernel, and the CPU, give the same bits
        this.options = List.of(
                "--gpu-architecture=sm_" + Nvrtc.target(context.info().architecture()),
                "--std=c++17",
                "--fmad=false",
                "-default-device");
    }

    /**
     * Returns a kernel, ready to be launched.
     *
     * @param known the variants met so far; they live as long as what the call is made of, so that kernels of plans long forgotten leave
     *     nothing but their code
     * @throws BackendException with the compiler's messages and the numbered source if it does not compile
     */
    Function get(Variant variant, Map<Variant, Function> known) {
        Function f = known.get(variant);
        if (f == null) {
            f = loaded.computeIfAbsent(variant.source(), this::load);
            known.put(variant, f);
        }
        return f;
    }

    private Function load(KernelSource source) {
        Function f = compiled(source);
        SourceFolder.keep(source);
        return f;
    }

    private Function compiled(KernelSource source) {
        String key = key(source);
        Optional<byte[]> kept = disk.read(key);
        Function f = kept.isPresent() ? context.load(kept.get(), source.entry()) : null;
        if (f != null) {
            return f;
        }
        byte[] image = Nvrtc.compile(source.entry() + ".cu", source.code(), options);
        f = context.load(image, source.entry());
        if (f == null) {
            throw new BackendException("[" + source.entry() + "] expected a driver that takes code of NVRTC "
                    + Nvrtc.version() + " for " + context.info() + ", got one that refuses it; update the driver");
        }
        disk.write(key, image);
        return f;
    }

    /** A simulated device's code is of no use to a real one. */
    private String key(KernelSource source) {
        List<String> texts = new ArrayList<>(options);
        texts.add(Nvrtc.version());
        texts.add(context.info().isSimulated() ? context.info().name() : "");
        texts.add(source.entry());
        texts.add(source.code());
        return DiskCache.key(texts);
    }
}
