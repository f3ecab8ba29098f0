"""Keras 1."""
