/**
 * Data sets and their files, and the loader that brings them in batches.
 *
 * <p>Read {@link dev.jangada.data.Dataset} and {@link dev.jangada.data.DataLoader} first; {@link dev.jangada.data.IdxFile} reads the format
 * that {@link dev.jangada.data.Mnist} is published in, {@link dev.jangada.data.CsvTable} tables, whose features
 * {@link dev.jangada.data.StandardScaler} brings to one size. {@link dev.jangada.data.Images} are pictures as tensors and back,
 * {@link dev.jangada.data.Transform} what is done to them before they are learned from.
 */
package dev.jangada.data;
