"""Padding, cropping and pooling, alone and next to each other."""
from __future__ import absolute_import

from . import values
from .registry import KERAS2_UP, TWO_NEWEST, case

PADDINGS = [('symmetric', {'padding': 1}), ('two_numbers', {'padding': (1, 2)}),
            ('asymmetric', {'padding': ((1, 2), (0, 3))})]
WINDOWS = [('p2', {'pool_size': 2}), ('p3_s2', {'pool_size': 3, 'strides': 2}), ('p2_s3', {'pool_size': 2, 'strides': 3}),
           ('p31_s1', {'pool_size': (3, 1), 'strides': 1}), ('p2_s1', {'pool_size': 2, 'strides': 1})]


@case('zero_padding', 'ZeroPadding2D, symmetric and not', KERAS2_UP)
def zero_padding(e):
    return e.branches(e.image(3, 4, 2), e.L.ZeroPadding2D, PADDINGS + [('left_only', {'padding': ((0, 0), (2, 0))})])


@case('zero_padding_then_conv', 'ZeroPadding2D before Conv2D: valid, strided, and same on top', KERAS2_UP)
def then_conv(e):
    x = e.image(6, 7, 3)
    pad = lambda name, p: e.L.ZeroPadding2D(p, name='pad_' + name)(x)
    return e.model(x, [e.L.Conv2D(2, 7, strides=2, name='stem')(pad('stem', 3)),
                       e.L.Conv2D(2, 3, strides=2, name='bottom_right')(pad('bottom_right', ((0, 1), (0, 1)))),
                       e.L.Conv2D(2, 3, strides=2, padding='same', name='same_on_top')(pad('same_on_top', ((1, 0), (2, 1)))),
                       e.L.Conv2D(2, 3, dilation_rate=2, name='dilated')(pad('dilated', 2))])


@case('zero_padding_two_readers', 'One ZeroPadding2D read by a Conv2D and a MaxPooling2D, and two in a row', TWO_NEWEST,
      data=values.negative)
def two_readers(e):
    x = e.image(5, 6, 3)
    padded = e.L.ZeroPadding2D(1)(x)
    twice = e.L.ZeroPadding2D(((0, 1), (1, 0)))(padded)
    return e.model(x, [e.L.Conv2D(2, 3, name='conv')(padded), e.L.MaxPooling2D(3, strides=2, name='pool')(padded),
                       e.L.Conv2D(2, 3, name='conv_twice')(twice)])


@case('zero_padding_then_pool', 'ZeroPadding2D before pooling, all numbers negative: the zeros win the maximum and count in the mean',
      KERAS2_UP, data=values.negative)
def then_pool(e):
    x = e.image(6, 5, 3)
    pad = lambda i: e.L.ZeroPadding2D(((1, 1), (1, 2)), name='pad_%d' % i)(x)
    return e.model(x, [e.L.MaxPooling2D(3, strides=2, name='max_valid')(pad(1)),
                       e.L.MaxPooling2D(3, strides=2, padding='same', name='max_same')(pad(2)),
                       e.L.AveragePooling2D(3, strides=2, name='average_valid')(pad(3)),
                       e.L.AveragePooling2D(3, strides=2, padding='same', name='average_same')(pad(4)),
                       e.L.GlobalMaxPooling2D(name='max_global')(pad(5))])


@case('cropping', 'Cropping2D, symmetric and not', KERAS2_UP)
def cropping(e):
    return e.branches(e.image(7, 8, 2), e.L.Cropping2D, [
        ('symmetric', {'cropping': 1}), ('two_numbers', {'cropping': (1, 2)}),
        ('asymmetric', {'cropping': ((1, 2), (0, 3))}), ('nothing', {'cropping': 0})])


def _pooling(e, layer):
    table = [('%s_%s' % (padding, name), dict(padding=padding, **options))
             for padding in ('valid', 'same') for name, options in WINDOWS]
    return e.branches(e.image(7, 6, 2), layer, table)


@case('max_pooling', 'MaxPooling2D, valid and same, strides unlike the window, all numbers negative: padding never wins', KERAS2_UP,
      data=values.negative)
def max_pooling(e):
    return _pooling(e, e.L.MaxPooling2D)


@case('average_pooling', 'AveragePooling2D, valid and same, strides unlike the window: padding does not count', KERAS2_UP)
def average_pooling(e):
    return _pooling(e, e.L.AveragePooling2D)


@case('global_pooling', 'GlobalAveragePooling2D and GlobalMaxPooling2D', KERAS2_UP, data=values.negative)
def global_pooling(e):
    x = e.image(5, 7, 6)
    return e.model(x, [e.L.GlobalAveragePooling2D(name='average')(x), e.L.GlobalMaxPooling2D(name='max')(x)])


@case('global_pooling_keepdims', 'Global pooling that keeps the two axes, then a 1x1 Conv2D', TWO_NEWEST)
def global_pooling_keepdims(e):
    x = e.image(5, 7, 6)
    y = e.L.GlobalAveragePooling2D(keepdims=True, name='average')(x)
    return e.model(x, [y, e.L.GlobalMaxPooling2D(keepdims=True, name='max')(x), e.L.Conv2D(3, 1, name='conv')(y)])
