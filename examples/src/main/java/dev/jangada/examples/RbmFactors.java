package dev.jangada.examples;

import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.ValuesIndices;
import dev.jangada.autograd.Autograd;
import dev.jangada.data.Images;
import dev.jangada.data.TensorDataset;
import dev.jangada.nn.rbm.RBM;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * What a restricted Boltzmann machine sees in an image: the hidden units that are most probably on, each with its filter.
 *
 * <pre>java -jar examples/target/jangada-examples.jar run rbm-factors --out pictures
 * java -jar examples/target/jangada-examples.jar run rbm-factors --load pictures/rbm.safetensors</pre>
 *
 * <p>A filter is the row of weights from one hidden unit to all pixels. Where it is red, ink makes the unit more probable; where it is blue,
 * less. Units that are on for nearly every image tell little: they are ranked by how much more probable than others this image makes them.
 *
 * <p>Expect {@code factors.png}: the first test image and 15 filters, parts of strokes that the image has.
 */
final class RbmFactors implements Example {
    private static final int SHOWN = 15;
    private static final int COLUMNS = 8;
    private static final int SCALE = 4; // screen pixels per image pixel
    private static final int GAP = 10;
    private static final int CAPTION = 22;
    private static final Scalar ZERO = Scalar.of(0.0);

    @Override
    public String name() {
        return "rbm-factors";
    }

    @Override
    public String description() {
        return "Shows the hidden units of a restricted Boltzmann machine that an image turns on.";
    }

    @Override
    public Set<Option> options() {
        return RbmTraining.options();
    }

    @Override
    public void run(Options options, Metrics metrics) throws IOException {
        Path out = options.out(this);
        Jangada.manualSeed(options.seed());
        MnistFiles files = MnistFiles.find(options);
        TensorDataset training = files.training();
        TensorDataset test = files.test();
        RBM rbm = RbmTraining.trainOrLoad(training, options, out);

        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Tensor v = RbmTraining.ink(test.tensors().get(0));
            Tensor probability = rbm.propUp(v); // (images, hidden)
            Tensor image = v.narrow(0, 0, 1);
            Tensor on = probability.select(0, 0);
            long shown = Math.min(SHOWN, on.numel());
            ValuesIndices strongest = on.sub(probability.mean(0)).topk(shown);
            Tensor filters = rbm.weight().indexSelect(0, strongest.indices());
            float[] p = on.indexSelect(0, strongest.indices()).toFloatArray();
            long[] units = strongest.indices().toLongArray();
            int width = Math.toIntExact(test.tensors().get(0).size(2));
            picture(out.resolve("factors.png"), image, filters, p, units, width);
            metrics.put("backend", Device.best().toString()).put("probability", p[0]);
        }
    }

    private static void picture(Path file, Tensor image, Tensor filters, float[] p, long[] units, int width)
            throws IOException {
        int height = Math.toIntExact(image.size(1)) / width;
        int cellWidth = width * SCALE + GAP;
        int cellHeight = height * SCALE + CAPTION + GAP;
        BufferedImage picture = new BufferedImage(
                COLUMNS * cellWidth + GAP,
                (units.length + COLUMNS) / COLUMNS * cellHeight + GAP,
                BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
        for (int i = 0; i <= units.length; i++) {
            int left = GAP + i % COLUMNS * cellWidth;
            int top = GAP + i / COLUMNS * cellHeight;
            Tensor row = i == 0 ? image.select(0, 0) : filters.select(0, i - 1);
            BufferedImage cell = Images.toImage(i == 0 ? row.view(height, width) : colors(row, height, width));
            graphics.drawImage(cell, left, top, width * SCALE, height * SCALE, null);
            String caption = i == 0 ? "image" : String.format(Locale.ROOT, "unit %d: %.2f", units[i - 1], p[i - 1]);
            graphics.setColor(Color.BLACK);
            graphics.drawString(caption, left, top + height * SCALE + 16);
        }
        graphics.dispose();
        Images.write(file, picture);
    }

    /** Red where a weight is positive, blue where it is negative, white at 0: {@code [3, height, width]}. */
    private static Tensor colors(Tensor row, int height, int width) {
        Tensor x = row.div(row.abs().amax()).view(height, width);
        Tensor green = x.abs().neg().add(1);
        return Tensor.stack(
                0, x.clampMax(ZERO).add(1), green, x.clampMin(ZERO).neg().add(1));
    }
}
