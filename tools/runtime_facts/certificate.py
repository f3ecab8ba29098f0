"""Which versions answered."""
import platform


def version(name):
    """The version of an importable package, or None."""
    try:
        return getattr(__import__(name), "__version__", None)
    except Exception:
        return None


def distributions():
    """Every installed distribution as name==version, sorted."""
    try:
        from importlib import metadata

        found = [(d.metadata["Name"], d.version) for d in metadata.distributions()]
    except ImportError:
        import pkg_resources

        found = [(d.project_name, d.version) for d in pkg_resources.working_set]
    return sorted(set("%s==%s" % pair for pair in found if pair[0]), key=lambda text: text.lower())


def of(api, api_name):
    """The birth certificate of the facts."""
    import h5py

    certificate = {
        "script": "tools/dump_runtime.py",
        "python": platform.python_version(),
        "api": api_name,
        "keras": getattr(api, "__version__", None) or version("keras"),
        "tensorflow": version("tensorflow"),
        "numpy": version("numpy"),
        "h5py": h5py.__version__,
        "hdf5": h5py.version.hdf5_version,
        "distributions": distributions(),
    }
    backend = getattr(getattr(api, "backend", None), "backend", None)
    certificate["backend"] = backend() if callable(backend) else "tensorflow"
    return certificate
