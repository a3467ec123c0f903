"""Who is new: a log seldom begins with the shop, so that its first buyers may be old customers."""

from __future__ import annotations

import datetime

import numpy as np

from sim.calibrate.cleaning import EPOCH, day_of
from sim.calibrate.reading import LogError

PERIOD = 28
"""Days over which the share of never-seen buyers is taken."""


def first_days(customer: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The day of each customer's first purchase, by customer; purchases are sorted by customer and day."""
    return day[np.flatnonzero(np.r_[True, customer[1:] != customer[:-1]])]


def new_from(
    customer: np.ndarray,
    day: np.ndarray,
    first: np.ndarray,
    asked: str | datetime.date | None,
    notes: list[str],
) -> int:
    """The day from which on first purchases are taken for those of new customers.

    Unless asked for: the first four weeks whose share of never-seen customers among buyers is at most a quarter
    above the median of the log's second half.
    """
    start = int(day.min())
    if asked is not None:
        since = day_of(asked, "new_since")
        if since > int(day.max()):
            raise LogError(f"new_since: {asked} is after the last purchase")
        return max(since, start)
    period = (day - start) // PERIOD
    periods = int(period.max()) + 1
    buyers = np.bincount(np.unique(customer.astype(np.int64) * periods + period) % periods, minlength=periods)
    fresh = np.bincount((first - start) // PERIOD, minlength=len(buyers))
    full = len(buyers) - 1  # the last one is seldom whole
    if full < 6:
        raise LogError(
            f"the log spans {int(day.max()) - start + 1} days, too few to see who is new; use a longer one, or say "
            "from when on first purchases are of new customers: --new-since DATE"
        )
    with_buyers = np.flatnonzero(
        buyers[:full] > 0
    )  # a date of 1900 is a slip, not a hundred years without sales
    share = fresh[:full][with_buyers] / buyers[:full][with_buyers]
    steady = float(np.median(share[len(share) // 2 :]))
    if steady == 0:
        last = EPOCH + np.timedelta64(int(first.max()), "D")
        raise LogError(
            f"nobody is new after {last}: this looks like the purchases of a cohort. If its customers were new when "
            f"the log begins, say --new-since {EPOCH + np.timedelta64(start, 'D')}"
        )
    begin = int(np.flatnonzero(share <= 1.25 * steady)[0])
    since = start + int(with_buyers[begin]) * PERIOD
    notes.append(
        f"who bought before {EPOCH + np.timedelta64(since, 'D')} is not taken for new: until then "
        f"{100 * share[0]:.0f} to {100 * share[max(begin - 1, 0)]:.0f} % of buyers had not been seen before, later about {100 * steady:.0f} %"
    )
    return since
