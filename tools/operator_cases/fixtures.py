"""Writes what was found: `cases.json` and `tensors.npy` beside the `.h5` files of one runtime."""
from __future__ import absolute_import

import collections
import io
import json
import os

import numpy as np


class Fixtures(object):
    """The folder of one runtime, growing case by case."""

    def __init__(self, directory, runtime):
        self.directory, self.runtime = directory, runtime
        self.cases, self.refused = [], []
        self._parts, self._length = [], 0

    def path(self, name):
        """Where the file of the case belongs."""
        return os.path.join(self.directory, name + '.h5')

    def add(self, case, truth):
        """Records a case and its tensors."""
        entry = _dict([('name', case.name), ('what', case.what), ('file', case.name + '.h5')])
        if self.runtime in case.optional:
            entry['optional'] = True
        if case.setting:
            entry['setting'] = case.setting
        entry['inputs'] = [self._tensor(n, x) for n, x in truth.inputs]
        entry['outputs'] = [self._tensor(n, y) for n, y in truth.outputs]
        entry['truth'] = truth.how
        if truth.direct is not None:
            entry['own_predict'] = truth.direct
        entry['reload'] = truth.reload
        self.cases.append(entry)

    def refuse(self, case):
        """Records a model that must be refused."""
        self.refused.append(_dict([
            ('name', case.name), ('what', case.what), ('file', case.name + '.h5'),
            ('layer_class', case.layer_class), ('layer_name', case.layer_name),
        ]))

    def _tensor(self, name, array):
        flat = np.ascontiguousarray(array, dtype='<f4').reshape(-1)
        entry = _dict([('name', name), ('shape', list(array.shape)), ('offset', self._length)])
        self._parts.append(flat)
        self._length += flat.size
        return entry

    def write(self, certificate):
        """Writes both files."""
        np.save(os.path.join(self.directory, 'tensors.npy'), np.concatenate(self._parts))
        body = _dict([('certificate', certificate), ('tensors', 'tensors.npy'),
                      ('cases', self.cases), ('refused', self.refused)])
        with io.open(os.path.join(self.directory, 'cases.json'), 'w', encoding='utf-8') as f:
            f.write(u'' + _render(body) + u'\n')


def _dict(pairs):
    return collections.OrderedDict(pairs)


def _render(body):
    """JSON with one line for every tensor."""
    lines = [u'{', u'"certificate": %s,' % _json(body['certificate'], indent=1), u'"tensors": %s,' % _json(body['tensors'])]
    lines += [u'"cases": ['] + [_entry(e) for e in body['cases']]
    lines[-1] = lines[-1].rstrip(u',')
    lines += [u'],', u'"refused": ['] + [_entry(e) for e in body['refused']]
    lines[-1] = lines[-1].rstrip(u',')
    return u'\n'.join(lines + [u']', u'}'])


def _entry(entry):
    fields = []
    for key, value in entry.items():
        if key in ('inputs', 'outputs'):
            rows = u',\n'.join(u'   ' + _json(row) for row in value)
            fields.append(u'  "%s": [\n%s\n  ]' % (key, rows))
        else:
            fields.append(u'  "%s": %s' % (key, _json(value)))
    return u' {\n%s\n },' % u',\n'.join(fields)


def _json(value, indent=None):
    text = json.dumps(value, indent=indent, separators=(',', ': '), ensure_ascii=True)
    return text if isinstance(text, type(u'')) else text.decode('ascii')
