"""Document B's ladder: one precaution against imbalance after the other, each measured beside the one below it."""
