"""The library that the notebooks call. Importing any part of it settles first what Keras reads when it is imported."""

from helpers import runtime

runtime.configure()
