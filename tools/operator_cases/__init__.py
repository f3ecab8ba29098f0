"""The operator cases: small models, the values in them, and the machinery that asks a real Keras for the truth."""
