"""What one customer more costs, won or kept: twins that differ in one lever, from one month on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from sim.draws import PURPOSES
from sim.intervals import fieller
from sim.ledger import C
from sim.metrics.costs import acquisition_cost, retention_cost
from sim.metrics.money import customer_equity
from sim.metrics.profitability import told
from sim.snapshots import Snapshot, advance

if TYPE_CHECKING:
    from sim.market import Market
    from sim.runs import Progress, Run

TENTH = 0.1
"""Share of a firm's customers whose level or bond a retention lever raises."""

NOT_IDENTIFIED = "not identified"

_KEY = next(p for p in PURPOSES if p.name == "lever_tenth")


def _raise_plan(field: str, factor: float, step: float, most: float) -> Callable[[Market, int], None]:
    def act(market: Market, f: int) -> None:
        plan = market.firms[f].plan
        setattr(plan, field, min(getattr(plan, field) * factor + step, most))
        offers = market.month_of_firms.offers.copy()  # decided already: they stand
        market.open_month()
        market.month_of_firms.offers[...] = offers

    return act


def _tenth(market: Market, f: int) -> np.ndarray:
    """The same tenth of people each month, of them those who are customers of firm f."""
    ids = np.flatnonzero(market.customers.supplier == f)
    return ids[market.draws._uniform(_KEY, ids, 0, 0) < TENTH]


def _raise_level(market: Market, f: int) -> None:
    ids, c = _tenth(market, f), market.customers
    c.level[ids] = np.minimum(c.level[ids] + 1, 4)


def _raise_bond(name: str) -> Callable[[Market, int], None]:
    def act(market: Market, f: int) -> None:
        getattr(market.customers, name)[_tenth(market, f)] = 1

    return act


class Lever(NamedTuple):
    """A way to win or keep more: what it is, what it is spent on, and what it does once the plans are made."""

    name: str
    purpose: str
    meaning: str
    act: Callable[[Market, int], None]


LEVERS = {
    lever.name: lever
    for lever in (
        Lever("advertising", "acquisition", "10 % more advertising", _raise_plan("advertising", 1.1, 0.0, np.inf)),
        Lever("trial_discount", "acquisition", "5 points more trial discount", _raise_plan("trial_discount", 1.0, 0.05, 0.9)),
        Lever("referral_reward", "acquisition", "5 more money a referral", _raise_plan("referral_reward", 1.0, 5.0, np.inf)),
        Lever("level", "retention", "one relationship level more for a tenth", _raise_level),
        Lever("social", "retention", "a social bond for a tenth", _raise_bond("social")),
        Lever("structural", "retention", "a structural bond for a tenth", _raise_bond("structural")),
    )
}  # fmt: skip
"""Levers that can be raised, by name."""


class _Ends(NamedTuple):
    """Sums of the months since the fork, of one firm: money, people."""

    acquisition: float
    retention: float
    won: float
    kept_years: float
    earned: float
    acquisition_cost: float
    retention_cost: float


class _Kept:
    """Counts the customer-months of those who were a firm's customers when it began."""

    def __init__(self, market: Market, f: int) -> None:
        c = market.customers
        self.f, self.ids = f, np.flatnonzero(c.supplier == f)
        self.generation = c.generation[self.ids].copy()
        self.months = 0

    def __call__(self, market: Market, stage: str) -> None:
        if stage == "account":
            c = market.customers
            same = c.generation[self.ids] == self.generation
            self.months += int((same & (c.supplier[self.ids] == self.f)).sum())


def _since(market: Market, f: int, start: int, kept: _Kept) -> _Ends:
    books = np.sum(market.ledger.months[start:], axis=0)[f] / 100.0
    won = sum(int(book[f, C["won"]]) for book in market.ledger.counts[start:])
    profit = float((books * market.ledger.signs).sum())
    return _Ends(
        float(books[market.ledger.acquisition].sum()), float(books[market.ledger.retention].sum()), float(won), kept.months / 12.0,
        profit + float(customer_equity(market)[f]), float(acquisition_cost(market)[f]), float(retention_cost(market)[f]),
    )  # fmt: skip


