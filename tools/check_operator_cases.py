"""Checks the operator suite's fixtures, and compares what different runtimes gave for the same case.

    python check_operator_cases.py DIR

DIR holds one folder for every runtime. Every number must be finite, every file present and none left over. Weights and
inputs are the same under every runtime, so where two runtimes have a case, their outputs must agree, unless
`KNOWN_DIFFERENCES` says why not. Exits with 1 if anything is wrong. Needs NumPy.
"""
import json
import os
import sys

import numpy as np

TOLERANCE = 2e-5
# Case and output: why two versions of Keras give different numbers. `*` is every output.
KNOWN_DIFFERENCES = {
    ('activation_classic', 'hard_sigmoid_'): 'Keras 3 has relu6(x + 3) / 6, older ones clip(0.2 x + 0.5)',
    ('activation_extremes', 'hard_sigmoid_'): 'the same',
    ('up_sampling_bilinear', '*'): 'TensorFlow 1.13 under Keras 2.2.4 measures from corners, later ones from half-pixel centres',
    ('random_crop', '*'): 'at inference Keras 3 leaves the image as it is, Keras 2 cuts out the middle',
    ('float16_weights', '*'): 'Keras 3 stores BatchNormalization in float16 too, Keras 2 in float32',
}
# Every number of these is the same, and rightly so.
CONSTANT = [('zero_padding_then_pool', 'max_global')]


def main(root):
    runtimes = {r: _read(os.path.join(root, r)) for r in sorted(os.listdir(root)) if os.path.isdir(os.path.join(root, r))}
    wrong = []
    for runtime, (body, tensors) in runtimes.items():
        wrong += ['%s: %s' % (runtime, w) for w in _files(os.path.join(root, runtime), body) + _tensors(body, tensors)]
    names = sorted(runtimes)
    for i, a in enumerate(names):
        for b in names[i + 1:]:
            wrong += _compare(a, runtimes[a], b, runtimes[b])
    for runtime, (body, _) in runtimes.items():
        print('%s: %d cases, %d to be refused' % (runtime, len(body['cases']), len(body['refused'])))
    print('\n'.join(wrong) or 'nothing wrong')
    return 1 if wrong else 0


def _read(directory):
    with open(os.path.join(directory, 'cases.json')) as f:
        body = json.load(f)
    return body, np.load(os.path.join(directory, body['tensors']))


def _files(directory, body):
    listed = [c['file'] for c in body['cases'] + body['refused']]
    found = [n for n in os.listdir(directory) if n.endswith('.h5')]
    twice = sorted(set(n for n in listed if listed.count(n) > 1))
    return ['%s is listed twice' % n for n in twice] + ['%s is on one side only' % n for n in sorted(set(listed) ^ set(found))]


def _tensors(body, tensors):
    wrong = []
    for case in body['cases']:
        for tensor in case['inputs'] + case['outputs']:
            values = _values(tensors, tensor)
            if values.dtype != np.float32 or not np.all(np.isfinite(values)):
                wrong.append('%s/%s is not finite float32' % (case['name'], tensor['name']))
        wrong += ['%s/%s is all one number' % (case['name'], t['name']) for t in case['outputs']
                  if (case['name'], t['name']) not in CONSTANT and np.ptp(_values(tensors, t)) == 0]
    return wrong


def _values(tensors, tensor):
    size = int(np.prod(tensor['shape']))
    return tensors[tensor['offset']:tensor['offset'] + size].reshape(tensor['shape'])


def _compare(a, of_a, b, of_b):
    wrong, compared, farthest = [], 0, 0.0
    other = {c['name']: c for c in of_b[0]['cases']}
    for case in of_a[0]['cases']:
        for found in _differences(case, other.get(case['name']), of_a[1], of_b[1]):
            compared += 1
            output, difference = found
            if _known(case['name'], output):
                continue
            farthest = max(farthest, difference)
            if difference > TOLERANCE:
                wrong.append('%s and %s: %s/%s differs by %.3g' % (a, b, case['name'], output, difference))
    print('%s and %s: %d outputs compared, farthest %.3g' % (a, b, compared, farthest))
    return wrong


def _differences(case, other, tensors, other_tensors):
    """`(output, relative difference)` for the same output under both; nothing where the inputs are not equal."""
    if other is None or _inputs(case, tensors) != _inputs(other, other_tensors):
        return
    names = [[t['name'] for t in c['outputs']] for c in (case, other)]
    # Where one runtime has more of a kind, the names tell which is which; elsewhere the order does.
    by_place = len(names[0]) == len(names[1])
    for i, x in enumerate(case['outputs']):
        for y in (y for j, y in enumerate(other['outputs']) if (i == j if by_place else x['name'] == y['name'])):
            yield x['name'], _difference(_values(tensors, x).astype('f8'), _values(other_tensors, y).astype('f8'))


def _difference(u, v):
    return float('inf') if u.shape != v.shape else float(np.max(np.abs(u - v) / np.maximum(1.0, np.abs(u))))


def _inputs(case, tensors):
    return [_values(tensors, t).tobytes() for t in case['inputs']]


def _known(case, output):
    return (case, output) in KNOWN_DIFFERENCES or (case, '*') in KNOWN_DIFFERENCES


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
