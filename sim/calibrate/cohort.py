"""What a market makes of a cohort: the purchases that customers who are new at one firm go on to make there."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.behaviours import BY_NAME
from sim.market import Market
from sim.scenario import Scenario
from sim.value.estimation import scipy_part

MONTH = 365.25 / 12.0
"""Days of a month."""

YEAR = 12
"""Months after which who still buys is said to have stayed."""

CHOICE = 0.02
"""Hazard a month of leaving by choice, for the expectation that takes luck out."""


class Seen(NamedTuple):
    """What a run showed.

    Attributes
    ----------
    purchases : float64 (months + 1,)
        Purchases that a customer of the cohort has made with the firm by that age in months, the first one not counted.
    money : float64 (months + 1,)
        What these were paid for.
    share : float
        The firm's share of those who have a supplier, at the end.
    stayed : float64 (months + 1,)
        Share of the cohort who by that age have bought there later than a year after their first purchase; 0 up to a year.
    """

    purchases: np.ndarray
    money: np.ndarray
    share: float
    stayed: np.ndarray


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
    luck = _luck_of_traits(scenario, c.need_rate[cohort], c.exit_rate[cohort], months)
    before, spent = c.identified[place].astype(np.int64), c.spent[place].astype(np.float64)
    total = np.zeros((months + 1, 2))
    usual = _luck_of_baskets(scenario, c.basket[cohort])
    leave = BY_NAME["leave"]

    def counted(market: Any) -> None:
        """Count before the places of those who leave are taken by others."""
        market.draws.claim(*leave.module.DRAWS)
        there = cohort & (c.generation == 0)
        now = np.where(c.supplier == place, c.month_spent_cents / 100.0, 0.0)  # not yet on record
        bought = np.array([c.identified[place] - before, c.spent[place] + now - spent])
        np.copyto(in_a_year, bought[0], where=there & (market.month < YEAR))
        np.logical_or(later, there & (bought[0] > in_a_year), out=later)
        counts[0], counts[1] = bought[:, there].sum(axis=1), 0.0
        leave.function(market)
        gone = there & (c.generation != 0)
        counts[1] = bought[:, gone].sum(axis=1)

    counts = np.zeros((2, 2))
    in_a_year, later = np.zeros(len(c)), np.zeros(len(c), dtype=bool)
    stayed = np.zeros(months + 1)
    market.swaps.stages["leave"] = counted
    frozen = np.zeros(2)
    for month in range(months):
        market.step()
        total[month + 1] = frozen + counts[0]
        frozen += counts[1]
        stayed[month + 1] = later.sum() / max(int(cohort.sum()), 1)
    served = c.supplier >= 0
    purchases, money = (total / max(int(cohort.sum()), 1)).T * luck
    return Seen(purchases, money * usual, float((c.supplier[served] == place).mean()), stayed)


def _luck_of_baskets(scenario: Scenario, baskets: np.ndarray) -> float:
    """Mean spend of all customers over that of the cohort, where there is one segment."""
    if len(scenario.segments) != 1 or not len(baskets):
        return 1.0
    segment: Any = next(iter(scenario.segments.values()))
    return float(segment.basket.mean / baskets.mean(dtype=np.float64))


def _luck_of_traits(scenario: Scenario, need: np.ndarray, exits: np.ndarray, months: int) -> np.ndarray:
    """By age: what a cohort of all customers would buy over what one with just these needs and exits would.

    A few customers buy most, so that their number varies a great deal from cohort to cohort; this takes that luck out (a
    ratio estimator). Expectations are those of exits at a constant hazard, with a little choice; any would do.
    Source: Cochran 1977, Sampling Techniques, chapter 6.
    """
    if len(scenario.segments) != 1 or not len(need):
        return np.ones(months + 1)
    segment: Any = next(iter(scenario.segments.values()))
    special = scipy_part("special")
    place = (np.arange(2_000) + 0.5) / 2_000
    shape, mean = segment.need_rate.shape, segment.need_rate.mean
    needs = special.gammaincinv(shape, place) * mean / shape if segment.need_rate.varies else np.full(1, mean)
    law = segment.exit_rate
    middle = (np.arange(100) + 0.5) / 100
    stops = (
        special.betaincinv(law.mean * law.strength, (1.0 - law.mean) * law.strength, middle)
        if law.varies
        else np.full(1, law.mean)
    )
    all_needs, all_stops = (grid.ravel() for grid in np.meshgrid(np.maximum(needs, 0.005), stops))
    of_all, of_these = _expected(all_needs, all_stops, months), _expected(need, exits, months)
    return of_all / of_these


def _expected(need: np.ndarray, exits: np.ndarray, months: int) -> np.ndarray:
    """Mean purchases by age in months; 1 at age 0, where it divides itself."""
    hazard = -need * np.log1p(-np.minimum(exits, 0.999999)) + CHOICE
    means = [float((need * -np.expm1(-hazard * age) / hazard).mean()) for age in range(1, months + 1)]
    return np.array([1.0, *means])


def repeats(bought: np.ndarray, first: np.ndarray, day: float) -> float:
    """Repeat purchases, or their money, by a day of customers with these first days, as a cohort's curve has it.

    Parameters
    ----------
    bought : purchases or money, as in `Seen`.
    first : (n,) days of the first purchases. day : days later are left out.
    """
    ages = np.maximum(day - first, 0.0) / MONTH
    return float(np.interp(ages, np.arange(len(bought)), bought).sum())
