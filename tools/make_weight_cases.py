#!/usr/bin/env python3
"""Writes small models whose weights are new, trained, or partly so: tests/fixtures/verdicts/weights_*.h5.

    python3 -m venv venv && venv/bin/pip install keras==3.15.1 jax==0.12.0.1 h5py
    venv/bin/python tools/make_weight_cases.py

The files in the repository are from Keras 3.15.1 on JAX, Python 3.12.1.
"""
import os
import pathlib

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers

FOLDER = pathlib.Path(__file__).parent.parent / "tests/fixtures/verdicts"


def network(initializer):
    keras.utils.set_random_seed(1)
    x = inputs = keras.Input((8, 8, 3))
    for index, filters in enumerate((8, 16)):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", kernel_initializer=initializer, name=f"conv{index}")(x)
        x = layers.BatchNormalization(name=f"bn{index}")(x)
        x = layers.ReLU(name=f"relu{index}")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax", name="out")(x))


def train(model, steps):
    random = np.random.default_rng(2)
    pictures = random.uniform(0, 1, (16, 8, 8, 3)).astype("float32")
    classes = random.integers(0, 10, 16)
    model.compile("sgd", "sparse_categorical_crossentropy")
    for _ in range(steps):
        model.train_on_batch(pictures, classes)


def save(model, name):
    # What is tested are the weights; without the state of an optimizer the file is smaller.
    model.save(FOLDER / f"weights_{name}__k315.h5", include_optimizer=False)


for initializer in ("glorot_uniform", "he_normal", "orthogonal"):
    save(network(initializer), f"new_{initializer}")
trained = network("he_normal")
train(trained, 1)
save(trained, "one_step")
train(trained, 100)
save(trained, "trained")
head = layers.Dense(20, activation="softmax", name="head")(trained.layers[-2].output)
save(keras.Model(trained.input, head), "new_head")
