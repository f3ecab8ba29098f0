"""Dense, shapes, and layers that do nothing at inference."""
from __future__ import absolute_import

from .registry import ANY, KERAS2_UP, TWO_NEWEST, case


@case('dense', 'Dense on a vector: plain, without bias, relu, softmax', KERAS2_UP)
def dense(e):
    x = e.L.Input(shape=(7,))
    return e.branches(x, e.L.Dense, [('plain', {'units': 5}), ('no_bias', {'units': 3, 'use_bias': False}),
                                     ('relu', {'units': 8, 'activation': 'relu'}),
                                     ('softmax', {'units': 6, 'activation': 'softmax'})])


@case('dense_on_image', 'Dense on an image works on the last axis', TWO_NEWEST)
def dense_on_image(e):
    x = e.image(4, 5, 3)
    return e.branches(x, e.L.Dense, [('plain', {'units': 5}), ('softmax', {'units': 2, 'activation': 'softmax'})])


@case('shapes', 'Flatten, Reshape (also with -1) and Permute', KERAS2_UP)
def shapes(e):
    x = e.image(4, 6, 3)
    L = e.L
    return e.model(x, [L.Flatten(name='flatten')(x), L.Reshape((-1, 3), name='points')(x),
                       L.Reshape((6, 4, 3), name='not_a_transposition')(x), L.Reshape((72,), name='vector')(x),
                       L.Reshape((2, -1, 9), name='unknown_in_the_middle')(x),
                       L.Permute((3, 1, 2), name='channels_first')(x), L.Permute((2, 1, 3), name='transposed')(x)])


@case('flatten_dense', 'Flatten then Dense, Permute then Flatten then Dense', KERAS2_UP)
def flatten_dense(e):
    x = e.image(3, 4, 2)
    a = e.L.Dense(3, name='straight')(e.L.Flatten()(x))
    b = e.L.Dense(3, name='permuted')(e.L.Flatten()(e.L.Permute((3, 2, 1))(x)))
    return e.model(x, [a, b])


@case('identities', 'Layers that do nothing at inference, between two convolutions', KERAS2_UP)
def identities(e):
    x = e.image(5, 6, 3)
    y = e.L.Conv2D(3, 3)(x)
    chain = [e.L.Dropout(0.4), e.L.SpatialDropout2D(0.3), e.L.GaussianNoise(0.5), e.L.GaussianDropout(0.2),
             e.L.ActivityRegularization(l1=0.1, l2=0.2), e.L.Activation('linear')]
    if e.id in ('k224', 'tf115', 'tf215', 'k315'):
        chain.append(e.L.AlphaDropout(0.3))
    for layer in chain:
        y = layer(y)
    return e.model(x, [y, e.L.Conv2D(2, 2, activation='relu')(y)])


@case('input_is_output', 'An output that is an input untouched, beside one that is not', TWO_NEWEST, optional=ANY)
def input_is_output(e):
    x = e.image(3, 4, 2)
    return e.model(x, [x, e.L.Activation('relu', name='relu')(x)])


@case('vector_network', 'A network without images: Dense, BatchNormalization, Dropout, Dense', KERAS2_UP)
def vector_network(e):
    x = e.L.Input(shape=(6,))
    y = e.L.Dense(5, use_bias=False)(x)
    y = e.L.Activation('relu')(e.L.BatchNormalization()(y))
    return e.model(x, e.L.Dense(3, activation='softmax')(e.L.Dropout(0.5)(y)))


@case('eleven_of_a_kind', 'Eleven layers of one kind, so that the file lists conv2d_10 before conv2d_2 where it sorts by name', KERAS2_UP)
def eleven_of_a_kind(e):
    x = y = e.image(3, 3, 2)
    for _ in range(11):
        y = e.L.Conv2D(2, 1, use_bias=False)(y)
    return e.model(x, y)
