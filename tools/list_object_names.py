#!/usr/bin/env python3
"""Lists what Keras calls its losses, metrics, optimizers and so on, and which arguments its layers write, version by version.

    pip download --no-deps keras==2.15.0    (and so on, one at a time, into one folder; of tf.keras before 2.6, the TensorFlow wheels)
    python3 list_object_names.py tests/fixtures/object_names.json FOLDER/*.whl FOLDER/*.tar.gz

Nothing is imported: names are those of functions, classes and aliases at the top of the modules of that kind, and what they are
exported as; arguments are the keys of a class's `get_config` and of those it inherits.
"""
import ast
import json
import re
import sys

from list_layer_classes import simple, sources, version

# Where the objects of a kind are defined, below the package.
KINDS = {
    "losses": r"(losses|objectives|legacy/losses)(/\w+)*\.py$",
    "metrics": r"metrics(/\w+)*\.py$",
    "optimizers": r"(optimizers?|optimizer_v[12]|legacy/optimizers|optimizer_experimental|mixed_precision(?=/\w*loss_scale))(/\w+)*\.py$",
    "activations": r"activations(/\w+)*\.py$",
    "initializers": r"(initializers|initializations|ops/init_ops|ops/init_ops_v2)(/\w+)*\.py$",
    "regularizers": r"regularizers(/\w+)*\.py$",
    "constraints": r"constraints(/\w+)*\.py$",
}
# Functions of those modules that are no objects of the kind.
DOORS = {"get", "serialize", "deserialize", "get_globals", "populate_deserializable_objects", "keras_export"}
# Classes whose arguments are looked at: what a ResNet is made of.
CLASSES = """InputLayer Conv1D Conv2D Conv3D Conv2DTranspose DepthwiseConv2D SeparableConv2D Dense BatchNormalization LayerNormalization
    GroupNormalization MaxPooling2D AveragePooling2D GlobalAveragePooling2D GlobalMaxPooling2D ZeroPadding2D Cropping2D UpSampling2D
    Activation Dropout SpatialDropout2D Flatten Reshape Permute Add Multiply Average Maximum Concatenate ReLU LeakyReLU PReLU ELU Softmax
    Rescaling Resizing Normalization Embedding""".split()
# Arguments that came with some version; those of Keras 1 that went away are no use for telling an edited file.
ARGUMENTS = """ragged batch_shape optional groups keepdims synchronized renorm renorm_clipping renorm_momentum quantization_config lora_rank
    lora_alpha negative_slope interpolation data_format crop_to_aspect_ratio pad_to_aspect_ratio units use_bias kernel_initializer
    center scale rate padding""".split()
# What Keras itself is called in a TensorFlow wheel: the text of `keras_version`.
IN_TENSORFLOW = {"1.13": "2.2.4-tf", "1.14": "2.2.4-tf", "1.15": "2.2.4-tf", "2.1": "2.2.4-tf", "2.2": "2.3.0-tf", "2.3": "2.4.0",
                 "2.4": "2.4.0"}


def keras_files(path):
    """The Python files of a package that belong to Keras, with their paths below it."""
    for name, text in sources(path):
        match = re.match(r".*?(?:python/keras/|python/(?=ops/init_ops)|[Kk]eras[^/]*/(?:keras/)?(?:src/)?)(.*)$", name)
        if match and ("tensorflow" not in path or "/python/keras/" in name or "/init_ops" in name):
            yield match.group(1), text


def is_object(kind, node):
    """Whether a function is an object of that kind, and no helper of the module."""
    if isinstance(node, ast.ClassDef) or kind not in ("losses", "metrics", "optimizers"):
        return True
    first = [argument.arg for argument in node.args.args][:1]
    return kind != "optimizers" and first in (["y_true"], ["target"], ["y"])


