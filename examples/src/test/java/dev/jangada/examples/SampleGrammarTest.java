package dev.jangada.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SampleGrammarTest {
    private static final List<SampleGrammar.Sentence> SENTENCES = SampleGrammar.sentences(500, new Random(1));

    @Test
    void everyWordIsInTheVocabularyAndHasATag() {
        for (SampleGrammar.Sentence sentence : SENTENCES) {
            assertThat(sentence.words()).hasSameSizeAs(sentence.tags()).hasSizeBetween(2, 40);
            assertThat(SampleGrammar.vocabulary()).containsAll(sentence.words());
            assertThat(sentence.tags()).allMatch(tag -> tag >= 0 && tag < SampleGrammar.TAGS.size());
        }
    }

    @Test
    void manyWordsHaveTwoPartsOfSpeech() {
        Map<String, Set<Integer>> tags = new HashMap<>();
        for (SampleGrammar.Sentence sentence : SENTENCES) {
            for (int i = 0; i < sentence.words().size(); i++) {
                tags.computeIfAbsent(sentence.words().get(i), word -> new HashSet<>())
                        .add(sentence.tags().get(i));
            }
        }
        assertThat(tags.values().stream().filter(t -> t.size() > 1).count()).isGreaterThanOrEqualTo(9);
    }

    @Test
    void theSameSeedGivesTheSameSentences() {
        assertThat(SampleGrammar.sentences(500, new Random(1))).isEqualTo(SENTENCES);
        assertThat(SampleGrammar.sentences(500, new Random(2))).isNotEqualTo(SENTENCES);
    }
}
