"""What the equations of mechanisms are written with, for the single numbers of compiled loops."""

from __future__ import annotations

from sim.compiled import equation
from sim.draws import philox, uniform
from sim.maths import exp, log, logistic, normal_quantile


@equation
def draw(i, k, month, code, key0, key1):
    """The uniform number of customer i, as `Own.uniform` has it."""
    word, _, _, _ = philox(i, k, month, code, key0, key1)
    return uniform(word)


@equation
def clip(x, low=0.0, high=1.0):
    """The value, or the end of the range that it is beyond."""
    return min(max(x, low), high)


@equation
def chance(hazard):
    """The chance of at least one event: 1 - e^-hazard."""
    return 1.0 - exp(-hazard)


SINGLE = {
    "exp": exp, "log": log, "normal": normal_quantile, "logistic": logistic,
    "clip": clip, "chance": chance, "draw": draw,
}  # fmt: skip
"""By the names that they have in `frame.py` and `loops.py`."""
