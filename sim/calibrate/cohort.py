"""What a market makes of a cohort: the purchases that customers who are new at one firm go on to make there."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.behaviours import BY_NAME
from sim.market import Market
from sim.scenario import Scenario

MONTH = 365.25 / 12.0
"""Days of a month."""


class Seen(NamedTuple):
    """What a run showed.

    Attributes
    ----------
    purchases : float64 (months + 1,)
        Purchases that a customer of the cohort has made with the firm by that age in months, the first one not counted.
    share : float
        The firm's share of those who have a supplier, at the end.
    """

    purchases: np.ndarray
    share: float


def run_cohort(scenario: Scenario, firm: str, months: int, seed: int = 1) -> Seen:
    """Let all that a firm serves at the start be new customers, and count what they buy there, returns included.

    Parameters
    ----------
    scenario : with customers of the firm at the start.
    firm : its name.
    months : how long, 1 or more. seed : 0 to 2**64 - 1.
    """
    market = Market(scenario, months=months, seed=seed)
    place = list(scenario.firms).index(firm)
    c = market.customers
    cohort = c.supplier == place
    c.loyalty[cohort], c.tie[cohort], c.tenure[cohort] = 0.0, 0.0, 0
    c.trust[cohort] = scenario.tables.buy.initial_trust
    before = c.identified[place].astype(np.int64)
    total = np.zeros(months + 1)
    leave = BY_NAME["leave"]

    def counted(market: Any) -> None:
        """Count before the places of those who leave are taken by others."""
        market.draws.claim(*leave.module.DRAWS)
        there = cohort & (c.generation == 0)
        bought = c.identified[place] - before
        counts[:] = bought[there].sum(), 0
        leave.function(market)
        gone = there & (c.generation != 0)
        counts[1] = bought[gone].sum()

    counts = np.zeros(2, dtype=np.int64)
    market.swaps.stages["leave"] = counted
    frozen = 0
    for month in range(months):
        market.step()
        total[month + 1] = frozen + counts[0]
        frozen += int(counts[1])
    served = c.supplier >= 0
    return Seen(total / max(int(cohort.sum()), 1), float((c.supplier[served] == place).mean()))


def repeats(purchases: np.ndarray, first: np.ndarray, day: float) -> float:
    """Repeat purchases by a day of customers with these first days, as a cohort's curve has it.

    Parameters
    ----------
    purchases : as in `Seen`.
    first : (n,) days of the first purchases. day : days later are left out.
    """
    ages = np.maximum(day - first, 0.0) / MONTH
    return float(np.interp(ages, np.arange(len(purchases)), purchases).sum())
