"""Which names a runtime's deserialisers look in."""
import inspect
import sys

from . import routes


def of(route):
    """The table that the runtime looks in: name to object. Caught as the argument of its deserialiser."""
    if route.kind == "module_layers":
        return exported()
    caught = []

    def watch(frame, event, _):
        if event not in ("call", "return"):
            return
        seen = frame.f_locals
        for held in (seen, seen.get("kwargs") or {}):
            for name in ("module_objects", "module_params", "all_classes"):
                if isinstance(held, dict) and isinstance(held.get(name), dict):
                    caught.append(held[name])

    for identifier in (route.identifier("zzz", {}), "zzz"):
        sys.setprofile(watch)
        try:
            route.call(identifier)
        except Exception:
            pass
        finally:
            sys.setprofile(None)
    if not caught:
        # Keras 3 looks up the names of functions without a deserialiser.
        caught = [vars(sys.modules[route.call.__module__]).get("ALL_OBJECTS_DICT")]
    if caught[-1] is None:
        raise SystemExit("no table was caught for " + route.kind)
    # TensorFlow 1.15 looks nowhere for an activation that is given as an object, and in its table for one that is a name.
    table = max(caught, key=len)
    return dict((name, obj) for name, obj in table.items() if not name.startswith("__"))


def exported():
    """What Keras 3 has under the names that files give as `module` of a layer."""
    from keras.src import api_export

    homes = ("keras.layers", "keras.models", "keras")
    split = [name.rpartition(".") + (obj,) for name, obj in api_export.REGISTERED_NAMES_TO_OBJS.items()]
    return dict((last, obj) for home, _, last, obj in split if home in homes and routes.is_layer(obj))


def converted(route):
    """Names that the deserialiser turns into others before it looks in its table."""
    module = sys.modules.get(getattr(route.call, "__module__", None))
    table = getattr(module, "_DESERIALIZATION_TABLE", None)
    return dict(table) if isinstance(table, dict) else {}


def spread(route, found):
    """Names the deserialiser answers to beside its table's: found by asking for known names of other versions."""
    more = {}
    for name in ("Sequential", "Model", "Functional", "Container", "Graph", "Merge", "Network"):
        if name not in found and route.kind == "layers":
            try:
                route.make(name, {})
            except Exception as error:
                if "nknown layer" in str(error) or "nvalid layer" in str(error):
                    continue
            more[name] = None
    return more


def case_insensitive(route, found):
    """Whether names are looked up in lower case: whether a `nAME` gives an object of its class, too."""
    for name in sorted(found):
        if inspect.isclass(found[name]) and name == name.lower() and name.isalpha():
            try:
                made = route.make(name[0] + name[1:].upper(), {})
            except Exception:
                continue
            if isinstance(made, found[name]):
                return True
    return False


def main_names(found):
    """Per object the name that stands for it: its own where the table has it, else the shortest."""
    names = {}
    for name in sorted(found):
        names.setdefault(id(found[name]), []).append(name)
    chosen = {}
    for key, all_names in names.items():
        own = getattr(found[all_names[0]], "__name__", None)
        chosen[key] = own if own in all_names else min(all_names, key=lambda name: (name.lower() == name, len(name), name))
    return chosen


def path(cls):
    """Where a class is, as Python shows it."""
    return cls.__module__ + "." + getattr(cls, "__qualname__", cls.__name__)


def sorted_out(route, found):
    """The names of a table: classes, functions, other names of either, and what is neither."""
    chosen = main_names(found)
    facts = {"classes": {}, "functions": [], "aliases": {}, "others": []}
    for name in sorted(found):
        main = chosen[id(found[name])]
        if not callable(found[name]):
            facts["others"].append(name)
        elif name != main:
            facts["aliases"][name] = main
        elif inspect.isclass(found[name]):
            facts["classes"][name] = {"arguments": None, "class": found[name].__name__, "path": path(found[name])}
        else:
            facts["functions"].append(name)
    facts["aliases"].update(converted(route))
    for name in spread(route, found):
        facts["classes"][name] = {"arguments": None, "class": name}
    return facts


def prefix(package):
    """The package the layers' code lies in."""
    parts = routes.module(package, "layers").Dense.__module__.split(".")
    return ".".join(parts[: parts.index("layers")])


def registered(package, known):
    """Names registered by the runtime itself, which every kind finds: name to the class's own name, or, where that is none of the
    `known` classes of the tables, to its name with its module."""
    found = {}
    for name, module in sorted(sys.modules.items()):
        if module is not None and name.startswith(prefix(package)):
            for attribute in ("_GLOBAL_CUSTOM_OBJECTS", "GLOBAL_CUSTOM_OBJECTS"):
                table = getattr(module, attribute, None)
                if isinstance(table, dict):
                    found.update((key, named(obj, known)) for key, obj in table.items() if key != "Probe")
    return found


def named(obj, known):
    """How the registered class is found again; TensorFlow 2.8 registers an `Adam` that is not the one in its table."""
    own = getattr(obj, "__name__", None)
    return own if own is None or any(obj is other for other in known) else "%s.%s" % (obj.__module__, own)


HOMES = ["keras", "keras.models", "keras.dtype_policies"] + ["keras." + kind for kind in routes.KINDS]


def modules(package):
    """Keras 3 finds what carries a `module` by its public name: module to the names in it."""
    if routes.major(package) != 3:
        return {}
    from keras.src import api_export

    symbols = getattr(api_export, "REGISTERED_NAMES_TO_OBJS", None)
    found = {}
    for name, obj in symbols.items():
        home, _, last = name.rpartition(".")
        if home in HOMES:
            kind = "classes" if inspect.isclass(obj) else "functions"
            found.setdefault(home, {}).setdefault(kind, []).append(last)
    return dict((home, dict((k, sorted(v)) for k, v in names.items())) for home, names in found.items())
