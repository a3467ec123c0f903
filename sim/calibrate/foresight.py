"""What fitted models foretell of a log: weeks, frequencies, seasons, and each customer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim.calibrate.estimating import Model
from sim.value import GammaGamma, Histories

WEEK, YEAR = 7.0, 365.25 / 7.0
MOST = 7
"""Frequencies from here on are one class."""

YEARS = 10
"""Horizon of lifetime values."""

CLOSED = 7
"""Days that may be missing of whole years: a shop may be shut on the first and on the last days of a year. Source: ours."""


def _expected_by_day(model: Model, first: np.ndarray, start: int, end: int) -> np.ndarray:
    """Cumulative repeat purchases expected at the end of each day, of customers with these first days."""
    entries = np.bincount(first.astype(int) - start, minlength=end - start + 1)
    growth = model.expected_purchases(np.arange(end - start + 1) / WEEK)
    size = 2 * len(entries)  # sums over all pairs of days, by the transform of both
    return np.fft.irfft(np.fft.rfft(entries, size) * np.fft.rfft(growth, size), size)[: len(entries)]


def _repeats_by_day(first: np.ndarray, who: np.ndarray, day: np.ndarray, start: int, end: int) -> np.ndarray:
    """Cumulative repeat purchases at the end of each day; `first` by the place of a customer in `who`."""
    again = day > first[who]
    return np.cumsum(np.bincount(day[again] - start, minlength=end - start + 1))


def _places(h: Histories, who: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Purchases of the customers in `h`, each with the customer's place there."""
    kept = np.isin(who, h.customer)
    return np.searchsorted(h.customer, who[kept]), day[kept].astype(int)


def seasonal(model: Model, h: Histories, season: pd.Series, split: int, end: int) -> tuple[np.ndarray, float]:
    """What a season does to the purchases expected each day, and to those after the split together.

    A model of the first half has the season of its months in its level, so that the factors are those of each day against
    the mean of the first half, weighted by what is expected.

    Returns
    -------
    float64 (days,), float : factors by day, from the first purchase to the end; factor of all days after the split.
    """
    start = int(h.first.min())
    expected = np.diff(_expected_by_day(model, h.first, start, end), prepend=0.0)
    days = np.arange(start, end + 1)
    factor = season.to_numpy()[days.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12]
    seen = days <= split
    factor = factor * expected[seen].sum() / (expected[seen] @ factor[seen])
    return factor, float(expected[~seen] @ factor[~seen] / expected[~seen].sum())


def tracking(
    model: Model,
    h: Histories,
    who: np.ndarray,
    day: np.ndarray,
    split: int,
    end: int,
    factor: np.ndarray | float = 1.0,
) -> pd.DataFrame:
    """Repeat purchases week by week, actual and expected, of the customers known at the split; `factor` of `seasonal`."""
    place, when = _places(h, who, day)
    start = int(h.first.min())
    actual = _repeats_by_day(h.first, place, when, start, end)
    expected = np.cumsum(np.diff(_expected_by_day(model, h.first, start, end), prepend=0.0) * factor)
    at = np.arange(6, end - start + 1, 7)
    table = pd.DataFrame(
        {"week": np.arange(1, len(at) + 1), "cum_actual": actual[at], "cum_expected": expected[at]}
    )
    table["actual"] = np.diff(table["cum_actual"], prepend=0)
    table["expected"] = np.diff(table["cum_expected"], prepend=0.0)
    table["holdout"] = at + start > split
    return table


def by_frequency(
    model: Model, h: Histories, who: np.ndarray, day: np.ndarray, split: int, ahead: float
) -> pd.DataFrame:
    """Mean purchases after the split by repeat purchases before it."""
    place, when = _places(h, who, day)
    later = np.bincount(place[when > split], minlength=len(h.customer))
    expected = model.conditional_expected_purchases(ahead, h.frequency, h.first_to_last, h.age)
    group = np.minimum(h.frequency, MOST).astype(int)
    table = pd.DataFrame({"frequency": group, "actual": later, "expected": expected}).groupby("frequency")
    result = table.mean()
    result.insert(0, "customers", table.size())
    return result.reset_index()


