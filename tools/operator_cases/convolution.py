"""Conv2D and its relatives: geometry, groups, bias, the activation inside."""
from __future__ import absolute_import

from .registry import ANY, KERAS2_UP, TWO_NEWEST, case


def _conv(name, filters, kernel, **options):
    return name, dict(filters=filters, kernel_size=kernel, **options)


@case('conv2d_strides', 'Conv2D 3x3, valid and same, strides 1, 2, 3 and (2, 1), an odd side', KERAS2_UP)
def strides(e):
    x = e.image(9, 6, 3)
    return e.branches(x, e.L.Conv2D, [
        _conv('valid_s1', 2, 3), _conv('valid_s2', 2, 3, strides=2), _conv('same_s1', 2, 3, padding='same'),
        _conv('same_s2', 2, 3, strides=2, padding='same'), _conv('same_s3', 2, 3, strides=3, padding='same'),
        _conv('same_s21', 2, 3, strides=(2, 1), padding='same')])


@case('conv2d_kernels', 'Conv2D with kernels 1, 2, 5, 7 and (3, 1)', TWO_NEWEST)
def kernels(e):
    x = e.image(8, 8, 2)
    return e.branches(x, e.L.Conv2D, [
        _conv('same_k2', 3, 2, padding='same'), _conv('same_k5', 3, 5, padding='same'), _conv('same_k7', 3, 7, padding='same'),
        _conv('valid_k31', 3, (3, 1)), _conv('valid_k1', 3, 1), _conv('valid_k7', 3, 7)])


@case('conv2d_same_uneven', 'Conv2D same where TensorFlow pads more below and right: even kernels, stride 2, odd and even sides',
      KERAS2_UP)
def same_uneven(e):
    x = e.image(5, 8, 3)
    return e.branches(x, e.L.Conv2D, [
        _conv('k2_s2', 2, 2, strides=2, padding='same'), _conv('k4_s2', 2, 4, strides=2, padding='same'),
        _conv('k4_s1', 2, 4, padding='same'), _conv('k1_s2', 4, 1, strides=2, padding='same'),
        _conv('k7_s2', 2, 7, strides=2, padding='same')])


@case('conv2d_dilation', 'Conv2D with dilation, valid and same', KERAS2_UP)
def dilation(e):
    x = e.image(9, 8, 2)
    return e.branches(x, e.L.Conv2D, [
        _conv('valid_d2', 3, 3, dilation_rate=2), _conv('same_d2', 3, 3, dilation_rate=2, padding='same'),
        _conv('same_d21', 3, 3, dilation_rate=(2, 1), padding='same'), _conv('valid_k2_d3', 3, 2, dilation_rate=3)])


@case('conv2d_groups', 'Conv2D with groups: two, three, and as many as channels', TWO_NEWEST)
def groups(e):
    x = e.image(7, 6, 6)
    return e.branches(x, e.L.Conv2D, [
        _conv('two', 4, 3, groups=2), _conv('three_s2', 6, 3, groups=3, strides=2, padding='same'),
        _conv('as_channels', 6, 3, groups=6, padding='same', use_bias=False),
        _conv('as_channels_twice', 12, 3, groups=6)])


@case('conv2d_activation', 'Conv2D without bias, and with an activation inside', KERAS2_UP)
def activation(e):
    x = e.image(5, 7, 3)
    return e.branches(x, e.L.Conv2D, [
        _conv('no_bias', 4, 3, use_bias=False), _conv('relu', 4, 3, activation='relu'),
        _conv('softmax', 5, 1, activation='softmax'), _conv('tanh', 4, 2, activation='tanh', use_bias=False),
        _conv('sigmoid', 1, 3, activation='sigmoid')])


@case('conv2d_many_channels', 'Conv2D wide enough to fill a tile of a matrix product, with leftovers: 16 to 19, 19 to 5, 1 to 8',
      TWO_NEWEST)
def many_channels(e):
    x = e.image(5, 5, 16)
    y = e.L.Conv2D(19, 3, padding='same', name='wide')(x)
    z = e.L.Conv2D(5, 1, name='narrow')(y)
    u = e.L.Conv2D(1, 1, name='to_one')(x)
    return e.model(x, [y, z, e.L.Conv2D(8, 3, name='from_one')(u)])


@case('conv2d_batch_of_three', 'Three images at once', TWO_NEWEST, batch=3)
def batch_of_three(e):
    x = e.image(6, 5, 3)
    y = e.L.Conv2D(4, 3, strides=2, padding='same', activation='relu')(x)
    y = e.L.MaxPooling2D(2, padding='same')(y)
    return e.model(x, e.L.Dense(3, activation='softmax')(e.L.Flatten()(y)))


@case('conv2d_smaller_than_kernel', 'Images of one row and of one point under a larger kernel with same padding', TWO_NEWEST)
def smaller_than_kernel(e):
    a, b = e.image(1, 6, 2), e.image(1, 1, 2)
    return e.model([a, b], [e.L.Conv2D(3, 3, padding='same', name='row')(a),
                            e.L.Conv2D(3, 5, padding='same', strides=2, name='point')(b)])


@case('depthwise_conv2d', 'DepthwiseConv2D: multiplier 1 and 2, stride 2, same, no bias, an activation', ('k315', 'tf215', 'tf115', 'k224'))
def depthwise(e):
    x = e.image(7, 6, 3)
    return e.branches(x, e.L.DepthwiseConv2D, [
        ('valid', dict(kernel_size=3)), ('same_s2', dict(kernel_size=3, strides=2, padding='same')),
        ('multiplier_2', dict(kernel_size=3, depth_multiplier=2, padding='same')),
        ('no_bias_relu', dict(kernel_size=(2, 3), use_bias=False, activation='relu'))])


@case('depthwise_conv2d_dilation', 'DepthwiseConv2D with dilation 2', TWO_NEWEST)
def depthwise_dilation(e):
    x = e.image(8, 7, 2)
    return e.branches(x, e.L.DepthwiseConv2D, [
        ('valid_d2', dict(kernel_size=3, dilation_rate=2)), ('same_d2', dict(kernel_size=3, dilation_rate=2, padding='same'))])


@case('separable_conv2d', 'SeparableConv2D', TWO_NEWEST, optional=ANY)
def separable(e):
    x = e.image(7, 6, 3)
    return e.model(x, e.L.SeparableConv2D(4, 3, padding='same', depth_multiplier=2, activation='relu', name='separable')(x))


@case('conv2d_transpose', 'Conv2DTranspose', TWO_NEWEST, optional=ANY)
def transpose(e):
    x = e.image(4, 5, 3)
    return e.model(x, e.L.Conv2DTranspose(2, 3, strides=2, padding='same', name='transpose')(x))
