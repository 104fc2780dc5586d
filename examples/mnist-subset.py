#!/usr/bin/env python3
"""Packs the first 10,000 training and 2,000 test images of MNIST into the resources of the examples.

    python3 examples/mnist-subset.py DIR

DIR holds the four published files, compressed (train-images-idx3-ubyte.gz and so on). The same input gives the same
output, byte for byte, with the same zlib.
"""
import gzip
import pathlib
import struct
import sys

source = pathlib.Path(sys.argv[1])
target = pathlib.Path(__file__).parent / "src/main/resources/dev/jangada/examples/mnist"
target.mkdir(parents=True, exist_ok=True)
for part, count in (("train", 10_000), ("t10k", 2_000)):
    for kind, item in (("images-idx3", 28 * 28), ("labels-idx1", 1)):
        name = f"{part}-{kind}-ubyte.gz"
        data = gzip.decompress((source / name).read_bytes())
        header = 16 if item > 1 else 8
        packed = data[:4] + struct.pack(">i", count) + data[8 : header + count * item]
        (target / name).write_bytes(gzip.compress(packed, compresslevel=9, mtime=0))
        print(name, (target / name).stat().st_size, "bytes")
