"""Where an effect turns, and which choice is best: over resamples of the seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.draws import PURPOSES, Draws
from sim.experiments.claims.verdicts import RESAMPLES

SURE = 0.9
"""An effect turns where at least this share of the resamples turns likewise."""

_KEY = next(p for p in PURPOSES if p.name == "own_9")


class Flip(NamedTuple):
    """Where an effect crosses 0.

    Attributes
    ----------
    factor : the factor that moves. where : the cells' other factors, in words.
    at : its value at the crossing. low, high : 95 % of the resamples that cross lie between.
    crosses : share of the resamples that cross at all, 0 to 1.
    begins : whether the sentence is right above the crossing (else below it).
    """

    factor: str
    where: str
    at: float
    low: float
    high: float
    crosses: float
    begins: bool

    def __str__(self) -> str:
        side = "above" if self.begins else "below"
        span = "" if math.isnan(self.low) else f" ({_figures(self.low)} to {_figures(self.high)})"
        there = f" with {self.where}" if self.where else ""
        return f"{self.factor.replace('_', ' ')} {side} {_figures(self.at)}{span}{there}"


def resampled(seeds: int, count: int = RESAMPLES, key: int = 0) -> np.ndarray:
    """Places of seeds drawn with replacement, int64 (count, seeds); the same each time.

    Examples
    --------
    >>> resampled(4).shape, int(resampled(4).max())
    ((2000, 4), 3)
    """
    u = Draws(key)._uniform(_KEY, np.arange(count * seeds), 0, 0)
    return (u * seeds).astype(np.int64).reshape(count, seeds)


def crossing(levels: Sequence[float], means: Sequence[float]) -> tuple[float, bool] | None:
    """Where the first crossing of 0 is, linear between neighbouring levels, and whether it goes upward.

    Examples
    --------
    >>> crossing([1, 3, 5], [-2.0, 2.0, 4.0])
    (2.0, True)
    """
    for k in range(len(levels) - 1):
        a, b = float(means[k]), float(means[k + 1])
        if a * b < 0.0:
            return float(levels[k] + (levels[k + 1] - levels[k]) * a / (a - b)), b > 0.0
    return None


def _turns(means: np.ndarray) -> int:
    """How often the sign changes from level to level."""
    signs = np.sign(means[means != 0.0])
    return int((signs[1:] != signs[:-1]).sum())


def flip(factor: str, levels: Sequence[float], effects: Any, where: str = "") -> Flip | None:
    """The place at which the mean effect turns, with its interval by resampling; None where it does not surely turn, or turns back.

    Parameters
    ----------
    factor : its name. levels : its values, ascending. effects : float64 (levels, S), a row a level.
    """
    effects = np.asarray(effects, dtype=np.float64)
    found = crossing(levels, effects.mean(axis=1))
    if found is None or _turns(effects.mean(axis=1)) > 1:
        return None
    means = effects[:, resampled(effects.shape[1])].mean(axis=2).T
    again = [crossing(levels, row) for row in means]
    places = np.array([one[0] for one in again if one is not None and one[1] == found[1]])
    if len(places) < SURE * len(again):
        return None
    low, high = np.quantile(places, [0.025, 0.975])
    return Flip(factor, where, found[0], float(low), float(high), len(places) / len(again), found[1])


class Best(NamedTuple):
    """Which of several choices is best: its place, and for each the share of resamples in which it is."""

    place: int
    shares: np.ndarray
    places: np.ndarray


def best(values: Any) -> Best:
    """The choice with the highest mean, and how sure that is.

    Parameters
    ----------
    values : float64 (choices, S), a row a choice, a column a seed.

    Examples
    --------
    >>> best([[1.0, 2.0], [3.0, 4.0]]).shares.tolist()
    [0.0, 1.0]
    """
    values = np.asarray(values, dtype=np.float64)
    places = values[:, resampled(values.shape[1])].mean(axis=2).argmax(axis=0)
    shares = np.bincount(places, minlength=len(values)) / len(places)
    return Best(int(values.mean(axis=1).argmax()), shares, places)


def _figures(value: float) -> str:
    """A number with about three figures."""
    size = abs(value)
    return f"{value:,.{0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.995 else 3}f}"
