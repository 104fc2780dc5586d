package dev.jangada.cuda;

import dev.jangada.backend.Availability;

/** Asks twice, as a program would that prints a report after a failed choice. */
final class Child {
    private Child() {}

    /** Prints the answers. */
    public static void main(String[] args) {
        CudaProvider provider = new CudaProvider();
        for (int i = 0; i < 2; i++) {
            long start = System.nanoTime();
            Availability a = provider.availability();
            System.out.println(a.available() + " " + provider.deviceCount() + " " + a.reason());
            System.out.println((System.nanoTime() - start) / 1_000_000);
            a.cause().ifPresent(e -> System.out.println(e));
        }
    }
}
