"""Where an effect turns, by paired t; and which choice is best, over resamples of the seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.draws import PURPOSES, Draws
from sim.experiments.claims.verdicts import LEVEL, RESAMPLES, Cell, find
from sim.intervals import student_t

_KEY = next(p for p in PURPOSES if p.name == "own_9")


class Flip(NamedTuple):
    """Where an effect crosses 0.

    Attributes
    ----------
    factor : the factor that moves. where : the cells' other factors, in words.
    at : its value at the crossing. low, high : between them the effect is not told from 0 (95 % or more).
    begins : whether the sentence is right above the crossing (else below it).
    """

    factor: str
    where: str
    at: float
    low: float
    high: float
    begins: bool

    def __str__(self) -> str:
        side = "above" if self.begins else "below"
        span = f" ({_figures(self.low)} to {_figures(self.high)})"
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


def flip(
    factor: str,
    levels: Sequence[float],
    effects: Any,
    where: str = "",
    chances: Sequence[float] | None = None,
) -> Flip | None:
    """The place at which the mean effect turns, with its interval; None where it does not surely turn, or turns back.

    It turns surely where a level on each side is off 0, one below and one above, after Holm. Between two levels each seed's
    effect is taken to lie on a line; the interval is of all places around the crossing at which the mean of these is not told
    from 0 by paired t. Its chance is as much more than 95 % as there are levels (Bonferroni): a place that is told only where luck
    makes a level on each side look sure lies in it in 95 % as well.

    Parameters
    ----------
    factor : its name. levels : its values, ascending. effects : float64 (levels, S), a row a level, S seeds.
    chances : of each level's effect by luck, corrected for all cells that they are among; over the levels alone unless given.

    Source: Fieller 1954, Journal of the Royal Statistical Society B 16(2) 175-185, for one line.
    """
    effects = np.asarray(effects, dtype=np.float64)
    means = effects.mean(axis=1)
    found = crossing(levels, means)
    if found is None or _turns(means) > 1:
        return None
    at, begins = found
    k = next(place for place in range(len(levels) - 1) if means[place] * means[place + 1] < 0.0)
    if chances is None:
        chances = [cell.p for cell in find([Cell({}, row) for row in effects])]
    is_sure = [chance < LEVEL for chance in chances]
    if not (any(is_sure[: k + 1]) and any(is_sure[k + 1 :])):
        return None
    low, high = _told_from_0(levels, effects, at)
    return Flip(factor, where, at, low, high, begins)


def _told_from_0(levels: Sequence[float], effects: np.ndarray, at: float) -> tuple[float, float]:
    """The nearest places below and above a crossing from which on the mean effect is told from 0 by paired t."""
    seeds = effects.shape[1]
    squared = student_t(seeds - 1, 1.0 - LEVEL / len(levels)) ** 2 / seeds
    near = 1e-9 * (levels[-1] - levels[0])
    places = []
    for k in range(len(levels) - 1):
        start, step = effects[k], effects[k + 1] - effects[k]
        (spread, both), (_, widening) = np.cov(start, step)
        # mean squared less t squared times its squared error, as a polynomial of the part of the way to the next level
        said = (
            float(step.mean() ** 2 - squared * widening),
            float(2.0 * (start.mean() * step.mean() - squared * both)),
            float(start.mean() ** 2 - squared * spread),
        )
        places += [
            levels[k] + (levels[k + 1] - levels[k]) * part for part in _roots(*said) if 0.0 <= part <= 1.0
        ]
    low = max((place for place in places if place <= at + near), default=levels[0])
    high = min((place for place in places if place >= at - near), default=levels[-1])
    return float(min(low, at)), float(max(high, at))


def _roots(a: float, b: float, c: float) -> tuple[float, ...]:
    """Where a x^2 + b x + c is 0; a root that is double but for rounding is one.

    Source: Press et al. 2007, Numerical Recipes, section 5.6.
    """
    inside = b * b - 4.0 * a * c
    if inside < -1e-9 * b * b:
        return ()
    half = -0.5 * (b + math.copysign(math.sqrt(max(inside, 0.0)), b))
    return tuple(up / down for up, down in ((half, a), (c, half)) if down != 0.0)


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