def season_of(
    model: Model, h: Histories, who: np.ndarray, day: np.ndarray, end: int, least: int = 2
) -> pd.Series | None:
    """Actual against expected repeat purchases by calendar month, over whole years; mean 1. None under `least` years.

    Two calendar years are two years, though they have 730 days, and though nothing may be sold on some of the last.
    """
    start = int(h.first.min())
    days = np.arange(start, end + 1).astype("datetime64[D]")
    years = (end - start + 1 + CLOSED) // 365.25
    if years < least:
        return None
    place, when = _places(h, who, day)
    actual = np.diff(_repeats_by_day(h.first, place, when, start, end), prepend=0)
    expected = np.diff(_expected_by_day(model, h.first, start, end), prepend=0.0)
    month = days.astype("datetime64[M]").astype(int) % 12
    kept = np.arange(len(days)) >= len(days) - int(years * 365.25)
    ratio = np.bincount(month[kept], actual[kept], 12) / np.bincount(month[kept], expected[kept], 12)
    return pd.Series(ratio / ratio.mean(), index=pd.Index(range(1, 13), name="month"), name="factor")


def values_of(
    model: Model,
    spend: GammaGamma | None,
    h: Histories,
    bought: tuple[np.ndarray, np.ndarray],
    own: tuple[np.ndarray, np.ndarray],
    margin: float,
    discount: float,
) -> pd.DataFrame:
    """Purchases expected in 12 months, chance of being active and lifetime value, with intervals.

    `bought` is of how many purchases the spend model knows the mean, and that mean; `own` is what each customer spends, and its error as a share: where there is no spend model.
    """
    keys, which = np.unique(h.frequency + 1j * h.age, return_inverse=True)
    pairs = np.stack([keys.real, keys.imag])
    whole, relative = _worth(model, pairs, discount), _relative_errors(model, h, pairs, which, discount)
    active = model.alive(h.frequency, h.first_to_last, h.age)
    year, life = (active * part[which] for part in whole)
    paid, paid_error = own
    if spend is not None:
        paid = spend.conditional_expected_spend(*bought)
        paid_error = _spend_errors(spend, bought)
    worth = life * paid * margin
    low, high = 1.96 * relative[0], 1.96 * np.sqrt(relative[1] ** 2 + paid_error**2)
    return pd.DataFrame(
        {
            "purchases": (h.frequency + 1).astype(int),
            "active": active,
            "purchases_12_months": year,
            "purchases_low": year * np.exp(-low),
            "purchases_high": year * np.exp(low),
            "lifetime_value": worth,
            "value_low": worth * np.exp(-high),
            "value_high": worth * np.exp(high),
        }
    )


def _worth(model: Model, pairs: np.ndarray, discount: float) -> tuple[np.ndarray, np.ndarray]:
    """Of an active customer by frequency and age: purchases in a year, and in ten, discounted from each year's middle."""
    x, age = pairs
    sure = model.alive(x, np.where(x > 0, age, 0.0), age)
    upto: list[Any] = [np.zeros(len(x))]
    for k in range(1, YEARS + 1):
        upto.append(model.conditional_expected_purchases(k * YEAR, x, np.where(x > 0, age, 0.0), age) / sure)
    yearly = np.diff(np.array(upto), axis=0)
    return yearly[0], (1.0 + discount) ** -(np.arange(YEARS) + 0.5) @ yearly


def _relative_errors(
    model: Model, h: Histories, pairs: np.ndarray, which: np.ndarray, discount: float
) -> tuple[np.ndarray, np.ndarray]:
    """Standard errors of the logs of both expectations, from the covariance of the parameters (delta method)."""
    slopes: list[list[np.ndarray]] = [[], []]
    step = 1e-3
    for k in range(len(model.parameters)):
        logs = []
        for side in (-step, step):
            values = np.array(list(model.parameters.values()))
            values[k] *= np.exp(side)
            near = type(model)(*values)
            active = np.log(np.maximum(near.alive(h.frequency, h.first_to_last, h.age), 1e-300))
            logs.append(
                [active + np.log(np.maximum(part, 1e-300))[which] for part in _worth(near, pairs, discount)]
            )
        for place in (0, 1):
            slopes[place].append((logs[1][place] - logs[0][place]) / (2.0 * step))
    covariance = model.covariance.to_numpy()
    errors = [np.sqrt(np.einsum("ij,ik,kj->j", np.array(s), covariance, np.array(s))) for s in slopes]
    return errors[0], errors[1]


def _spend_errors(spend: GammaGamma, bought: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    slopes = []
    step = 1e-3
    for k in range(3):
        logs = []
        for side in (-step, step):
            values = np.array(list(spend.parameters.values()))
            values[k] *= np.exp(side)
            logs.append(np.log(GammaGamma(*values).conditional_expected_spend(*bought)))
        slopes.append((logs[1] - logs[0]) / (2.0 * step))
    return np.sqrt(np.einsum("ij,ik,kj->j", np.array(slopes), spend.covariance.to_numpy(), np.array(slopes)))
