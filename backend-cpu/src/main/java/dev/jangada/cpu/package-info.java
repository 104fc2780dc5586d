/** The CPU backend. Read {@code Native} first: everything that crosses into C++ stands there. */
package dev.jangada.cpu;
