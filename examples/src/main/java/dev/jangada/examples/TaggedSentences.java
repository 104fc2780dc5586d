package dev.jangada.examples;

import dev.jangada.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Sentences as numbers, filled up to one length.
 *
 * @param words numbers of words {@code [T, B]}; 0 is padding
 * @param tags parts of speech {@code [T, B]}; that of padding is {@link #IGNORED}
 */
record TaggedSentences(Tensor words, Tensor tags) {
    /** The label of padding, which the loss leaves out. */
    static final int IGNORED = -100;

    TaggedSentences columns(long from, long count) {
        return new TaggedSentences(words.narrow(1, from, count), tags.narrow(1, from, count));
    }

    /** Numbers sentences: word i of the vocabulary is i + 1, padding 0. */
    static TaggedSentences of(List<SampleGrammar.Sentence> sentences) {
        List<String> vocabulary = SampleGrammar.vocabulary();
        int length = sentences.stream().mapToInt(s -> s.words().size()).max().orElseThrow();
        long[][] words = new long[length][sentences.size()]; // zeros: padding
        long[][] tags = new long[length][sentences.size()];
        for (int i = 0; i < length; i++) {
            Arrays.fill(tags[i], IGNORED);
            for (int j = 0; j < sentences.size(); j++) {
                SampleGrammar.Sentence sentence = sentences.get(j);
                if (i < sentence.words().size()) {
                    words[i][j] = 1L + vocabulary.indexOf(sentence.words().get(i));
                    tags[i][j] = sentence.tags().get(i);
                }
            }
        }
        return new TaggedSentences(Tensor.of(words), Tensor.of(tags));
    }
}
