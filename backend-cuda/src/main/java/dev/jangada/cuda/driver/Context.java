package dev.jangada.cuda.driver;

import dev.jangada.BackendException;
import dev.jangada.DeviceException;
import dev.jangada.OutOfMemoryException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * One device: its context, and the one stream that all of its work goes through, in order.
 *
 * <p>Every method may be called from any thread, makes the context the thread's current one, and throws {@link BackendException} that
 * names the operation. A failure from which the driver cannot recover (a kernel that touched foreign memory) makes the device lost: every
 * later call fails at once and says so. Addresses are raw; whoever calls owns the memory.
 */
public final class Context {
    private static final boolean SYNCHRONOUS = Boolean.getBoolean("jangada.cuda.synchronous");
    private static final PointerPointer<Pointer> NO_EXTRA = null;

    private final DeviceInfo info;
    final CUctx_st handle = new CUctx_st();
    private final Stream main = new Stream();
    final CUstream_st stream = main.handle;
    private final Meter meter = new Meter(this, stream);
    private final Recent recent = new Recent();
    private volatile Runnable relief = () -> {};
    private volatile Supplier<String> state = () -> "end other processes that use the device";
    private volatile String lost;

    private Context(DeviceInfo info) {
        this.info = info;
    }

    /**
     * Takes the device's primary context and makes a stream.
     *
     * @throws DeviceException if the device is not to be had, because another process has it for itself or nobody may use it
     */
    public static Context open(DeviceInfo info) {
        Context c = new Context(info);
        int[] device = new int[1];
        c.check(cudart.cuDeviceGet(device, info.ordinal()), "open");
        int status = cudart.cuDevicePrimaryCtxRetain(c.handle, device[0]);
        int mode = status == Status.SUCCESS ? cudart.CU_COMPUTEMODE_DEFAULT : Probe.computeMode(info.ordinal());
        // of a closed device the driver says no more than that the error is unknown
        if (status == Status.DEVICE_UNAVAILABLE || mode == cudart.CU_COMPUTEMODE_PROHIBITED) {
            throw new DeviceException("[device] expected a device that this process may use, got " + c.device() + ", "
                    + info + ": " + Probe.refusal(mode));
        }
        c.check(status, "open");
        boolean made = false;
        try {
            c.bind("open");
            c.check(cudart.cuStreamCreate(c.stream, cudart.CU_STREAM_NON_BLOCKING), "open");
            made = true;
        } finally {
            if (!made) {
                cudart.cuDevicePrimaryCtxRelease(device[0]);
            }
        }
        return c;
    }

    /**
     * Says what is done where the driver finds no memory for what it needs itself: a kernel's code, a graph, a library.
     *
     * @param relief gives memory back; the call is made once more then
     * @param state how things stand and what to do, for the exception if that was in vain
     */
    public void whenExhausted(Runnable relief, Supplier<String> state) {
        this.relief = relief;
        this.state = state;
    }

    /** Returns what is known of the device. */
    public DeviceInfo info() {
        return info;
    }

    /** Returns the stream that the device's work goes through. */
    public Stream stream() {
        return main;
    }

    /** Returns what counts and times the device's work. */
    public Meter meter() {
        return meter;
    }

    /** Makes a call that puts kernels on the device's stream, and times them if asked to. */
    int measured(long kernels, IntSupplier call) {
        return meter.isOn() ? meter.measure(kernels, call) : call.getAsInt();
    }

    /** Makes another stream, which nothing runs on: graphs are recorded from it. */
    public Stream recordingStream() {
        bind("capture");
        Stream s = new Stream();
        run("capture", () -> cudart.cuStreamCreate(s.handle, cudart.CU_STREAM_NON_BLOCKING));
        return s;
    }

    /** Gives such a stream back. */
    public void destroy(Stream s) {
        if (isUsable()) {
            cudart.cuStreamDestroy(s.handle);
        }
    }

    private String device() {
        return "cuda:" + info.ordinal();
    }

    /** Makes the context current: the driver keeps one per thread, and other libraries may have set theirs. */
    void bind(String operation) {
        if (lost != null) {
            throw new BackendException(
                    "[" + operation + "] expected a working device, got " + device() + ", which " + lost);
        }
        int status = cudart.cuCtxSetCurrent(handle);
        if (status != Status.SUCCESS) {
            fail(status, operation);
        }
    }

    void check(int status, String operation) {
        if (status != Status.SUCCESS) {
            fail(status, operation);
        }
    }

    /** Makes a call of the driver that may lack memory. */
    void run(String operation, IntSupplier call) {
        int status = call.getAsInt();
        check(status == Status.OUT_OF_MEMORY ? again(operation, call) : status, operation);
    }

