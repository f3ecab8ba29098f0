#!/usr/bin/env python3
"""Lists what Python's json.loads says of broken texts: the truth for src/keras/json.rs.

    python3.11 list_json_errors.py tests/fixtures/python/json_errors.json

Python 3.13 words two of the cases otherwise (`Illegal trailing comma before end of object`), so an older one makes the list.
"""
import json
import platform
import sys

WHOLE = '{"class_name": "Model", "config": {"name": "m\\u00e9\\n", "layers": [1, -2.5e3, true, null], "x": {}}}'
TEXTS = [WHOLE[:end] for end in range(len(WHOLE))] + [
    WHOLE, " ", "\ufeff{}", "{} {}", "{}x", "[1,]", "[,]", "[1 2]", "{,}", '{"a":1,}', "{'a': 1}", '{"a" 1}', '{"a": }', '{"a": nul}',
    '{"a": True}', '"\\x"', '"\\u12g4"', '"\\u12', '"\\u1234', '"a\nb"', '"\t"', "-", "01", "1.", "1.e5", "1e", "+1", ".5", "nan", "Inf",
    "[1]\n[2]", "{\n \"a\": 1,\n \"b\" 2\n}", "\n\n  [1,\n2", '"é', '{"é": x}', "é", "NaN", "-Infinity", "-Inf", "[]]", "{}\x00", "\x00",
]


def outcome(text):
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return str(error)


cases = [[text, outcome(text)] for text in TEXTS]
certificate = {"made_by": "tools/list_json_errors.py", "python": platform.python_version()}
with open(sys.argv[1], "w") as file:
    json.dump({"certificate": certificate, "cases": cases}, file, indent=0)
    file.write("\n")
