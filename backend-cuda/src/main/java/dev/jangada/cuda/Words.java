package dev.jangada.cuda;

import java.util.Arrays;

/** The words of a kernel's parameter, in the order in which the structure declares them; some are addresses in the job's workspace. */
final class Words {
    private long[] words = new long[24];
    private int[] relative = {};
    private int count;

    /** Appends a word. */
    Words add(long word) {
        if (count == words.length) {
            words = Arrays.copyOf(words, 2 * count);
        }
        words[count++] = word;
        return this;
    }

    /** Appends words. */
    Words addAll(long[] more) {
        for (long w : more) {
            add(w);
        }
        return this;
    }

    /** Appends the words of another parameter: a structure within this one. */
    Words addAll(Words more) {
        for (int r : more.relative) {
            markRelative(count + r);
        }
        for (int i = 0; i < more.count; i++) {
            add(more.words[i]);
        }
        return this;
    }

    /** Appends an address that counts from the start of the workspace. */
    Words addRelative(long offset) {
        markRelative(count);
        return add(offset);
    }

    private void markRelative(int at) {
        relative = Arrays.copyOf(relative, relative.length + 1);
        relative[relative.length - 1] = at;
    }

    /** Returns the number of words. */
    int count() {
        return count;
    }

    /** Returns the words for a workspace at an address, which is not used where {@link Job#workspaceBytes} is 0. */
    long[] at(long workspace) {
        long[] out = Arrays.copyOf(words, count);
        for (int r : relative) {
            out[r] += workspace;
        }
        return out;
    }
}