    /** Gives memory back and makes a call once more that has failed for want of it. */
    int again(String operation, IntSupplier call) {
        relief.run();
        bind(operation);
        return call.getAsInt();
    }

    /** Returns the exception for a call that has failed for want of memory again. */
    OutOfMemoryException exhausted(String operation, String what) {
        return new OutOfMemoryException("[" + operation + "] expected free memory on " + device()
                + " for code, graphs and libraries, got " + what + ": " + state.get());
    }

    private void fail(int status, String operation) {
        String what = Status.text(status);
        if (status == Status.OUT_OF_MEMORY) {
            throw exhausted(operation, what);
        }
        if (!Status.isSticky(status)) {
            throw new BackendException("[" + operation + "] the CUDA driver refused on " + device() + ": " + what);
        }
        String kernels = recent.names();
        String hint = SYNCHRONOUS || kernels.isEmpty()
                ? ""
                : "; it comes from this operation or one of the last kernels (" + kernels
                        + "): run with -Djangada.cuda.synchronous=true to see which";
        lost = "is lost since [" + operation + "] failed with " + what + "; start the process again";
        throw new BackendException("[" + operation + "] the device " + device() + " is lost: " + what + hint
                + "; its tensors cannot be read any more, start the process again");
    }

    /** Tells whether the device has failed for good. */
    public boolean isLost() {
        return lost != null;
    }

    /** Makes the context current, or tells that the device is lost or closed: for what gives things back and must not fail. */
    boolean isUsable() {
        return lost == null && cudart.cuCtxSetCurrent(handle) == Status.SUCCESS;
    }

    /** Returns device memory, aligned to 256 bytes, or 0 if there is none. */
    public long allocate(long bytes) {
        bind("memory");
        long[] address = new long[1];
        int status = cudart.cuMemAlloc(address, bytes);
        if (status == Status.OUT_OF_MEMORY) {
            return 0;
        }
        check(status, "memory");
        return address[0];
    }

    /** Returns device memory for the backend's own use. */
    public long allocateOrFail(long bytes) {
        long address = allocate(bytes);
        if (address == 0) {
            relief.run();
            address = allocate(bytes);
        }
        if (address == 0) {
            throw exhausted("memory", "none of " + bytes + " bytes");
        }
        return address;
    }

    /** Gives device memory back; waits for the work that uses it. Never fails: what a lost device held is gone anyway. */
    public void free(long address) {
        if (isUsable()) {
            cudart.cuStreamSynchronize(stream); // that cuMemFree waits is no promise of the driver's
            int status = cudart.cuMemFree(address);
            if (status != Status.SUCCESS && !Status.isSticky(status)) {
                throw new AssertionError("cuMemFree: " + Status.text(status));
            }
        }
    }

    /** Returns free and total bytes of the device. */
    public long[] freeAndTotal() {
        bind("memory");
        try (SizeTPointer free = new SizeTPointer(1);
                SizeTPointer total = new SizeTPointer(1)) {
            int status = cudart.cuMemGetInfo(free.put(0), total.put(0));
            if (status != Status.OUT_OF_MEMORY) { // whoever tells about that asks this
                check(status, "memory");
            }
            return new long[] {free.get(), total.get()};
        }
    }

    /** Returns page-locked host memory, from and to which copies need no wait. */
    public long allocatePinned(long bytes) {
        bind("memory");
        try (PointerPointer<Pointer> address = new PointerPointer<>(1)) {
            run("memory", () -> cudart.cuMemHostAlloc(address, bytes, 0));
            return address.get().address();
        }
    }

    /** Gives page-locked memory back. */
    public void freePinned(long address) {
        if (isUsable()) {
            cudart.cuMemFreeHost(Raw.of(address));
        }
    }

    /** Returns a view of page-locked memory. */
    public static ByteBuffer view(long address, int bytes) {
        return Raw.view(address, bytes);
    }

    /** Copies from page-locked host memory to the device; returns at once. */
    public void copyIn(long device, long host, long bytes) {
        bind("copy");
        check(cudart.cuMemcpyHtoDAsync(device, Raw.of(host), bytes, stream), "copy");
        meter.hostCall();
    }

    /** Copies from the device to page-locked host memory; returns at once. */
    public void copyOut(long host, long device, long bytes) {
        bind("copy");
        check(cudart.cuMemcpyDtoHAsync(Raw.of(host), device, bytes, stream), "copy");
        meter.hostCall();
    }

