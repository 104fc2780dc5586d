package dev.jangada.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Sentences from a small grammar, each word with its part of speech. Many words are a noun here and a verb there: only the context tells. */
final class SampleGrammar {
    /** Parts of speech, in the order of their numbers. */
    static final List<String> TAGS = List.of("DET", "ADJ", "NOUN", "VERB", "ADV", "PRON", "CONJ");

    private static final List<List<String>> WORDS = List.of(
            List.of("the", "a", "this", "every"),
            List.of("old", "red", "small", "quiet", "light", "clean"),
            List.of("dog", "house", "river", "watch", "plan", "light", "play", "park", "drink", "saw", "walk", "rose"),
            List.of("like", "found", "watch", "plan", "light", "play", "park", "drink", "saw", "walk", "rose", "clean"),
            List.of("often", "slowly", "there", "again"),
            List.of("they", "we", "you"),
            List.of("and", "but"));

    private static final int MOST_CLAUSES = 3;

    /**
     * A sentence.
     *
     * @param words its words
     * @param tags the part of speech of each, a number of {@link #TAGS}
     */
    record Sentence(List<String> words, List<Integer> tags) {}

    private final RandomGenerator random;
    private final List<String> words = new ArrayList<>();
    private final List<Integer> tags = new ArrayList<>();

    private SampleGrammar(RandomGenerator random) {
        this.random = random;
    }

    /** Returns every word once, in a fixed order. */
    static List<String> vocabulary() {
        return WORDS.stream().flatMap(List::stream).distinct().toList();
    }

    /** Returns sentences of 2 to about 25 words. */
    static List<Sentence> sentences(int count, RandomGenerator random) {
        List<Sentence> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SampleGrammar one = new SampleGrammar(random);
            one.sentence();
            out.add(new Sentence(List.copyOf(one.words), List.copyOf(one.tags)));
        }
        return out;
    }

    private void sentence() {
        int clauses = 1 + random.nextInt(MOST_CLAUSES);
        for (int i = 0; i < clauses; i++) {
            if (i > 0) {
                word("CONJ");
            }
            nounPhrase();
            if (random.nextInt(4) == 0) {
                word("ADV");
            }
            word("VERB");
            if (random.nextInt(3) > 0) {
                nounPhrase();
            }
            if (random.nextInt(3) == 0) {
                word("ADV");
            }
        }
    }

    private void nounPhrase() {
        if (random.nextInt(4) == 0) {
            word("PRON");
            return;
        }
        word("DET");
        for (int i = random.nextInt(3); i > 0; i--) {
            word("ADJ");
        }
        word("NOUN");
    }

    private void word(String tag) {
        int number = TAGS.indexOf(tag);
        List<String> choice = WORDS.get(number);
        words.add(choice.get(random.nextInt(choice.size())));
        tags.add(number);
    }
}
