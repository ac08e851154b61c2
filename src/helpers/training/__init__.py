"""Training: fit a network on a memory-mapped table of pictures, frozen part once, and predict."""

from helpers.training.fit import DivergedError, Learner, Settings, exposed, fit, learnable, predict
from helpers.training.frozen_prefix import Cache, activations, split

__all__ = [
    "Cache",
    "DivergedError",
    "Learner",
    "Settings",
    "activations",
    "exposed",
    "fit",
    "learnable",
    "predict",
    "split",
]
