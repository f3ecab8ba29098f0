"""Layers with several inputs."""
from __future__ import absolute_import

from .registry import KERAS2_UP, TWO_NEWEST, case


@case('merges', 'Add, Subtract, Multiply, Average, Maximum and Minimum of two, three and the same tensor twice', KERAS2_UP)
def merges(e):
    a, b, c = [e.image(4, 5, 3) for _ in range(3)]
    L = e.L
    y = [L.Add(name='add_2')([a, b]), L.Add(name='add_3')([a, b, c]), L.Add(name='add_same')([a, a]),
         L.Subtract(name='subtract')([a, b]), L.Multiply(name='multiply_2')([a, b]), L.Multiply(name='multiply_3')([a, b, c]),
         L.Average(name='average_2')([a, b]), L.Average(name='average_3')([a, b, c]),
         L.Maximum(name='maximum_3')([a, b, c])]
    if e.id != 'tf115' or hasattr(L, 'Minimum'):
        y.append(L.Minimum(name='minimum')([a, b]))
    return e.model([a, b, c], y)


@case('merges_broadcast', 'Merges of an image with (1, 1, C), (H, W, 1), (1, W, C) and with a vector-shaped partner first', TWO_NEWEST)
def merges_broadcast(e):
    image, channel, mask, row = e.image(4, 5, 3), e.image(1, 1, 3), e.image(4, 5, 1), e.image(1, 5, 3)
    L = e.L
    return e.model([image, channel, mask, row], [
        L.Multiply(name='by_channel')([image, channel]), L.Multiply(name='channel_first')([channel, image]),
        L.Multiply(name='by_mask')([image, mask]), L.Add(name='add_row')([image, row]),
        L.Subtract(name='outer')([channel, mask]), L.Maximum(name='maximum')([image, channel])])


@case('squeeze_excite', 'A squeeze-and-excite block: global mean, two Dense layers, a gate on every channel', KERAS2_UP)
def squeeze_excite(e):
    x = e.image(5, 6, 4)
    y = e.L.Conv2D(4, 3, padding='same')(x)
    gate = e.L.Reshape((1, 1, 4))(e.L.GlobalAveragePooling2D()(y))
    gate = e.L.Dense(4, activation='sigmoid')(e.L.Dense(2, activation='relu', use_bias=False)(gate))
    return e.model(x, e.L.Add()([x, e.L.Multiply()([y, gate])]))


@case('concatenate', 'Concatenate over channels, rows and columns, of unequal parts, of three, of the same tensor twice', KERAS2_UP)
def concatenate(e):
    a, wide, tall, broad = e.image(4, 5, 3), e.image(4, 5, 2), e.image(2, 5, 3), e.image(4, 1, 3)
    L = e.L
    return e.model([a, wide, tall, broad], [
        L.Concatenate(name='channels')([a, wide]), L.Concatenate(axis=3, name='channels_3')([wide, a, wide]),
        L.Concatenate(axis=1, name='rows')([tall, a]), L.Concatenate(axis=2, name='columns')([a, broad]),
        L.Concatenate(axis=-2, name='columns_from_the_end')([broad, a])])


@case('concatenate_vectors', 'Concatenate of vectors, then Dense', TWO_NEWEST)
def concatenate_vectors(e):
    a, b = e.L.Input(shape=(5,)), e.L.Input(shape=(3,))
    return e.model([a, b], e.L.Dense(2, name='dense')(e.L.Concatenate()([b, a])))


@case('add_order', 'Residual additions where the convolution is first, second, and where its result is read again', TWO_NEWEST)
def add_order(e):
    x = e.image(4, 5, 3)
    conv = lambda name, **o: e.L.Conv2D(3, 3, padding='same', name=name, **o)(x)
    read_again = conv('e')
    return e.model(x, [e.L.Activation('relu', name='first')(e.L.Add(name='add_a')([conv('a'), x])),
                       e.L.Add(name='second')([x, conv('b', activation='relu')]),
                       e.L.Multiply(name='again')([e.L.Add(name='add_e')([read_again, x]), read_again])])
