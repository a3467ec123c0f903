"""The one rule that turns paired effects into a verdict; it knows nothing of any claim."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from sim.intervals import chance_beyond, interval

HOLDS, ONLY_IF, FAILS = "holds", "holds only if", "fails"
UNDECIDED, CANNOT = "undecided", "cannot be tested"
VERDICTS = (HOLDS, ONLY_IF, FAILS, UNDECIDED, CANNOT)

YES, NO, SMALL, OPEN = "yes", "no", "small", "open"
"""What a cell says: as the sentence has it; the opposite; shown smaller than the margin; none of these."""

LEVEL = 0.05
"""Chance of a wrong yes or no among all cells of a part (Holm 1979)."""


FEWEST = 5
"""Seeds that resampling needs: fewer give too few different resamples."""

RESAMPLES = 2_000
"""How many resamples a share is taken of."""


class Cell(NamedTuple):
    """One place at which a claim is tested.

    Attributes
    ----------
    where : factor -> level, what tells this cell from the others.
    effect : float64 (S,), one paired effect a seed, above 0 where the sentence is right; or (K, S), a row for each of
        K other choices, where the sentence has one choice above all of them; None where only resampling can tell.
    margin : effects shown smaller than this are none; in the unit of the effect.
    share : share of resamples that agree with the sentence, 0 to 1, where there is no paired effect; or None.
    seeds : how many seeds were resampled; of fewer than `FEWEST` nothing is concluded.
    """

    where: Mapping[str, Any]
    effect: np.ndarray | None = None
    margin: float = 0.0
    share: float | None = None
    seeds: int = 0


class Found(NamedTuple):
    """What a cell showed: mean effect with its 95 % interval, chance of it by luck (after Holm), and its word."""

    where: Mapping[str, Any]
    mean: float
    low: float
    high: float
    p: float
    says: str


def holm(chances: Sequence[float]) -> list[float]:
    """Chances of so large an effect by luck, corrected for how many were looked at.

    Source: Holm 1979, Scandinavian Journal of Statistics 6(2) 65-70.

    Examples
    --------
    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    count = len(chances)
    corrected, least = [1.0] * count, 0.0
    for rank, place in enumerate(sorted(range(count), key=lambda k: chances[k])):
        least = max(least, min(1.0, (count - rank) * chances[place]))
        corrected[place] = least
    return corrected


def find(cells: Sequence[Cell]) -> list[Found]:
    """What each cell says; the chances are corrected over all of them."""
    rows = [_measured(cell) for cell in cells]
    corrected = holm([p for *_, p in rows])
    return [
        Found(cell.where, mean, low, high, p, _says(cell, mean, low, high, p))
        for cell, (mean, low, high, _), p in zip(cells, rows, corrected, strict=True)
    ]


def _measured(cell: Cell) -> tuple[float, float, float, float]:
    """Mean, interval, and the chance of it by luck."""
    if cell.effect is None:
        share = float(cell.share if cell.share is not None else 0.5)
        return share, math.nan, math.nan, chance_of_share(share, cell.seeds)
    effects = np.atleast_2d(np.asarray(cell.effect, dtype=np.float64))
    return _paired(effects[0]) if len(effects) == 1 else _against_the_best(effects)


def _paired(effect: np.ndarray, others: int = 1) -> tuple[float, float, float, float]:
    """Mean, interval (its upper end for one of so many others) and chance by luck of one paired effect (S,)."""
    mean, low, high = interval(effect)
    if len(effect) < 2 or not np.isfinite(effect).all():
        return mean, low, high, 1.0
    high = interval(effect, 1.0 - LEVEL / others)[2]
    error = float(np.std(effect, ddof=1)) / math.sqrt(len(effect))
    if error <= 1e-12 * max(1.0, abs(mean)):
        return mean, low, high, 1.0 if abs(mean) <= 1e-12 else 0.0
    return mean, low, high, chance_beyond(mean / error, len(effect) - 1)


def _against_the_best(effects: np.ndarray) -> tuple[float, float, float, float]:
    """The same of a choice against the best of K others, effects (K, S), whichever of them that is.

    The one that is best on these seeds owes some of its lead to luck, and need not be the hardest to tell apart. So
    none is picked. Yes: the choice leads each of the others, and the least sure lead counts. No: one of them leads it,
    and its chance by luck is multiplied by K. The interval is that of the least of the K differences.

    Source: Hsu 1984, Annals of Statistics 12(3) 1136-1144, with Bonferroni's bound.
    """
    rows = [_paired(effect, len(effects)) for effect in effects]
    mean, low, high = np.min([row[:3] for row in rows], axis=0).tolist()
    if not np.isfinite(effects).all():
        return mean, low, high, 1.0
    least, _, _, p = min(rows, key=lambda row: math.copysign(1.0 - row[3], row[0]))
    return mean, low, high, p if least > 0.0 else min(1.0, len(effects) * p)


def chance_of_share(share: float, seeds: int) -> float:
    """Chance, by luck, of so large or so small a share of resamples of so few seeds.

    A share is the normal chance of the mean's side, with a spread that is too narrow for a sample: its quantile is
    widened to that of the sample and read as Student's t. Of all resamples or none, half a resample is taken off.

    Source: ours, after Efron & Tibshirani 1993, An Introduction to the Bootstrap, sections 12.5 and 13.3.

    Examples
    --------
    >>> [round(chance_of_share(1.0, seeds), 3) for seeds in (4, 5, 10, 20)]
    [1.0, 0.036, 0.009, 0.003]
    """
    if seeds < FEWEST:
        return 1.0
    half = 0.5 / RESAMPLES
    z = NormalDist().inv_cdf(min(max(share, half), 1.0 - half))
    return chance_beyond(z * math.sqrt((seeds - 1) / seeds), seeds - 1)


def _says(cell: Cell, mean: float, low: float, high: float, p: float) -> str:
    if cell.effect is None:
        return OPEN if p >= LEVEL else (YES if mean > 0.5 else NO)
    if cell.margin > 0.0 and -cell.margin < low and high < cell.margin:
        return SMALL
    return OPEN if p >= LEVEL else (YES if mean > 0.0 else NO)


def verdict_of(found: Sequence[Found]) -> str:
    """The verdict on a part.

    * holds: every cell says yes;
    * fails: most cells say no, or each says no or small;
    * holds only if: some say yes, and some say no or small;
    * undecided: else; more seeds are needed.
    """
    count = Counter(one.says for one in found)
    if not found:
        return CANNOT
    if count[YES] == len(found):
        return HOLDS
    if 2 * count[NO] > len(found) or count[NO] + count[SMALL] == len(found):
        return FAILS
    if count[YES] and count[NO] + count[SMALL]:
        return ONLY_IF
    return UNDECIDED


def combined(verdicts: Sequence[str]) -> str:
    """The verdict on a sentence of several parts.

    All alike: that. One undecided: undecided. Else it holds only if one keeps to the part that holds; with no
    part that holds even in part, it fails.
    """
    told = [verdict for verdict in verdicts if verdict != CANNOT]
    if not told:
        return CANNOT
    if len(set(told)) == 1:
        return told[0]
    if UNDECIDED in told:
        return UNDECIDED
    return ONLY_IF
