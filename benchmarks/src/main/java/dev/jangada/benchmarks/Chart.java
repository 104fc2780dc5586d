package dev.jangada.benchmarks;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * Draws how many times as fast as another one something is: bars to both sides of a line at 1, on a logarithmic scale, so that twice as fast
 * and half as fast are equally long. {@code peers/report.py} calls this for the picture of the README.
 *
 * <pre>java -cp benchmarks/target/benchmarks.jar dev.jangada.benchmarks.Chart TABLE.tsv PICTURE.png</pre>
 *
 * <p>The table is text with tabs. Its first line is the title, the second says what the scale means; then a line for each group of bars,
 * whose first field names the group, and which has one further field {@code series=value} for each bar.
 */
public final class Chart {
    private static final Color[] COLOURS = {
        new Color(0x14507d), new Color(0x7fb5d8), new Color(0xb9b9b9), new Color(0xe2a33d)
    };
    private static final Color INK = new Color(0x222222);
    private static final Color GRID = new Color(0xe4e4e4);
    private static final int SCALE = 2; // for sharp text on dense screens
    private static final int WIDTH = 860;
    private static final int LEFT = 150;
    private static final int RIGHT = 60;
    private static final int TOP = 74;
    private static final int BOTTOM = 46;
    private static final int BAR = 13;
    private static final int GAP = 11;

    private record Group(String name, Map<String, Double> bars) {}

    private final List<Group> groups = new ArrayList<>();
    private final List<String> series = new ArrayList<>();
    private final String title;
    private final String meaning;
    private double least = 1;
    private double most = 1;
    private Graphics2D g;

    private Chart(List<String> lines) {
        title = lines.get(0);
        meaning = lines.get(1);
        for (String line : lines.subList(2, lines.size())) {
            String[] fields = line.split("\t");
            Group group = new Group(fields[0], new LinkedHashMap<>());
            for (int i = 1; i < fields.length; i++) {
                String[] bar = fields[i].split("=");
                double value = Double.parseDouble(bar[1]);
                if (!(value > 0)) {
                    throw new IllegalArgumentException(
                            "expected values above 0, got " + fields[i] + " of " + fields[0]);
                }
                group.bars.put(bar[0], value);
                least = Math.min(least, value);
                most = Math.max(most, value);
                if (!series.contains(bar[0])) {
                    series.add(bar[0]);
                }
            }
            groups.add(group);
        }
    }

    /** Reads the table and writes the picture. */
    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            throw new IllegalArgumentException("expected TABLE.tsv PICTURE.png, got " + args.length + " arguments");
        }
        System.setProperty("java.awt.headless", "true");
        BufferedImage picture = picture(Files.readAllLines(Path.of(args[0]), StandardCharsets.UTF_8));
        if (!ImageIO.write(picture, "png", Path.of(args[1]).toFile())) {
            throw new IOException("this Java writes no PNG files");
        }
    }

    /** Returns the picture of the lines of a table. */
    static BufferedImage picture(List<String> lines) {
        Chart chart = new Chart(lines);
        int rows =
                chart.groups.stream().mapToInt(x -> x.bars.size() * BAR + GAP).sum();
        int height = TOP + rows + BOTTOM;
        BufferedImage image = new BufferedImage(SCALE * WIDTH, SCALE * height, BufferedImage.TYPE_INT_RGB);
        chart.g = image.createGraphics();
        chart.g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        chart.g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        chart.g.scale(SCALE, SCALE);
        chart.g.setColor(Color.WHITE);
        chart.g.fillRect(0, 0, WIDTH, height);
        chart.draw(TOP + rows);
        chart.g.dispose();
        return image;
    }

    private double x(double value) {
        double low = Math.log(least / 1.1);
        double high = Math.log(most * 1.1);
        return LEFT + (Math.log(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT);
    }

    private void font(int style, int size) {
        g.setFont(new Font(Font.SANS_SERIF, style, size));
    }

    /** Writes text at a height, from x on, or so that it ends there. */
    private void text(String s, double x, double y, boolean endsThere) {
        g.drawString(s, (float) (endsThere ? x - g.getFontMetrics().stringWidth(s) : x), (float) y);
    }

    private void draw(int bottom) {
        g.setColor(INK);
        font(Font.BOLD, 15);
        text(title, 16, 26, false);
        legend();
        axis(bottom);
        double y = TOP;
        for (Group group : groups) {
            g.setColor(INK);
            font(Font.PLAIN, 12);
            text(group.name, LEFT - 10, y + group.bars.size() * BAR / 2.0 + 4, true);
            for (Map.Entry<String, Double> bar : group.bars.entrySet()) {
                bar(bar.getKey(), bar.getValue(), y);
                y += BAR;
            }
            y += GAP;
        }
        g.setColor(INK);
        g.setStroke(new BasicStroke(1.2f));
        g.drawLine((int) x(1), TOP - 8, (int) x(1), bottom);
        font(Font.PLAIN, 12);
        text(meaning, LEFT, bottom + 34, false);
    }

    private void legend() {
        double x = 16;
        font(Font.PLAIN, 12);
        for (int i = 0; i < series.size(); i++) {
            g.setColor(colour(i));
            g.fill(new Rectangle2D.Double(x, 40, 12, 12));
            g.setColor(INK);
            text(series.get(i), x + 17, 50, false);
            x += 17 + g.getFontMetrics().stringWidth(series.get(i)) + 22;
        }
    }

    private static Color colour(int series) {
        return COLOURS[series % COLOURS.length];
    }

    /** Lines at 1, 2, 5 and their tenfold. */
    private void axis(int bottom) {
        font(Font.PLAIN, 11);
        for (double ten = 1e-3; ten < 1e6; ten *= 10) {
            for (double step : new double[] {1, 2, 5}) {
                double value = step * ten;
                if (value >= least / 1.1 && value <= most * 1.1) {
                    g.setColor(GRID);
                    g.drawLine((int) x(value), TOP - 8, (int) x(value), bottom);
                    g.setColor(INK);
                    String s = number(value);
                    text(s, x(value) - g.getFontMetrics().stringWidth(s) / 2.0, bottom + 15, false);
                }
            }
        }
    }

    private void bar(String name, double value, double y) {
        double from = Math.min(x(1), x(value));
        double to = Math.max(x(1), x(value));
        g.setColor(colour(series.indexOf(name)));
        g.fill(new Rectangle2D.Double(from, y + 1, Math.max(1, to - from), BAR - 2));
        g.setColor(INK);
        font(Font.PLAIN, 10);
        text(number(value), to + 4, y + BAR - 3, false);
    }

    private static String number(double value) {
        String s = String.format(Locale.ROOT, value < 9.95 ? "%.1f" : "%.0f", value);
        return s.endsWith(".0") ? s.substring(0, s.length() - 2) : s;
    }
}
