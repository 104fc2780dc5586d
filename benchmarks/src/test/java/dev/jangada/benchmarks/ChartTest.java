package dev.jangada.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChartTest {
    /** Pixels of the first series' colour in a picture of one bar. */
    private static long inked(double value) {
        BufferedImage picture =
                Chart.picture(List.of("title", "scale", "one\ta=" + value, "two\tb=8", "three\tb=0.125"));
        long count = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                count += (picture.getRGB(x, y) & 0xffffff) == 0x14507d ? 1 : 0;
            }
        }
        return count;
    }

    @Test
    void twiceAsFastAndHalfAsFastAreEquallyLong() {
        long legend = inked(1) - 1;
        assertThat((double) (inked(2) - legend))
                .isCloseTo(inked(0.5) - legend, org.assertj.core.data.Percentage.withPercentage(2));
        assertThat((double) (inked(4) - legend))
                .isCloseTo(2.0 * (inked(2) - legend), org.assertj.core.data.Percentage.withPercentage(5));
    }

    @Test
    void speedsAreAboveZero() {
        assertThatThrownBy(() -> inked(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a=0.0");
    }
}
