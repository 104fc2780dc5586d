package dev.jangada.examples;

import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.data.GridOptions;
import dev.jangada.data.Images;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** PNG files: grids of grey images, and charts. Each is written whole or not at all. */
final class Pictures {
    /** Screen pixels per image pixel. */
    private static final int SCALE = 2;
    /** Screen pixels between images. */
    private static final int GAP = 4;
    /** Points of a line that are marked, unless there are more. */
    private static final int MOST_MARKED = 30;

    private Pictures() {}

    /**
     * Writes images side by side, row by row.
     *
     * @param images grey values {@code [N, height * width]}; 0 is black, 1 is white, what lies outside is cut
     * @param width pixels in a row of an image
     * @param columns images in a row of the picture
     */
    static void grid(Path file, Tensor images, int width, int columns) throws IOException {
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Tensor pixels = images.reshape(images.size(0), 1, -1, width);
            Tensor large = pixels.repeatInterleave(SCALE, -2).repeatInterleave(SCALE, -1);
            GridOptions options = GridOptions.of().withNrow(columns).withPadding(GAP);
            Images.saveImage(file, large, options);
        }
    }

    /** Returns each row stretched so that its smallest value becomes 0 and its largest 1. */
    static Tensor stretched(Tensor rows) {
        Tensor low = rows.amin(new int[] {1}, true);
        Tensor high = rows.amax(new int[] {1}, true);
        return rows.sub(low).div(high.sub(low).add(1e-12));
    }

    /**
     * What a chart shows in one colour.
     *
     * @param name its name in the legend
     * @param x where its points are
     * @param y how high they are, as many
     * @param points whether the points are shown by themselves; else a line joins them
     */
    record Series(String name, double[] x, double[] y, boolean points) {
        /** Returns a line. */
        static Series line(String name, double[] x, double[] y) {
            return new Series(name, x, y, false);
        }

        /** Returns a line over 1, 2, 3, … */
        static Series line(String name, double... y) {
            return line(
                    name, IntStream.rangeClosed(1, y.length).asDoubleStream().toArray(), y);
        }

        /** Returns single points. */
        static Series points(String name, double[] x, double[] y) {
            return new Series(name, x, y, true);
        }
    }

    /** The vertical axis of a chart. */
    enum Scale {
        LINEAR,
        LOGARITHMIC
    }

    /** Writes a curve with one point per epoch. */
    static void curve(Path file, String title, String yAxis, double[] values) throws IOException {
        chart(file, title, "epoch", yAxis, Scale.LINEAR, Series.line(yAxis, values));
    }

    /** Writes a chart; more than one series get a legend. On a logarithmic scale every {@code y} is positive. */
    static void chart(Path file, String title, String xAxis, String yAxis, Scale scale, Series... series)
            throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(800)
                .height(500)
                .title(title)
                .xAxisTitle(xAxis)
                .yAxisTitle(yAxis)
                .build();
        chart.getStyler().setLegendVisible(series.length > 1);
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS);
        chart.getStyler().setLegendLayout(Styler.LegendLayout.Horizontal);
        chart.getStyler().setXAxisTickMarkSpacingHint(100);
        chart.getStyler().setYAxisLogarithmic(scale == Scale.LOGARITHMIC);
        for (Series s : series) {
            XYSeries shown = chart.addSeries(s.name, s.x, s.y);
            boolean few = s.x.length <= MOST_MARKED;
            shown.setMarker(s.points || few ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
            if (s.points) {
                shown.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
            }
        }
        Images.write(file, BitmapEncoder.getBufferedImage(chart));
    }
}
