"""Means of paired differences and how sure they are."""

from __future__ import annotations

import math
from functools import cache

import numpy as np


@cache
def student_t(freedom: int, chance: float = 0.95) -> float:
    """The two-sided quantile of Student's t: |t| stays below it with this chance.

    From the finite series for whole degrees of freedom (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4), by bisection.

    Parameters
    ----------
    freedom : int
        Degrees of freedom, 1 or more.
    chance : float
        0 to 1, both ends excluded.

    Examples
    --------
    >>> round(student_t(4), 3)
    2.776
    """
    low, high = 0.0, math.pi / 2.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _inside(middle, freedom) < chance else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


def chance_beyond(t: float, freedom: int) -> float:
    """The two-sided chance that Student's t is further from 0 than this, by luck alone.

    Parameters
    ----------
    t : float
    freedom : int
        Degrees of freedom, 1 or more.

    Examples
    --------
    >>> round(chance_beyond(2.776, 4), 3)
    0.05
    """
    return max(0.0, 1.0 - _inside(math.atan(abs(t) / math.sqrt(freedom)), freedom))


def _inside(angle: float, freedom: int) -> float:
    """The chance that |t| < sqrt(freedom) tan(angle)."""
    cosine, sine = math.cos(angle), math.sin(angle)
    if freedom > 300:  # the series has as many terms; the normal with its first two corrections is as good
        t = math.sqrt(freedom) * math.tan(angle)
        z = t * (1.0 - 1.0 / (4.0 * freedom)) / math.sqrt(1.0 + t * t / (2.0 * freedom))
        return math.erf(z / math.sqrt(2.0))
    term, total = (cosine, cosine) if freedom % 2 else (1.0, 1.0)
    for k in range(2 if freedom % 2 else 1, freedom - 2 + 1, 2):
        term *= k / (k + 1) * cosine * cosine
        total += term
    if freedom % 2:
        return 2.0 / math.pi * (angle + (sine * total if freedom > 1 else 0.0))
    return sine * total


def interval(differences: np.ndarray, chance: float = 0.95) -> tuple[float, float, float]:
    """The mean of paired differences and its interval; the ends are missing with fewer than two.

    Parameters
    ----------
    differences : float64 (n,)

    Returns
    -------
    tuple of float
        Mean, low, high.
    """
    n = len(differences)
    if n == 0:
        return math.nan, math.nan, math.nan
    mean = float(np.mean(differences))
    if n == 1:
        return mean, math.nan, math.nan
    half = student_t(n - 1, chance) * float(np.std(differences, ddof=1)) / math.sqrt(n)
    return mean, mean - half, mean + half


def fieller(above: np.ndarray, below: np.ndarray, chance: float = 0.95) -> tuple[float, float, float]:
    """The ratio of two means of paired values, and its interval; all missing where the interval is unbounded.

    Parameters
    ----------
    above, below : float64 (n,)
        One pair a seed, two or more.

    Returns
    -------
    tuple of float
        Ratio of the means, low, high. Where the mean of ``below`` may be 0 no ratio is identified.

    Source: Fieller 1954, Journal of the Royal Statistical Society B 16(2) 175-185.
    """
    n = len(above)
    if n < 2:
        return math.nan, math.nan, math.nan
    x, y = float(np.mean(above)), float(np.mean(below))
    deviation = np.stack([np.asarray(above, dtype=np.float64) - x, np.asarray(below, dtype=np.float64) - y])
    spread = deviation @ deviation.T / (n - 1) / n * student_t(n - 1, chance) ** 2
    a, b, c = y * y - spread[1, 1], x * y - spread[0, 1], x * x - spread[0, 0]
    if not a > 0.0:
        return math.nan, math.nan, math.nan
    half = math.sqrt(max(b * b - a * c, 0.0)) / a
    return x / y, b / a - half, b / a + half
