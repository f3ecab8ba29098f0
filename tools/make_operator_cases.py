"""Asks a real Keras what small models compute, and writes the operator suite's fixtures.

    python make_operator_cases.py RUNTIME OUT [--all | CASE ...]

RUNTIME is an id of `era.RUNTIMES`; the Python must be the one of requirements/RUNTIME.txt. The fixtures go to
OUT/RUNTIME. With CASE names, only those are made, and nothing but a table is written. With --all, also those that
are usually kept for other runtimes alone.
"""
from __future__ import absolute_import, print_function

import collections
import importlib
import os
import sys
import tempfile

from operator_cases import registry, truth
from operator_cases.era import ENVIRONMENT, Era
from operator_cases.fixtures import Fixtures
from operator_cases.kept import keeps

MODULES = ['convolution', 'normalization', 'activation', 'window', 'merging', 'core', 'images', 'blocks', 'nesting', 'formats',
           'unreadable', 'keras1']
# The file and the memory hold the same float32 numbers, so only the order of a sum may differ.
TOLERANCE = 1e-5


def main(runtime, out, only, everything):
    era = Era(runtime)
    for module in MODULES:
        importlib.import_module('operator_cases.' + module)
    directory = tempfile.mkdtemp() if only else _emptied(os.path.join(out, runtime))
    fixtures = Fixtures(directory, runtime)
    wanted = lambda c: runtime in c.eras and (c.name in only if only else everything or keeps(runtime, c.name))
    doubtful = [c.name for c in registry.CASES if wanted(c) and not _make(era, c, fixtures)]
    for c in (r for r in registry.REFUSED if runtime in r.eras and not only):
        truth.save_refused(era, c, fixtures.path(c.name))
        fixtures.refuse(c)
        print('%-28s %6d bytes  to be refused' % (c.name, os.path.getsize(fixtures.path(c.name))))
    if not only:
        fixtures.write(_certificate(era))
    print('%d cases, %d refused; the reloaded model differs in: %s'
          % (len(fixtures.cases), len(fixtures.refused), ', '.join(doubtful) or 'none'))


def _make(era, c, fixtures):
    found = truth.find(era, c, fixtures.path(c.name))
    fixtures.add(c, found)
    agrees = found.reload.get('max_abs_diff', 0) <= TOLERANCE and found.reload.get('weights_equal', True)
    print('%-28s %6d bytes  reload %s  own %s' % (c.name, os.path.getsize(fixtures.path(c.name)), found.reload, found.direct))
    sys.stdout.flush()
    return agrees


def _emptied(directory):
    if not os.path.isdir(directory):
        os.makedirs(directory)
    for name in os.listdir(directory):
        os.remove(os.path.join(directory, name))
    return directory


def _certificate(era):
    return collections.OrderedDict([
        ('made_by', 'tools/make_operator_cases.py'), ('runtime', era.id), ('requirements', 'tools/requirements/%s.txt' % era.id),
        ('versions', collections.OrderedDict(era.versions())), ('environment', collections.OrderedDict(sorted(ENVIRONMENT.items()))),
        ('device', 'CPU'),
        ('values', 'seeded by the case name, the same under every runtime; see tools/operator_cases/values.py'),
        ('tensors', 'one-dimensional float32, C order; `offset` counts elements; shapes include the batch, as this Keras has them')])


if __name__ == '__main__':
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    rest = sys.argv[3:]
    main(sys.argv[1], sys.argv[2], [c for c in rest if c != '--all'], '--all' in rest)
