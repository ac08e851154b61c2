"""Sentences whose truth depends on the run: computed from its results, never typed; a module a chapter."""
