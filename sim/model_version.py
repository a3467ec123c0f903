"""The version of the model, by itself: a server knows it without loading the market."""

MODEL_VERSION = "3"
"""Version of the model's numbers: it rises with every change of results, and says why in the changelog."""
