"""How each runtime gets from what a file says to an object: the functions its load_model calls, per kind."""
import importlib
import inspect
import json

# Kinds whose classes are made from configurations in a file, so that their arguments matter.
TRIED = ("layers", "module_layers", "initializers", "regularizers", "constraints", "optimizers", "legacy_optimizers",
         "losses", "metrics")
KINDS = ("layers", "initializers", "regularizers", "constraints", "activations", "optimizers", "losses", "metrics")


def api(name):
    """The package with `layers`, `models` and so on."""
    if name == "tensorflow.keras":
        import tensorflow

        return tensorflow.keras
    return importlib.import_module(name)


def major(package):
    """1, 2 or 3: which Keras a package is."""
    version = getattr(package, "__version__", None) or "2"
    return int(version.split(".")[0])


def module(package, name):
    """The module of one kind."""
    older = {"initializers": "initializations", "losses": "objectives"}
    if major(package) == 1:
        name = older.get(name, name)
    found = getattr(package, name, None)
    return found if found is not None else importlib.import_module(package.__name__ + "." + name)


def parameters(function):
    """Names of a function's parameters."""
    try:
        return list(inspect.signature(function).parameters)
    except AttributeError:
        return inspect.getargspec(function).args


def kinds(package):
    """The kinds asked inside load_model, and those after the model was made."""
    late = ["optimizers", "losses", "metrics"]
    if has_legacy_optimizers(package):
        late.insert(1, "legacy_optimizers")
    early = [kind for kind in KINDS if kind not in late]
    if major(package) == 3:
        # Layers that say their `module` take another way.
        early.insert(1, "module_layers")
    return (early, late) if major(package) == 3 else (early + late, [])


def has_legacy_optimizers(package):
    """Whether `is_legacy_optimizer` in a configuration chooses between two sets of optimizers."""
    optimizers = module(package, "optimizers")
    if not hasattr(optimizers, "legacy") or major(package) != 2:
        return False
    try:
        # TensorFlow 2.9 has the module, and takes this for an argument of the optimizer.
        optimizers.deserialize({"class_name": "SGD", "config": {"is_legacy_optimizer": False}})
        return True
    except TypeError:
        return False


def bare(value):
    """What json.dumps can't write as such: TensorFlow's wrapped dicts and lists, NumPy's numbers and arrays."""
    if hasattr(value, "__wrapped__"):
        return value.__wrapped__
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError("not JSON: " + type(value).__name__)


class Route(object):
    """From an identifier in a file to an object of one kind."""

    def __init__(self, kind, call, compose, extra=None):
        self.kind = kind
        self.call = call
        self.compose = compose
        # Arguments that every configuration must hold to come this way.
        self.extra = extra or {}

    def identifier(self, name, config):
        """What a file says of an object with a configuration, fresh, as it comes from JSON."""
        config = dict(config)
        for key in self.extra:
            config.setdefault(key, self.extra[key])
        return json.loads(json.dumps(self.compose(name, config), default=bare))

    def make(self, name, config):
        """The object of that name made from a configuration."""
        return self.call(self.identifier(name, config))


def plain(name, config):
    """How files since Keras 1.0 describe an object."""
    return {"class_name": name, "config": config}


def with_module(name, config):
    """How Keras 3 describes a layer."""
    home = "keras" if name in ("Model", "Sequential") else "keras.layers"
    return {"module": home, "class_name": name, "config": config, "registered_name": None}


def is_layer(obj):
    """Whether something is a class of layers of Keras 3."""
    import keras

    return inspect.isclass(obj) and issubclass(obj, keras.layers.Layer)


def flat(name, config):
    """How Keras 1 describes regularizers and constraints: the arguments beside the name."""
    return dict(config, name=name)


def of(package, kind):
    """The route of one kind."""
    if major(package) == 1:
        return of_keras1(package, kind)
    if kind == "module_layers":
        library = importlib.import_module(package.__name__ + ".src.saving.serialization_lib")
        return Route(kind, library.deserialize_keras_object, with_module)
    if kind == "layers" and major(package) == 3:
        return Route(kind, keras3_legacy(package).model_from_config, plain)
    if kind == "layers":
        return Route(kind, module(package, "layers").deserialize, plain)
    if kind == "legacy_optimizers":
        return Route(kind, module(package, "optimizers").deserialize, plain, {"learning_rate": 0.01})
    if kind == "optimizers" and has_legacy_optimizers(package):
        return Route(kind, module(package, kind).deserialize, plain, {"is_legacy_optimizer": False})
    if kind in ("optimizers", "losses", "metrics"):
        return Route(kind, module(package, kind).deserialize, plain)
    return Route(kind, module(package, kind).get, plain)


def keras3_legacy(package):
    """What Keras 3 makes the layers of an .h5 file with."""
    return importlib.import_module(package.__name__ + ".src.legacy.saving.saving_utils")


def of_keras1(package, kind):
    """The route of one kind in Keras 1."""
    if kind == "layers":
        return Route(kind, importlib.import_module("keras.utils.layer_utils").layer_from_config, plain)
    if kind == "optimizers":
        return Route(kind, module(package, kind).optimizer_from_config, plain)
    return Route(kind, module(package, kind).get, flat)
