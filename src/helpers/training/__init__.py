"""Training: fit a network on a memory-mapped table of pictures, frozen part once, and predict."""

from helpers.training.fit import Settings, fit, predict

__all__ = ["Settings", "fit", "predict"]
