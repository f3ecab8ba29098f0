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


def model(path, **how):
    """The weights of one Dense layer, 4 -> 3; `how` has its own ways to make the kernel or the bias."""
    with h5py.File(path, "w") as file:
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = np.array([b"dense"])
        dense = weights.create_group("dense")
        dense.attrs["weight_names"] = np.array([b"dense/kernel:0", b"dense/bias:0"])
        for name, shape in (("kernel", (4, 3)), ("bias", (3,))):
            numbers = np.arange(1, 1 + np.prod(shape), dtype="f4").reshape(shape) / 8
            make = how.get(name, lambda group, name, numbers: group.create_dataset(name, data=numbers))
            make(dense.require_group("dense"), f"{name}:0", numbers)
        how.get("more", lambda weights: None)(weights)


def links(path):
    """Links of every kind that is a path: to another file, to a sibling and to nothing."""

    def more(weights):
        weights["outside"] = h5py.ExternalLink("other.h5", "/dense")
        weights["again"] = h5py.SoftLink("dense")
        weights["nowhere"] = h5py.SoftLink("/lost")

    model(path, more=more)


def data_elsewhere(path):
    """A bias whose numbers are in another file, and a kernel that is a view of another dataset."""

    def external(group, name, numbers):
        group.create_dataset(name, shape=numbers.shape, dtype="f4", external=[("numbers.bin", 4, numbers.nbytes)])

    def virtual(group, name, numbers):
        layout = h5py.VirtualLayout(shape=numbers.shape, dtype="f4")
        layout[:] = h5py.VirtualSource("other.h5", "kernel", shape=numbers.shape)
        group.create_virtual_dataset(name, layout)

    model(path, bias=external, kernel=virtual)


def shape_bomb(path):
    """A kernel that declares 4 TB and stores one chunk of zeros."""

    def bomb(group, name, numbers):
        shape, chunk = (1 << 20, 1 << 20), (1, 4096)
        group.create_dataset(name, shape=shape, dtype="f4", chunks=chunk, compression="gzip")[0, :4096] = 0

    model(path, kernel=bomb)


def never_written(path):
    """A bias that was created and not written."""
    model(path, bias=lambda group, name, numbers: group.create_dataset(name, shape=numbers.shape, dtype="f4"))


def unknown_filter(path):
    """A kernel whose chunk says that it was compressed with Blosc; it was with Deflate."""
    chunked = dict(chunks=(4, 3), compression="gzip")
    model(path, kernel=lambda group, name, numbers: group.create_dataset(name, data=numbers, **chunked))
    data = bytearray(path.read_bytes())
    # Number, length of the name, flags and count of the filter, then its name.
    at = data.index(struct.pack("<4H", 1, 8, 1, 1) + b"deflate")
    data[at : at + 2] = struct.pack("<H", 32001)
    path.write_bytes(data)


if __name__ == "__main__":
    out = pathlib.Path(sys.argv[1])
    circles(out / "groups_in_circles.h5")
    heap_bomb(out / "heap_bomb.hdf5")
    for make in (links, data_elsewhere, shape_bomb, never_written, unknown_filter):
        make(out / f"{make.__name__}.hdf5")
