#!/usr/bin/env python3
"""Does `check` foretell what real ImageAI did? Over the records of corpus/imageai.

    python score_imageai.py BINARY CORPUS FOLDER      FOLDER is for the files that make_fullsize.py (h5py, numpy) makes

A record is right when exception, message and hidden exception are. What fails at the first picture only, as weights of a wrong
shape do in TensorFlow 1.15, must be foretold as `loads-wrong` that quotes the error.
"""
import json
import subprocess
import sys
from pathlib import Path

binary, corpus, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
AT_THE_PICTURE = ("UnimplementedError",)


def path(name):
    """A file of the corpus, made where it is a full-size one; nothing where its spec is not there."""
    if (corpus / "files" / name).exists():
        return corpus / "files" / name
    spec, _, kind = name[: -len(".h5")].rpartition("__")
    source, made = corpus / "fullsize/specs" / (spec + ".json"), folder / name
    if not source.exists():
        return None
    if not made.exists():
        options = ["--tile", "--gzip"] + (["--weights-only"] if kind == "w" else [])
        subprocess.run([sys.executable, corpus / "fullsize/make_fullsize.py", source, made, *options], check=True, stdout=subprocess.DEVNULL)
    return made


def check(file, *more):
    done = subprocess.run([binary, "check", file, "--format", "json", *more], stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def of_labels(record, report):
    """What is said because of the list of classes."""
    said = [one for one in report["labels"]["says"] if one["runtime"] == edition(record)]
    return said[0] if said else {"outcome": "loads"}


def edition(record):
    return "imageai" + record["imageai"].replace(".", "")


def answer(record, file):
    if record.get("json"):
        return of_labels(record, check(file, "--with", corpus / "imageai/json" / record["json"]))
    loads = check(file)["loads"]
    return next(load for load in loads if load["runtime"] == edition(record) and load["call"] == record["api"])


def hidden(said):
    return "{exception}: {message}".format(**said["hidden"]) if said.get("hidden") else None


def is_hidden(record, said):
    """Whether the hidden exception is that of the record; `...` stands for what depends on the picture."""
    told, real = hidden(said), record.get("hidden_cause")
    if told and "..." in told:
        return bool(real) and real.startswith(told.split("...")[0])
    return told == real


def is_right(record, said):
    words = said.get("reason") or ""
    if record["ok"]:
        return said["outcome"] == "loads"
    if record["exc"] in AT_THE_PICTURE:
        return said["outcome"] == "loads-wrong" and record["msg"].split("\n")[0] in words
    if said.get("outcome") == "loads-wrong":
        return "%s: %s" % (record["exc"], record["msg"]) in words and is_hidden(record, said)
    return (said.get("exception"), said.get("message")) == (record["exc"], record["msg"]) and is_hidden(record, said)


right = asked = left_out = 0
for name in ("imageai_203_outcomes.json", "imageai_216_outcomes.json"):
    for record in json.loads((corpus / "imageai" / name).read_text()):
        file = path(record["file"])
        if file is None or record.get("json") == "no_such.json":
            left_out += 1
            continue
        said = answer(record, file)
        asked += 1
        if is_right(record, said):
            right += 1
            continue
        told = {key: record.get(key) for key in ("file", "num_objects", "json", "ok", "exc", "msg", "hidden_cause")}
        print(record["imageai"], record["api"], told, "\n   said", json.dumps(said)[:700])
print("%d of %d right; %d without a file" % (right, asked, left_out))
