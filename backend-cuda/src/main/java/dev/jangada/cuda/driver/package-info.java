/**
 * The CUDA driver, cuBLAS and NVRTC, spoken to with raw addresses; types of the presets stop here. Read
 * {@link dev.jangada.cuda.driver.Probe}, {@link dev.jangada.cuda.driver.Context}, {@link dev.jangada.cuda.driver.Arguments},
 * {@link dev.jangada.cuda.driver.Nvrtc}, {@link dev.jangada.cuda.driver.Cublas}.
 *
 * <p>Only the driver API is used, never the runtime API, and nothing that a driver for CUDA 13.0 lacks: calling a function that the
 * user's driver does not have would end the process.
 */
package dev.jangada.cuda.driver;
