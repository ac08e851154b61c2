"""Training: fit a network on a memory-mapped table of pictures, frozen part once, and predict."""

from helpers.training.fit import Learner, Settings, exposed, fit, learnable, predict
from helpers.training.frozen_prefix import Cache

__all__ = ["Cache", "Learner", "Settings", "exposed", "fit", "learnable", "predict"]
