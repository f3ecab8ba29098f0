"""Preprocessing, resampling and augmentation layers."""
from __future__ import absolute_import

from . import values
from .registry import ANY, KERAS2_UP, KERAS3, TWO_NEWEST, case


@case('augmentation', 'Random augmentation layers do nothing at inference', TWO_NEWEST, data=values.picture)
def augmentation(e):
    x = e.image(6, 7, 3)
    L = e.L
    chain = [L.RandomFlip('horizontal', seed=1), L.RandomRotation(0.1, seed=2), L.RandomZoom(0.2, seed=3),
             L.RandomTranslation(0.1, 0.2, seed=4), L.RandomContrast(0.3, seed=5)]
    # Keras 3.15.1 cannot save RandomBrightness to HDF5 ("cannot pickle 'module' object").
    if e.major == 2:
        chain.append(L.RandomBrightness(0.2, seed=6))
    y = x
    for layer in chain:
        y = layer(y)
    return e.model(x, e.L.Conv2D(2, 3)(e.L.Rescaling(1. / 255)(y)))


@case('random_crop', 'RandomCrop, which at inference cuts out the middle or resizes', TWO_NEWEST, data=values.picture, optional=ANY)
def random_crop(e):
    x = e.image(8, 9, 3)
    return e.model(x, e.L.RandomCrop(5, 6, seed=1, name='crop')(x))


@case('rescaling', 'Rescaling by a number, with an offset, and with one number for every channel', TWO_NEWEST, data=values.picture)
def rescaling(e):
    return e.branches(e.image(4, 5, 3), e.L.Rescaling, [
        ('to_one', {'scale': 1. / 255}), ('to_both_signs', {'scale': 1. / 127.5, 'offset': -1}),
        ('channel_offsets', {'scale': 1.0, 'offset': [-103.939, -116.779, -123.68]}),
        ('channel_scales', {'scale': [0.1, 0.2, 0.3], 'offset': [-1.0, 0.5, 2.0]})])


@case('rescaling_then_padded_conv', 'Rescaling with an offset before padding: the padded zeros are not rescaled', TWO_NEWEST,
      data=values.picture)
def rescaling_then_padded_conv(e):
    x = e.image(5, 6, 3)
    y = e.L.Rescaling(1. / 127.5, offset=-1)(x)
    return e.model(x, [e.L.Conv2D(2, 3, padding='same', name='same')(y),
                       e.L.Conv2D(2, 3, name='padded')(e.L.ZeroPadding2D(1)(y))])


def _adapted(e, **options):
    layer = e.L.Normalization(**options)
    layer.adapt(values.picture(values.rng('normalization', 'adapt'), (6, 4, 5, 3)).astype('float32'))
    return layer


@case('normalization_given', 'Normalization with mean and variance given: for every channel, and one for all', TWO_NEWEST,
      data=values.picture)
def normalization_given(e):
    x = e.image(4, 5, 3)
    return e.branches(x, e.L.Normalization, [
        ('channels', {'mean': [123.7, 116.8, 103.9], 'variance': [3400.0, 3250.0, 3300.0]}),
        ('one_for_all', {'axis': None, 'mean': 127.5, 'variance': 5000.0})])


@case('normalization_adapted', 'Normalization adapted to pictures, then a Conv2D', TWO_NEWEST, data=values.picture)
def normalization_adapted(e):
    x = e.image(4, 5, 3)
    y = _adapted(e, name='channels')(x)
    return e.model(x, [y, e.L.Conv2D(2, 3, padding='same', name='conv')(y)])


@case('normalization_adapted_to_one', 'Normalization with axis=None, adapted: one mean for everything', TWO_NEWEST,
      data=values.picture)
def normalization_adapted_to_one(e):
    x = e.image(4, 5, 3)
    return e.model(x, _adapted(e, axis=None, name='one_for_all')(x))


@case('normalization_inverted', 'Normalization with invert=True', TWO_NEWEST, optional=ANY)
def normalization_inverted(e):
    x = e.image(4, 5, 3)
    return e.model(x, e.L.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0], invert=True, name='inverted')(x))


