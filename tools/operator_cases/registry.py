"""The list of operator cases and the decorators that fill it."""

CASES = []
REFUSED = []

KERAS2_UP = ('k315', 'tf215', 'tf115', 'k224')
TWO_NEWEST = ('k315', 'tf215')
KERAS3 = ('k315',)
KERAS1 = ('k122',)
ANY = KERAS2_UP + KERAS1


class Case(object):
    """One model: how to build it, which runtimes have it, and how its truth is found.

    `setting`: global settings while it is built (`data_format`, `floatx`, `policy`).
    `twin`: its truth comes from the same model built without `setting`, with the same weights.
    `optional`: a reader may refuse the file, but must then say why; the runtimes where that is so.
    `data`: makes the inputs, `f(rng, shape) -> array`.
    `size`: height and width of the image where the model leaves them open.
    """

    def __init__(self, build, name, what, eras, setting=None, twin=None, optional=(), data=None, batch=1,
                 size=None):
        self.build, self.name, self.what, self.eras = build, name, what, eras
        self.setting, self.twin, self.optional = setting or {}, twin, optional
        self.data, self.batch, self.size = data, batch, size


class Refused(object):
    """A model that must be refused by naming the layer `layer_name` of class `layer_class`."""

    def __init__(self, build, name, what, eras, layer_class, layer_name):
        self.build, self.name, self.what, self.eras = build, name, what, eras
        self.layer_class, self.layer_name = layer_class, layer_name


def case(name, what, eras, **options):
    """Adds the decorated builder `f(era) -> model` to the cases."""
    def add(build):
        CASES.append(Case(build, name, what, eras, **options))
        return build
    return add


def refused(name, what, eras, layer_class, layer_name):
    """Adds the decorated builder to the models that must be refused."""
    def add(build):
        REFUSED.append(Refused(build, name, what, eras, layer_class, layer_name))
        return build
    return add
