package dev.jangada.reference;

/**
 * The counter-based random number generator Philox4x32-10.
 *
 * <p>Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
final class Philox {
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    private Philox() {}

    /** Returns word {@code element mod 4} for counter {@code offset + element / 4}, as a number in [0, 2^32). */
    static long word(long seed, long offset, long element) {
        long counter = offset + (element >>> 2);
        int[] block = block((int) counter, (int) (counter >>> 32), 0, 0, (int) seed, (int) (seed >>> 32));
        return block[(int) (element & 3)] & 0xffffffffL;
    }

    static int[] block(int c0, int c1, int c2, int c3, int k0, int k1) {
        int[] c = {c0, c1, c2, c3};
        int key0 = k0;
        int key1 = k1;
        for (int i = 0; i < ROUNDS; i++) {
            long p0 = MULTIPLIER_0 * (c[0] & 0xffffffffL);
            long p1 = MULTIPLIER_1 * (c[2] & 0xffffffffL);
            c = new int[] {(int) (p1 >>> 32) ^ c[1] ^ key0, (int) p1, (int) (p0 >>> 32) ^ c[3] ^ key1, (int) p0};
            key0 += WEYL_0;
            key1 += WEYL_1;
        }
        return c;
    }
}
