"""Lifetime value from a few rates: the margin multiple and the brand-switching matrix."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from sim.value.inputs import finite, positive


def margin_multiple(
    retention: ArrayLike,
    discount: ArrayLike,
    *,
    growth: ArrayLike = 0.0,
    first_margin: Literal["later", "now"] = "later",
) -> Any:
    """How many yearly margins a customer is worth who stays with the same chance each year.

    retention / (1 + discount - retention (1 + growth)): the sum over years k = 1, 2, … of
    retention^k (1 + growth)^(k - 1) / (1 + discount)^k.

    Parameters
    ----------
    retention : float or array
        Chance that a customer is one a year later, 0 to 1.
    discount : float or array
        Discount rate a year, above -1: 0.10 is 10 %.
    growth : float or array
        Growth of a customer's margin a year, above -1.
    first_margin : "later" or "now"
        "later": the first margin is earned a year from now, by those who stayed. "now": the margin of today comes on
        top, which adds one.

    Returns
    -------
    float, or float64 array of the arguments' common shape

    Raises
    ------
    ValueError
        An argument is out of its range, or the sum has no end: retention (1 + growth) >= 1 + discount.

    Source: Gupta & Lehmann 2003, Journal of Interactive Marketing 17(1), table 1.

    Examples
    --------
    >>> round(margin_multiple(0.8, 0.10), 2)
    2.67
    >>> round(margin_multiple(0.8, 0.10, first_margin="now"), 2)
    3.67
    """
    if first_margin not in ("later", "now"):
        raise ValueError(f'first_margin: "later" or "now" (got {first_margin!r})')
    r, i, g = finite("retention", retention), finite("discount", discount), finite("growth", growth)
    if np.any((r < 0) | (r > 1)):
        raise ValueError(f"retention: a share of 0 to 1 (got {retention!r}); 80 % is 0.8")
    if np.any(i <= -1) or np.any(g <= -1):
        raise ValueError(f"discount and growth: rates a year above -1 (got {discount!r} and {growth!r})")
    below = 1.0 + i - r * (1.0 + g)
    if np.any(below <= 0):
        raise ValueError(
            "the margins grow as fast as they are discounted, so that their sum has no end: "
            f"retention (1 + growth) must be under 1 + discount (got {retention!r}, {growth!r}, {discount!r})"
        )
    value = r / below + (first_margin == "now")
    return float(value) if value.ndim == 0 else value


def brand_switching(
    first: ArrayLike,
    switching: ArrayLike,
    *,
    per_year: float,
    years: float,
    discount: float,
    volume: ArrayLike = 1.0,
    margin: ArrayLike = 1.0,
) -> np.ndarray:
    """What one customer will bring each brand, who may switch at every purchase and come back.

    The purchases t = 0, 1, …, per_year years are expected at each brand with the chances first · switching^t; each is
    worth volume · margin, discounted by (1 + discount)^(-t / per_year).

    Parameters
    ----------
    first : (F,) array
        Chances that purchase 0 is at each brand, 0 to 1, sum 1.
    switching : (F, F) array
        Row: the brand bought last; column: the brand bought next. Chances, rows sum to 1.
    per_year : float
        Purchases a year, above 0.
    years : float
        Horizon, 0 or more.
    discount : float
        Discount rate a year, above -1.
    volume, margin : float or (F,) array
        Sales a purchase in money, and the share of it that is left; at each brand.

    Returns
    -------
    float64 (F,)
        Value by brand, in the money of `volume`.

    Raises
    ------
    ValueError
        Shapes that do not fit, chances that do not sum to 1, rates out of range.

    Source: Rust, Lemon & Zeithaml 2004, Journal of Marketing 68(1) 109-127: the brand-switching matrix, with a
    horizon in years.

    Examples
    --------
    >>> brand_switching([1, 0], [[0.7, 0.3], [0.5, 0.5]], per_year=1, years=2, discount=0.10).round(3)
    array([2.165, 0.57 ])
    """
    chances, matrix = finite("first", first), finite("switching", switching)
    if chances.ndim != 1 or matrix.shape != (len(chances), len(chances)):
        raise ValueError(
            f"first has shape {chances.shape} and switching {matrix.shape}: (F,) and (F, F) for F brands are needed"
        )
    for name, rows in (("first", chances[None, :]), ("switching", matrix)):
        wrong = np.flatnonzero((rows < 0).any(axis=1) | (np.abs(rows.sum(axis=1) - 1.0) > 1e-6))
        if len(wrong):
            where = name if name == "first" else f"switching, row {wrong[0]}"
            raise ValueError(f"{where}: chances of 0 to 1 that sum to 1 (got {rows[wrong[0]].tolist()})")
    positive("per_year", per_year)
    if not (math.isfinite(years) and years >= 0):
        raise ValueError(f"years: 0 or more (got {years!r})")
    if not (math.isfinite(discount) and discount > -1):
        raise ValueError(f"discount: a rate a year above -1 (got {discount!r})")
    step = (1.0 + discount) ** (-1.0 / per_year)
    value, weight = np.zeros(len(chances)), 1.0
    for _ in range(math.floor(per_year * years + 1e-9) + 1):
        value += weight * chances
        chances, weight = chances @ matrix, weight * step
    return value * finite("volume", volume) * finite("margin", margin)