def top_names(kind, tree):
    """Names that a module defines for others, and what it exports them as."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            if not is_object(kind, node):
                continue
            yield node.name
            for decorator in node.decorator_list:
                texts = [t.value for t in ast.walk(decorator) if isinstance(t, ast.Constant) and isinstance(t.value, str)]
                yield from (text.rsplit(".", 1)[-1] for text in texts if text.startswith(("keras.", "tf.keras")))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        # Keras 3 has its aliases as the keys of a dictionary.
        for part in ast.walk(node) if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) else ():
            if isinstance(part, ast.Dict):
                yield from (k.value for k in part.keys if isinstance(k, ast.Constant) and isinstance(k.value, str))


def own_arguments(node):
    """Keys that a class's own get_config writes."""
    for function in node.body:
        if isinstance(function, ast.FunctionDef) and function.name == "get_config":
            for part in ast.walk(function):
                if isinstance(part, ast.Dict):
                    yield from (k.value for k in part.keys if isinstance(k, ast.Constant))
                elif isinstance(part, ast.Call) and simple(part.func) == "dict":
                    yield from (k.arg for k in part.keywords if k.arg)
                elif isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
                    yield from (t.value for t in ast.walk(part.slice) if isinstance(t, ast.Constant))


def arguments(classes, name, seen=()):
    """Keys that a class's get_config writes, inherited ones included."""
    if name not in classes or name in seen:
        return set()
    found = set()
    for node in classes[name]:
        found |= {key for key in own_arguments(node) if isinstance(key, str)}
        for base in filter(None, map(simple, node.bases)):
            found |= arguments(classes, base, (*seen, name))
    return found


def look(path):
    """Names by kind, and arguments by class, of one package."""
    names, classes = {kind: set() for kind in KINDS}, {}
    for name, text in keras_files(path):
        tree = ast.parse(text)
        for kind, pattern in KINDS.items():
            if re.match(pattern, name):
                found = set(top_names(kind, tree)) - DOORS
                names[kind] |= {n for n in found if re.fullmatch(r"[A-Za-z]\w*", n)}
        if re.match(r"(layers|engine|legacy|normalization)/", name):
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    # tf.keras has a second version of some classes behind a flag; the newer one is the later.
                    classes.setdefault(node.name, []).append(node)
    found = {name: arguments(classes, name) for name in CLASSES if name in classes}
    return names, found


def saver(path):
    """`keras_version` that a package writes, and the package in words."""
    package = version(path).replace("_", "-")
    name, number = package.split(" ")
    minor = ".".join(number.split(".")[:2])
    return (IN_TENSORFLOW[minor] if name.startswith("tensorflow") else number), package


def rank(package):
    name, number = package.split(" ")
    numbers = tuple(map(int, number.split(".")))
    # The order of release, which the two lines before 2.6 only have each for itself.
    return (name != "keras" or numbers >= (2, 4), name.startswith("tf-keras"), numbers) if numbers < (3,) or name != "keras" else (2, False, numbers)


def main(out, *packages):
    kinds, written, savers = {kind: {} for kind in KINDS}, {}, []
    for path in sorted(packages, key=lambda path: rank(saver(path)[1])):
        keras_version, package = saver(path)
        savers.append({"package": package, "keras_version": keras_version})
        names, classes = look(path)
        for kind in KINDS:
            for name in names[kind]:
                kinds[kind].setdefault(name, []).append(package)
        for name, keys in classes.items():
            written.setdefault(name, {})[package] = sorted(keys)
    certificate = {"made_by": "tools/list_object_names.py", "packages": savers}
    listed = {kind: {name: [seen[0], seen[-1]] for name, seen in sorted(found.items())} for kind, found in kinds.items()}
    with open(out, "w") as file:
        json.dump({"certificate": certificate, "names": listed, "classes": classes_of(written), "arguments": changes(written)}, file, indent=1)
        file.write("\n")
    print({kind: len(found) for kind, found in listed.items()}, sum(map(len, written.values())))


def classes_of(written):
    """The classes that were looked at, per package."""
    packages = sorted({package for versions in written.values() for package in versions})
    return {package: sorted(name for name in written if package in written[name]) for package in packages}


def changes(written):
    """Per class and argument the packages that have the class and do not write the argument; arguments of all are left out."""
    table = {}
    for name, versions in sorted(written.items()):
        for key in sorted(set().union(*versions.values()) & set(ARGUMENTS)):
            without = [package for package, keys in versions.items() if key not in keys]
            if without:
                table.setdefault(name, {})[key] = without
    return table


if __name__ == "__main__":
    main(*sys.argv[1:])
