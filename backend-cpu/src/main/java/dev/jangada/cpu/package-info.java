/**
 * The CPU backend. Read {@code Native} first: everything that crosses into C++ stands there.
 *
 * <p>Before JavaCPP's first class loads, this backend sets {@code org.bytedeco.javacpp.nopointergc=true} unless the property is set: it owns
 * its native memory and wants no reference and no thread of JavaCPP for it. A program that uses JavaCPP itself closes its pointers then, or
 * sets the property to {@code false}.
 */
package dev.jangada.cpu;
