"""Experiments: many runs with one question."""
