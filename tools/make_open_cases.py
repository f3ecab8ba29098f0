#!/usr/bin/env python3
"""Makes the files of tests/fixtures/open: small HDF5 files, each with another value of `model_config` or another way to store it, and files
that are no HDF5 under names that matter to Keras 3.

    python make_open_cases.py FOLDER

Made with h5py 3.16.0 (HDF5 2.0.0) and NumPy 2.x. `measure_open_cases.py` says what the runtimes do with them.
"""
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)

# Texts of model_config, stored as bytes of fixed length.
TEXTS = {
    "list": b"[]",
    "list1": b'[{"class_name": "Dense", "config": {}}]',
    "str": b'"abc"',
    "estr": b'""',
    "num": b"3",
    "big": b"123456789012345678901234567890",
    "flt": b"1.5",
    "null": b"null",
    "true": b"true",
    "nan": b"NaN",
    "inf": b"-Infinity",
    "neg": b"-",
    "ws": b"  ",
    "comma": b'{"a": 1,}',
    "lcomma": b"[1,]",
    "extra": b"{} x",
    "bom": b"\xef\xbb\xbf{}",
    "ctrl": b'{"a\n": 1}',
    "esc": b'{"\\x": 1}',
    "u": b'{"\\uZZZZ": 1}',
    "u2": b'{"\\u12',
    "key": b"{a: 1}",
    "key2": b'{"a" 1}',
    "val": b'{"a": }',
    "val2": b'{"a": tru}',
    "dl": b'{"a": 1 "b": 2}',
    "sq": b"{'a': 1}",
    "open_": b"{",
    "open2": b'{"a"',
    "open3": b'{"a":',
    "open4": b'{"a": [1, 2',
    "bad": b'{"a": "\xff"}',
    "bad2": b'{"a": "\xc3',
    "bad4": b"\xf0\x28\x8c\x28",
    "bad5": b"\x80",
    "bad6": b'{"\xe2\x82"}',
}


def write(name, fill=None, **options):
    with h5py.File(folder / name, "w", **options) as file:
        if fill is not None:
            fill(file)


def value(value, **options):
    return lambda file: file.attrs.create("model_config", value, **options)


def part(value, **options):
    return lambda file: file.attrs.create("model_config0", value, **options)


for name, text in TEXTS.items():
    write(f"cfg_{name}.h5", value(np.bytes_(text)))

utf8, ascii_ = h5py.string_dtype(), h5py.string_dtype("ascii")
objects = lambda *texts: np.array(texts, dtype=object)
write("attr_int.h5", value(3))
write("attr_float.h5", value(1.5))
write("attr_arr.h5", value(np.array([b"{}", b"{}"])))
write("attr_arr1.h5", value(np.array([b"{}"])))
write("attr_numarr.h5", value(np.zeros(3)))
write("attr_empty.h5", lambda file: file.attrs.__setitem__("model_config", h5py.Empty("S10")))
write("attr_vs.h5", value(objects("{}", "b"), dtype=utf8))
write("attr_vs1.h5", value(objects("{}"), dtype=utf8))
write("attr_vascii.h5", value(b"{}", dtype=ascii_))
write("attr_vascii_bad.h5", value(b'{"\xff": }', dtype=ascii_))
write("attr_vutf8.h5", value("{}", dtype=utf8))
write("attr_vutf8_nonascii.h5", value('{"é": }', dtype=utf8))
write("attr_vempty.h5", value("", dtype=utf8))
write("attr_fixutf8.h5", value(b"{}  ", dtype=h5py.string_dtype("utf-8", 4)))
write("none.h5")
write("grp.h5", lambda file: file.create_group("model_config"))
write("ds.h5", lambda file: file.create_dataset("model_config", data=np.bytes_(b"{}")))
write("dsnum.h5", lambda file: file.create_dataset("model_config", data=np.zeros(3)))
write("chunked.h5", part(np.array([b"{}"])))
write("chunked_s.h5", part(np.bytes_(b"{}")))
write("chunked_v.h5", part(objects("{}"), dtype=utf8))

# A list, which every runtime refuses in its own words, in files of other kinds and under other names.
a_list = value(np.bytes_(b"[]"))
write("latest.h5", a_list, libver="latest")
write("v110.h5", a_list, libver=("v110", "v110"))
write("v18.h5", a_list, libver=("earliest", "v108"))
write("ub512.h5", a_list, userblock_size=512)
write("ub2048.h5", a_list, userblock_size=2048)
for name in ["w.weights.h5", "x.hdf5", "x.H5", "x", "x.keras", "x.hdf", "x.h5.keras"]:
    write(name, a_list)

for name in ["z.keras", "z.h5"]:
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("a.txt", "x")
(folder / "t.keras").write_text("hello")
(folder / "t.txt").write_text("hello")
(folder / "e").write_bytes(b"")
