package dev.jangada.nn;

import com.sun.management.GarbageCollectionNotificationInfo;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.optim.Adam;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/**
 * A program that never closes a tensor: trains the MLP of the examples and prints its peak resident memory in kilobytes and the number of
 * collections that were asked for. {@link ForgottenTensorsTest} runs it in a JVM of its own.
 */
final class ForgottenTraining {
    private ForgottenTraining() {}

    public static void main(String[] args) throws IOException {
        AtomicInteger forced = new AtomicInteger();
        for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
            ((NotificationEmitter) bean)
                    .addNotificationListener(
                            (n, x) -> {
                                GarbageCollectionNotificationInfo info =
                                        GarbageCollectionNotificationInfo.from((CompositeData) n.getUserData());
                                if (info.getGcCause().equals("System.gc()")) {
                                    forced.incrementAndGet();
                                }
                            },
                            null,
                            null);
        }
        Jangada.manualSeed(0);
        Tensor images = Tensor.rand(128, 784);
        Tensor labels = Tensor.randint(0, 10, new long[] {128});
        Sequential model =
                new Sequential(new Linear(784, 512), new ReLU(), new Linear(512, 512), new ReLU(), new Linear(512, 10));
        CrossEntropyLoss criterion = new CrossEntropyLoss();
        Adam optimizer = new Adam(model.parameters(), 1e-3);
        int steps = Integer.parseInt(args[0]);
        for (int i = 0; i < steps; i++) {
            Tensor loss = criterion.forward(model.forward(images), labels);
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
        }
        String peak = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(l -> l.startsWith("VmHWM:"))
                .findFirst()
                .orElseThrow();
        System.out.println("result " + peak.replaceAll("\\D", "") + " " + forced);
    }
}
