#!/usr/bin/env python3
"""Makes the files of tests/fixtures/verdicts/ that were made to do harm: python3 make_hostile_files.py OUT

Made with h5py 3.16.0 and NumPy 2.4.6; other versions give other bytes and the same traps.
"""
import pathlib
import struct
import sys

import h5py
import numpy as np


def circles(path):
    """Groups in the layout of Keras 3's weights that contain each other: eight ways at every step."""
    with h5py.File(path, "w", libver="latest") as file:
        layers = file.create_group("layers")
        dense = layers.create_group("dense")
        dense.create_group("vars")["0"] = np.ones(3, "f4")
        dense["up"] = layers
        for number in range(8):
            layers[f"again{number}"] = layers


def heap_bomb(path, length=40_000, count=1000):
    """`layer_names` lists one string of the file's heap a thousand times: 60 kB of file, 40 MB of memory."""
    with h5py.File(path, "w") as file:
        names = ["a" * length] + ["b"] * (count - 1)
        file.create_group("model_weights").attrs.create("layer_names", names, dtype=h5py.string_dtype())
    data = bytearray(path.read_bytes())
    # The elements lie in a row: length, address of the heap and number in it, 16 bytes each.
    long, short = struct.pack("<I", length), struct.pack("<I", 1)
    first = next(at for at in range(len(data)) if data[at : at + 4] == long and data[at + 16 : at + 20] == short)
    data[first : first + 16 * count] = data[first : first + 16] * count
    path.write_bytes(data)


if __name__ == "__main__":
    out = pathlib.Path(sys.argv[1])
    circles(out / "groups_in_circles.h5")
    heap_bomb(out / "heap_bomb.hdf5")