SIZES = [('up', (9, 13)), ('down', (3, 4)), ('mixed', (4, 15)), ('twice', (12, 14)), ('half', (3, 3))]


@case('resizing_bilinear', 'Resizing, bilinear, up and down and both', TWO_NEWEST, data=values.picture)
def resizing_bilinear(e):
    return e.branches(e.image(6, 7, 3), e.L.Resizing, [(n, {'height': h, 'width': w}) for n, (h, w) in SIZES])


@case('resizing_nearest', 'Resizing, nearest, up and down and both', TWO_NEWEST, data=values.picture)
def resizing_nearest(e):
    return e.branches(e.image(6, 7, 3), e.L.Resizing,
                      [(n, {'height': h, 'width': w, 'interpolation': 'nearest'}) for n, (h, w) in SIZES])


@case('resizing_cropped', 'Resizing with crop_to_aspect_ratio', TWO_NEWEST, data=values.picture)
def resizing_cropped(e):
    return e.branches(e.image(6, 9, 3), e.L.Resizing, [
        ('square', {'height': 4, 'width': 4, 'crop_to_aspect_ratio': True}),
        ('tall', {'height': 11, 'width': 5, 'crop_to_aspect_ratio': True}),
        ('wide_nearest', {'height': 2, 'width': 7, 'crop_to_aspect_ratio': True, 'interpolation': 'nearest'}),
        ('same_ratio', {'height': 4, 'width': 6, 'crop_to_aspect_ratio': True})])


@case('resizing_padded', 'Resizing with pad_to_aspect_ratio', KERAS3, data=values.picture, optional=ANY)
def resizing_padded(e):
    return e.branches(e.image(6, 9, 3), e.L.Resizing, [
        ('square', {'height': 4, 'width': 4, 'pad_to_aspect_ratio': True}),
        ('tall', {'height': 11, 'width': 5, 'pad_to_aspect_ratio': True, 'fill_value': 7.0})])


@case('resizing_bicubic', 'Resizing, bicubic', TWO_NEWEST, data=values.picture, optional=ANY)
def resizing_bicubic(e):
    return e.branches(e.image(6, 7, 3), e.L.Resizing,
                      [(n, {'height': h, 'width': w, 'interpolation': 'bicubic'}) for n, (h, w) in SIZES[:2]])


@case('up_sampling', 'UpSampling2D, nearest', KERAS2_UP)
def up_sampling(e):
    return e.branches(e.image(3, 4, 2), e.L.UpSampling2D, [
        ('twice', {}), ('two_three', {'size': (2, 3)}), ('three_one', {'size': (3, 1)})])


@case('up_sampling_bilinear', 'UpSampling2D, bilinear; Keras 2.2.4 measures from corners of pixels, later ones from their centres', KERAS2_UP)
def up_sampling_bilinear(e):
    return e.branches(e.image(3, 4, 2), e.L.UpSampling2D, [
        ('bilinear', {'interpolation': 'bilinear'}), ('bilinear_three_two', {'size': (3, 2), 'interpolation': 'bilinear'})])


@case('center_crop', 'CenterCrop smaller than the picture, with even and odd rests', TWO_NEWEST, data=values.picture)
def center_crop(e):
    return e.branches(e.image(8, 9, 3), e.L.CenterCrop, [
        ('even_rest', {'height': 4, 'width': 5}), ('odd_rest', {'height': 5, 'width': 4}), ('whole', {'height': 8, 'width': 9}),
        ('one_side', {'height': 8, 'width': 3})])


@case('center_crop_larger', 'CenterCrop larger than the picture, where it resizes', TWO_NEWEST, data=values.picture)
def center_crop_larger(e):
    return e.branches(e.image(6, 9, 3), e.L.CenterCrop, [
        ('both', {'height': 12, 'width': 11}), ('rows', {'height': 8, 'width': 5}), ('columns', {'height': 3, 'width': 10})])
