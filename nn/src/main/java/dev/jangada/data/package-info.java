/**
 * Data sets and their files, and the loader that brings them in batches.
 *
 * <p>Read {@link dev.jangada.data.Dataset} and {@link dev.jangada.data.DataLoader} first; {@link dev.jangada.data.IdxFile} reads the format
 * that {@link dev.jangada.data.Mnist} is published in, {@link dev.jangada.data.CsvTable} tables, whose features
 * {@link dev.jangada.data.StandardScaler} brings to one size.
 */
package dev.jangada.data;
