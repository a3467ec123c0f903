"""Whether customers buy at regular intervals, as with contracts and standing orders, which the models take for random."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

FEWEST = 30
"""Customers with two intervals, by whom regularity is told."""

REGULAR = 10.0
"""Regularity from which on purchases are called regular: intervals then vary by less than a third of their mean."""


class Regularity(NamedTuple):
    """How regularly the customers of a log buy.

    Attributes
    ----------
    value : shape of the Gamma law of one customer's intervals; 1 where purchases come at random, NaN where it is not told.
    days : the median customer's mean interval.
    followed, silent : customers with three days of purchases or more; of them, who have been silent for over twice their own interval.
    """

    value: float
    days: float
    followed: int
    silent: int

    @property
    def is_regular(self) -> bool:
        """Whether the models' randomness is out of place."""
        return self.value >= REGULAR


def regularity(who: np.ndarray, day: np.ndarray, end: int) -> Regularity:
    """Regularity from the last two intervals of each customer, whatever the customer's rate.

    One interval's share of both is Beta(k, k) where intervals are Gamma with shape k: its variance is 1 / (4 (2k + 1)).

    Parameters
    ----------
    who, day : int64 (m,), purchases sorted by customer and day. end : the log's last day.

    Source: Wheat & Morrison 1990, Journal of Marketing Research 27(1) 87-93.
    """
    is_next = (who[1:] == who[:-1]) & (day[1:] == day[:-1])
    kept = np.r_[True, ~is_next]
    who, day = who[kept], day[kept]
    start = np.flatnonzero(np.r_[True, who[1:] != who[:-1]])
    days = np.diff(np.r_[start, len(who)])
    first, final = start[days >= 3], (start + days - 1)[days >= 3]
    if len(first) < FEWEST:
        return Regularity(float("nan"), float("nan"), len(first), 0)
    late, early = day[final] - day[final - 1], day[final - 1] - day[final - 2]
    variance = float(np.mean((late / (late + early) - 0.5) ** 2))
    value = (1.0 - 4.0 * variance) / (8.0 * variance) if variance > 0 else float("inf")
    mean = (day[final] - day[first]) / (days[days >= 3] - 1)
    silent = int((end - day[final] > 2.0 * mean).sum())
    return Regularity(value, float(np.median(mean)), len(first), silent)
