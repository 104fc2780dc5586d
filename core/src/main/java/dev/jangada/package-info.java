/** What users import: tensors, their types, shapes, devices and random generators. */
package dev.jangada;