def marginal_costs(
    run: Run,
    *,
    firm: str | None = None,
    levers: tuple[str, ...] = ("advertising", "level"),
    start: int = 24,
    months: int = 24,
    seeds: int = 10,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """What one customer more costs, won or kept a year, and what the money brings: from twins. Unit: money.

    From the month after ``start`` on, a twin of the firm raises one lever; everything else is as it was, luck too.
    Cost of winning: difference of acquisition spend over that of customers won. Cost of keeping: difference of
    retention spend over that of customer-years kept of those who were customers at the start, who are the same in
    both twins. Levers are compared by `marginal_return`.

    Parameters
    ----------
    firm : str, optional
        The focus unless given.
    levers : tuple of str
        Of `LEVERS`: advertising, trial_discount, referral_reward (acquisition); level, social, structural (retention).
    start, months : int
        Months before the twins part, and after.
    seeds : int
        Pairs of twins, 2 or more; from the run's seed on.
    progress : callable, optional
        Called with months done and months in all.

    Returns
    -------
    DataFrame
        `firm`, `lever`, `purpose`, `meaning`, `spend` and `gained` (mean differences: money; customers won, or
        customer-years kept), `marginal_cost` with `low` and `high` (95 %, Fieller), `marginal_return` (profit to date,
        which is net of the spend, and customer equity at the end, over the spend) with `return_low` and `return_high`, `average_cost`
        (`acquisition_cost` or `retention_cost` of the last 12 months, in the twin as it is), `verdict` ("identified", or "not identified"
        and then no number), `seeds`. `attrs` holds the `ratio` of the first lever's cost of winning a customer to that
        of keeping one a year: for information only.

    Raises
    ------
    ValueError
        An unknown firm or lever, or fewer than two seeds.

    Source: Blattberg & Deighton 1996 for the question; twins are ours.
    """
    name = firm or run.scenario.focus
    place = run.market.firm(name).place
    _check(levers, seeds, start, months)
    ends: dict[str, list[_Ends]] = {lever: [] for lever in ("", *levers)}
    total, done = seeds * (start + months * len(ends)), 0
    for seed in range(run.seed, run.seed + seeds):
        market = advance(run.like(seed), start)
        snapshot = Snapshot(market)
        done += start
        for lever, found in ends.items():
            kept = _Kept(snapshot.restore(), place)
            advance(market, months, [*([_acting(lever, place)] if lever else []), kept])
            found.append(_since(market, place, start, kept))
            done += months
            if progress:
                progress(done, total)
    rows = [_row(name, LEVERS[lever], ends[""], ends[lever]) for lever in levers]
    columns = ["firm", "lever", "purpose", "meaning", "spend", "gained", "marginal_cost", "low", "high",
               "marginal_return", "return_low", "return_high", "average_cost", "verdict", "seeds"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    first = table.drop_duplicates("purpose").set_index("purpose")["marginal_cost"]
    return told(run, table, ratio=float(first.get("acquisition", np.nan) / first.get("retention", np.nan)))


def _check(levers: tuple[str, ...], seeds: int, start: int, months: int) -> None:
    for lever in levers:
        if lever not in LEVERS:
            raise ValueError(f'levers: must be of {", ".join(LEVERS)} (got "{lever}")')
    for what, value, least in (("seeds", seeds, 2), ("start", start, 1), ("months", months, 12)):
        if value < least:
            raise ValueError(f"{what}: must be {least} or more (got {value})")


def _acting(lever: str, place: int) -> Callable[[Market, str], None]:
    def act(market: Market, stage: str) -> None:
        if stage == "decide":
            LEVERS[lever].act(market, place)

    return act


def _row(firm: str, lever: Lever, base: list[_Ends], raised: list[_Ends]) -> tuple[Any, ...]:
    """One lever's row: differences, their ratio and its interval."""
    one, other = np.array(base), np.array(raised)
    gap = dict(zip(_Ends._fields, (other - one).T, strict=True))
    mean = dict(zip(_Ends._fields, one.mean(axis=0), strict=True))
    counted = "won" if lever.purpose == "acquisition" else "kept_years"
    spend, gained = gap[lever.purpose], gap[counted]
    cost, value = fieller(spend, gained), fieller(gap["earned"], spend)
    average = mean[f"{lever.purpose}_cost"]
    verdict = "identified" if np.isfinite(cost[0]) else NOT_IDENTIFIED
    return (
        firm, lever.name, lever.purpose, lever.meaning, float(spend.mean()), float(gained.mean()), *cost,
        *value, average, verdict, len(base),
    )  # fmt: skip
