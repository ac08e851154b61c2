"""Studies: one training many times over networks, protocols, folds, seeds and changed settings."""
