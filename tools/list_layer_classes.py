#!/usr/bin/env python3
"""Lists every layer class that Keras ever shipped, from the source packages themselves.

    pip download --no-deps --no-build-isolation keras==2.15.0    (and so on, one at a time, into one folder)
    python3 list_layer_classes.py tests/fixtures/layer_classes.json FOLDER/*.whl FOLDER/*.tar.gz

Nothing is imported: the classes are those below `layers/`, `legacy/` and `engine/` whose bases lead to Layer, the names they are
exported under, and their aliases. A class that others build upon and that is not exported is no layer of its own.
"""
import ast
import json
import re
import sys
import tarfile
import zipfile

# Models are layers to Keras, but not to this list; metrics were layers until Keras 3. Neither is named by a graph.
NOT_LAYERS = {"Layer", "Model", "Functional", "Sequential", "Network", "Container", "Graph", "FeatureSpace"}
FOLDERS = ("/layers/", "/legacy/", "/engine/")
# Bases of other classes that graphs name all the same.
NAMED_BASES = {"InstanceProperty", "TFOpLambda"}


def sources(path):
    """Names and texts of the Python files of a wheel or source package, those of tests left out."""
    if path.endswith(".whl"):
        archive = zipfile.ZipFile(path)
        files = [(name, archive.read(name)) for name in archive.namelist()]
    else:
        archive = tarfile.open(path)
        files = [(m.name, archive.extractfile(m).read()) for m in archive.getmembers() if m.isfile()]
    for name, text in files:
        if name.endswith(".py") and "_test" not in name and "/tests/" not in name and "testing" not in name:
            yield name, text.decode("utf-8")


def simple(node):
    """The last part of a dotted name."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def exported(node):
    """The names below keras.layers that a class is exported under."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and simple(decorator.func) in ("keras_export", "tf_export"):
            for text in (t.value for t in ast.walk(decorator) if isinstance(t, ast.Constant)):
                if isinstance(text, str) and text.startswith("keras.layers."):
                    yield text.rsplit(".", 1)[1]


def classes(path):
    """The layer classes of one package."""
    bases, names, places, aliases = {}, {}, {}, []
    for name, text in sources(path):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(filter(None, map(simple, node.bases)))
                names.setdefault(node.name, set()).update(exported(node))
                places.setdefault(node.name, set()).add(name)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and "/layers" in name:
                aliases += [(t.id, node.value.id) for t in node.targets if isinstance(t, ast.Name)]
    layers, others = descendants(bases, {"Layer"}), descendants(bases, {"Metric", "Model", "Network", "Container"})
    has_exports = any(names.values())
    parents = set().union(*bases.values())
    found = set()
    for name in layers - others - NOT_LAYERS:
        is_base = has_exports and name in parents and not names[name] and name not in NAMED_BASES
        is_there = names[name] or any(folder in place for folder in FOLDERS for place in places[name])
        if is_there and not is_base and not name.startswith("_"):
            found |= {name} | names[name]
    return found | {alias for alias, name in aliases if name in found and alias[0].isupper()}


def descendants(bases, found):
    """The classes whose bases lead to one of `found`, those included."""
    while True:
        more = {name for name, parents in bases.items() if parents & found} - found
        if not more:
            return found
        found = found | more


def version(path):
    """`keras-2.15.0-py3-none-any.whl` -> `keras 2.15.0`."""
    return " ".join(re.match(r"(.+?)-([0-9.]+[0-9])", path.rsplit("/", 1)[-1]).groups()).lower()


def main(out, *packages):
    union = {}
    for path in packages:
        for name in classes(path):
            union.setdefault(name, []).append(version(path))
    certificate = {"made_by": "tools/list_layer_classes.py", "packages": sorted(map(version, packages))}
    listed = {name: sorted(union[name]) for name in sorted(union)}
    with open(out, "w") as file:
        json.dump({"certificate": certificate, "classes": listed}, file, indent=1)
        file.write("\n")
    print(f"{len(listed)} classes of {len(packages)} packages")


if __name__ == "__main__":
    main(*sys.argv[1:])
