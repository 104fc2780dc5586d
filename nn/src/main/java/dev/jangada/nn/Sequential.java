package dev.jangada.nn;

import dev.jangada.IndexException;
import dev.jangada.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * Layers in a row: each gets the result of the one before.
 *
 * <pre>{@code
 * Sequential model = new Sequential(new Linear(784, 512), new ReLU(), new Linear(512, 10));
 * }</pre>
 *
 * <p>The layers are called {@code 0}, {@code 1} and so on, unless they are added under a name. Source: {@code torch.nn.Sequential}.
 */
public final class Sequential extends Layer implements Iterable<Layer> {
    private final List<Layer> layers = new ArrayList<>();

    /** Creates a row of layers. */
    public Sequential(Layer... layers) {
        for (Layer layer : layers) {
            append(layer);
        }
    }

    /** Adds a layer at the end, called by its position. */
    public Sequential append(Layer layer) {
        return append(Integer.toString(layers.size()), layer);
    }

    /** Adds a layer at the end under a name. */
    public Sequential append(String name, Layer layer) {
        layers.add(module(name, layer));
        return this;
    }

    /** Returns the number of layers. */
    public int size() {
        return layers.size();
    }

    /**
     * Returns a layer; a negative number counts from the end.
     *
     * @throws IndexException if there is none
     */
    public Layer get(int index) {
        int i = index < 0 ? index + layers.size() : index;
        if (i < 0 || i >= layers.size()) {
            throw new IndexException("[Sequential] expected an index in [" + -layers.size() + ", " + (layers.size() - 1)
                    + "], got " + index);
        }
        return layers.get(i);
    }

    @Override
    public Iterator<Layer> iterator() {
        return Collections.unmodifiableList(layers).iterator();
    }

    /** Returns the result of the last layer; the input itself if there is none. */
    @Override
    public Tensor forward(Tensor input) {
        Tensor x = input;
        for (Layer layer : layers) {
            x = layer.forward(x);
        }
        return x;
    }
}
