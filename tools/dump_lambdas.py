#!/usr/bin/env python
"""Dumps functions as Keras stores them in Lambda layers, once per Python: the truth for src/keras/python.

    python2.7 dump_lambdas.py OUT/2.7.json ... python3.13 dump_lambdas.py OUT/3.13.json
    python3 dump_lambdas.py tests/fixtures/python/lambdas.json --join OUT/*.json

Nothing is called; the functions are compiled and marshalled. Runs on Python 2.7 and on every 3.
"""
import base64
import json
import marshal
import sys
import types

SOURCES = [
    ("scale", "f = lambda x: x / 127.5 - 1.0"),
    ("channels", "\n\nf = lambda x: x[..., ::-1] - [103.939, 116.779, 123.68]"),
    ("method", "f = lambda x: K.expand_dims(x, axis=-1)"),
    ("inner", "f = lambda x: [(lambda y: y * 3)(v) for v in tf.unstack(x)]"),
    ("closure", "def outer(factor):\n    return lambda x: x * factor\nf = outer(0.5)"),
    ("named", "def normalise(x):\n    mean = x.mean()\n    return x - mean\nf = normalise"),
    ("system", "import os\nf = lambda x: os.system('id') or x"),
    ("imported", "f = lambda x: __import__('subprocess').call(['id']) or x"),
    ("big", "f = lambda x: x + 12345678901234567890 + 2147483648 + True"),
]


def codes(code):
    yield code
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            for found in codes(inner):
                yield found


def case(what, source):
    scope = {}
    exec(compile(source, "model.py", "exec"), scope)
    code = scope["f"].__code__
    every = list(codes(code))
    plain = [c for one in every for c in one.co_consts if isinstance(c, (float, str)) and c != "<lambda>"]
    return {
        "python": "%d.%d" % sys.version_info[:2],
        "what": what,
        "code": base64.b64encode(marshal.dumps(code)).decode("ascii"),
        "name": code.co_name,
        "line": code.co_firstlineno,
        "names": sorted({name for one in every for name in one.co_names}),
        "constants": sorted({repr(c) for c in plain if not (isinstance(c, str) and ("." in c or len(c) > 60))}),
    }


def main():
    if sys.argv[2:3] == ["--join"]:
        cases, versions = [], []
        for path in sys.argv[3:]:
            with open(path) as file:
                part = json.load(file)
            cases += part["cases"]
            versions.append(part["python"])
        result = {"certificate": {"made_by": "tools/dump_lambdas.py", "pythons": versions}, "cases": cases}
    else:
        result = {"python": sys.version.split()[0], "cases": [case(*source) for source in SOURCES]}
    with open(sys.argv[1], "w") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


main()
