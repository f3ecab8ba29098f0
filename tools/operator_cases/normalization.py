"""BatchNormalization: its forms, and where it may and may not be folded into a convolution."""
from __future__ import absolute_import

from .registry import ANY, KERAS2_UP, TWO_NEWEST, case

FORMS = [('full', {}), ('no_scale', {'scale': False}), ('no_center', {'center': False}),
         ('neither', {'scale': False, 'center': False})]


@case('bn_forms', 'BatchNormalization on the input: with and without scale and center, and a large epsilon', KERAS2_UP)
def forms(e):
    x = e.image(4, 5, 3)
    return e.branches(x, e.L.BatchNormalization, FORMS + [('big_epsilon', {'epsilon': 0.25})])


@case('bn_after_conv', 'Conv2D then BatchNormalization, with and without scale and center, then relu: can be folded', KERAS2_UP)
def after_conv(e):
    x = e.image(5, 6, 3)
    outputs = []
    for name, options in FORMS[:3]:
        y = e.L.Conv2D(3, 3, padding='same', use_bias=name != 'no_center', name=name + '_conv')(x)
        y = e.L.BatchNormalization(name=name + '_bn', **options)(y)
        outputs.append(e.L.Activation('relu', name=name)(y))
    return e.model(x, outputs)


@case('bn_before_conv', 'BatchNormalization before a Conv2D with same padding: the padded zeros are not normalised', KERAS2_UP)
def before_conv(e):
    x = e.image(5, 6, 3)
    same = e.L.Conv2D(2, 3, padding='same', name='same')(e.L.BatchNormalization(name='bn_a')(x))
    y = e.L.Activation('relu', name='relu')(e.L.BatchNormalization(name='bn_b')(x))
    return e.model(x, [same, e.L.Conv2D(2, 3, strides=2, name='after_relu')(y)])


@case('bn_not_foldable', 'BatchNormalization behind a Conv2D that has another reader, an activation, or padding in between',
      TWO_NEWEST)
def not_foldable(e):
    x = e.image(5, 6, 2)
    shared = e.L.Conv2D(2, 3, name='two_readers')(x)
    relu = e.L.Conv2D(2, 3, activation='relu', name='relu_inside')(x)
    padded = e.L.ZeroPadding2D(1, name='padded')(e.L.Conv2D(2, 3, name='conv')(x))
    bn = e.L.BatchNormalization
    return e.model(x, [shared, bn(name='bn_shared')(shared), bn(name='bn_relu')(relu), bn(name='bn_padded')(padded)])


@case('bn_two_in_a_row', 'Conv2D and two BatchNormalizations in a row', KERAS2_UP)
def two_in_a_row(e):
    x = e.image(5, 5, 3)
    y = e.L.Conv2D(4, 3)(x)
    y = e.L.BatchNormalization(epsilon=1e-5)(y)
    return e.model(x, e.L.BatchNormalization(scale=False)(y))


@case('bn_after_others', 'BatchNormalization after DepthwiseConv2D, Dense, Add and a pooling', TWO_NEWEST)
def after_others(e):
    x = e.image(5, 6, 3)
    bn = e.L.BatchNormalization
    depthwise = bn(name='after_depthwise')(e.L.DepthwiseConv2D(3, depth_multiplier=2)(x))
    added = bn(name='after_added')(e.L.Add()([x, x]))
    pooled = bn(name='after_pooled')(e.L.AveragePooling2D(2)(x))
    dense = bn(name='after_dense')(e.L.Dense(4)(e.L.Flatten()(x)))
    return e.model(x, [depthwise, added, pooled, dense])


@case('bn_shared_by_two', 'One BatchNormalization called on two convolutions', TWO_NEWEST)
def shared_by_two(e):
    x = e.image(5, 6, 3)
    bn = e.L.BatchNormalization(name='bn')
    a, b = e.L.Conv2D(2, 3, name='a')(x), e.L.Conv2D(2, 3, name='b')(x)
    return e.model(x, e.L.Subtract()([bn(a), bn(b)]))


@case('bn_wrong_axis', 'BatchNormalization over axis 1 of a channels-last image: it normalises rows', TWO_NEWEST, optional=ANY)
def wrong_axis(e):
    x = e.image(4, 5, 3)
    return e.model(x, e.L.BatchNormalization(axis=1, name='rows')(x))