    /**
     * Copies from one place of the device to another; returns at once.
     *
     * @param on the stream: {@link #stream()}, or one that is being recorded
     */
    public void copyWithin(Stream on, long to, long from, long bytes) {
        bind("copy");
        check(cudart.cuMemcpyDtoDAsync(to, from, bytes, on.handle), "copy");
        if (on == main) {
            meter.hostCall();
        }
    }

    /** Fills device memory with a byte; returns at once. */
    public void fill(long device, byte value, long bytes) {
        bind("fill");
        check(cudart.cuMemsetD8Async(device, value, bytes, stream), "fill");
        meter.hostCall();
    }

    /** Creates an event. */
    public Event event() {
        bind("event");
        Event e = new Event();
        run("event", () -> cudart.cuEventCreate(e.handle, cudart.CU_EVENT_DISABLE_TIMING));
        return e;
    }

    /** Gives an event back. */
    public void destroy(Event e) {
        if (isUsable()) {
            cudart.cuEventDestroy(e.handle);
        }
    }

    /** Puts an event behind all work so far. */
    public void record(Event e) {
        bind("event");
        check(cudart.cuEventRecord(e.handle, stream), "event");
    }

    /** Waits until the work before an event is done. */
    public void await(Event e, String operation) {
        bind(operation);
        check(cudart.cuEventSynchronize(e.handle), operation);
    }

    /** Waits until all work is done. */
    public void synchronize(String operation) {
        bind(operation);
        check(cudart.cuStreamSynchronize(stream), operation);
    }

    /** Waits until all work is done, so that what it uses can be given back. Never fails: on a lost device there is no work. */
    public void finish() {
        if (isUsable()) {
            cudart.cuStreamSynchronize(stream);
        }
    }

    /**
     * Loads machine code and finds its entry.
     *
     * @return the entry, or null if the driver takes the code for damaged or foreign
     */
    public Function load(byte[] image, String entry) {
        bind(entry);
        ByteBuffer direct = ByteBuffer.allocateDirect(image.length);
        direct.put(0, image);
        CUmod_st module = new CUmod_st();
        IntSupplier load = () -> cudart.cuModuleLoadData(module, Raw.of(Raw.address(direct)));
        int status = load.getAsInt();
        if (status == Status.OUT_OF_MEMORY) {
            status = again(entry, load);
        }
        Reference.reachabilityFence(direct);
        if (Status.isForeignCode(status)) {
            return null;
        }
        check(status, entry);
        CUfunc_st function = new CUfunc_st();
        check(cudart.cuModuleGetFunction(function, module, entry), entry);
        return new Function(function, entry);
    }

    /**
     * Launches a kernel; returns at once.
     *
     * @param on the stream: {@link #stream()}, or one that is being recorded
     * @param gridX number of blocks in x; y and z follow
     * @param blockX number of threads of a block in x; y follows
     * @param shared bytes of dynamic shared memory
     * @param operation name for messages
     */
    public void launch(
            Stream on,
            Function f,
            int gridX,
            int gridY,
            int gridZ,
            int blockX,
            int blockY,
            int shared,
            Arguments a,
            String operation) {
        bind(operation);
        recent.add(operation);
        int status = launch(on, f, gridX, gridY, gridZ, blockX, blockY, shared, a);
        if (status == Status.OUT_OF_MEMORY) { // the driver loads a kernel's code when it is first launched
            status = again(operation, () -> launch(on, f, gridX, gridY, gridZ, blockX, blockY, shared, a));
        }
        if (status != Status.SUCCESS) {
            fail(status, operation);
        }
        if (SYNCHRONOUS && on == main) {
            synchronize(operation);
        }
    }

    private int launch(
            Stream on, Function f, int gridX, int gridY, int gridZ, int blockX, int blockY, int shared, Arguments a) {
        return on == main && meter.isOn()
                ? meter.measure(1, () -> put(on, f, gridX, gridY, gridZ, blockX, blockY, shared, a))
                : put(on, f, gridX, gridY, gridZ, blockX, blockY, shared, a);
    }

    private static int put(
            Stream on, Function f, int gridX, int gridY, int gridZ, int blockX, int blockY, int shared, Arguments a) {
        return cudart.cuLaunchKernel(
                f.handle, gridX, gridY, gridZ, blockX, blockY, 1, shared, on.handle, a.parameters, NO_EXTRA);
    }

    /** Gives stream and context back, and with the context its modules and its memory. */
    public void close() {
        if (lost == null) {
            bind("close");
            lost = "has been closed";
            cudart.cuStreamSynchronize(stream);
            meter.close();
            cudart.cuStreamDestroy(stream);
            int[] device = new int[1];
            cudart.cuDeviceGet(device, info.ordinal());
            cudart.cuDevicePrimaryCtxRelease(device[0]);
        }
    }
}
