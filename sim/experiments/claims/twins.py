"""Arms that part after a burn-in: the same customers with the same luck, and what a firm earns in each arm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from sim.experiments.claims.design import Size
from sim.ledger import C
from sim.market import Market
from sim.scenario import load
from sim.snapshots import Act, Snapshot, advance

TAIL = 60
"""Months after the last that count as the mean of the last twelve."""


class Lived(NamedTuple):
    """The months of an arm, copied out of its market.

    Attributes
    ----------
    books : float64 (T, F, activities), money. counts : int64 (T, F, counts). heads : int64 (T, F), customers at month's end.
    place : the focal firm. rate : discount a year. market : as the arm left it; the next arm changes it.
    """

    books: np.ndarray
    counts: np.ndarray
    heads: np.ndarray
    place: int
    rate: float
    market: Market

    @property
    def profit(self) -> np.ndarray:
        """The focal firm's profit month by month, float64 (T,)."""
        return self.profit_of(self.place)

    def profit_of(self, place: int) -> np.ndarray:
        """A firm's profit month by month, float64 (T,)."""
        return (self.books[:, place] * self.market.ledger.signs).sum(axis=1)

    def value(self, place: int | None = None) -> float:
        """V: discounted profit of the months, and of five years more like the last twelve months."""
        return value(self.profit_of(self.place if place is None else place), self.rate)

    def money(self, activity: str) -> float:
        """Sum of an activity of the focal firm."""
        return float(self.books[:, self.place, self.market.ledger.places[activity]].sum())

    def counted(self, count: str) -> int:
        """Sum of a count of the focal firm."""
        return int(self.counts[:, self.place, C[count]].sum())


def value(profit: np.ndarray, rate: float, tail: int = TAIL) -> float:
    """V of months of profit: sum of p_k (1 + i)^(-k/12), and the mean of the last 12 months for `tail` months more.

    Parameters
    ----------
    profit : float64 (T,), money a month. rate : i, share a year. tail : months.

    Examples
    --------
    >>> value(np.full(24, 10.0), 0.0, tail=6)
    300.0
    """
    months = len(profit)
    shrink = (1.0 + rate) ** (-np.arange(1.0, months + tail + 1.0) / 12.0)
    return float(profit @ shrink[:months] + profit[-12:].mean() * shrink[months:].sum())


class Parting:
    """A market that was burnt in, and from which arms part as often as is wanted.

    Parameters
    ----------
    scenario : a name or a Scenario. seed : int. size : its burn-in and months.
    change, policies : what holds before and in all arms, in `run`'s words.
    customers : the number of customers; the scenario's unless given.
    firm : the focal firm; the scenario's focus unless given.
    measured : take the metrics of each month too.
    """

    def __init__(
        self,
        scenario: Any,
        seed: int,
        size: Size,
        *,
        change: Mapping[str, Any] | None = None,
        policies: Mapping[str, Any] | None = None,
        customers: int | None = None,
        firm: str | None = None,
        measured: bool = False,
    ) -> None:
        changes = dict(change or {}) | ({"market.customers": customers} if customers else {})
        self.scenario = load(scenario).with_changes(changes)
        self.size, self.measured = size, measured
        self.policies = dict(policies or {})
        self.firm = firm or self.scenario.focus
        self.market = Market(
            self.scenario, months=size.burn_in + size.months + 1, seed=seed, policies=self.policies, threads=1
        )
        advance(self.market, size.burn_in, measured=measured)
        self.state = Snapshot(self.market)

    def arm(
        self,
        change: Mapping[str, Any] | None = None,
        policies: Mapping[str, Any] | None = None,
        *,
        acts: Iterable[Act] = (),
        months: int | None = None,
    ) -> Lived:
        """Live on from the parting, with other parameters, policies, or acts after each stage.

        Whoever a trait was drawn for keeps it: a changed trait shows in newcomers only.
        """
        market = self._market(dict(change or {}), dict(policies or {}))
        start = len(market.ledger.months)
        first = len(market.heads)
        advance(market, self.size.months if months is None else months, acts, measured=self.measured)
        books = np.array(market.ledger.months[start:]) / 100.0
        return Lived(
            books, np.array(market.ledger.counts[start:]), np.array(market.heads[first:]),
            market.firm(self.firm).place, float(market.tables.market.discount_rate), market,
        )  # fmt: skip

    def _market(self, change: dict[str, Any], policies: dict[str, Any]) -> Market:
        """The market set back to the parting, with what the arm has of its own."""
        if not change and not policies:
            return self.state.restore()
        given = self.policies | policies
        twin = Market(
            self.scenario.with_changes(change), months=self.market.months, seed=self.market.seed,
            policies=given, threads=1,
        )  # fmt: skip
        own = [(firm.table, firm.rules, firm.rule_counts, firm.policy) for firm in twin.firms]
        self.state.restore(twin)
        for firm, (table, rules, counts, policy) in zip(twin.firms, own, strict=True):
            firm.table, firm.rules = table, rules
            if len(counts) != len(firm.rule_counts):
                firm.rule_counts = counts
            if firm.name in policies or f"firms.{firm.name}.policy" in change:
                firm.policy = policy
        return twin


def after(stage: str, act: Callable[[Market], None]) -> Act:
    """An act that is called after one stage only."""

    def call(market: Market, done: str) -> None:
        if done == stage:
            act(market)

    return call


class Kept:
    """An act that notes whose customers people are at a month's end, to tell later who stayed.

    Parameters
    ----------
    month : the month's end at which to look, counted from 1.
    """

    def __init__(self, month: int) -> None:
        self.month = month
        self.supplier = self.generation = np.empty(0, dtype=np.int64)

    def __call__(self, market: Market, stage: str) -> None:
        """Note it when that month is done."""
        if stage == "account" and market.month + 1 == self.month:
            c = market.customers
            self.supplier, self.generation = c.supplier.copy(), c.generation.copy()

    def share(self, market: Market, place: int | None = None) -> float:
        """Of those who were a firm's customers (of all firms unless given), the share who are its customers now."""
        c = market.customers
        were = self.supplier >= 0 if place is None else self.supplier == place
        same = were & (c.generation == self.generation) & (c.supplier == self.supplier)
        return float(same.sum() / were.sum()) if were.any() else float("nan")
