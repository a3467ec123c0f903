"""Futures: the same state lived forward many times with fresh luck, and what each customer earns in them.

The state is copied whole; each future draws its luck from a key of its own, made from the seed and the future's number.
Traits of newcomers, who is keen and who stands on a list are drawn as ever. Policies are copied too, and go on deciding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.market import Market
from sim.snapshots import Snapshot, advance, begin_future
from sim.switching import YEARS

SEEN = 24
"""Months from which the profit after the horizon is carried on; as many before them say how fast it falls."""

LEAST_UNSURE = 0.2
"""The least standard error of what comes after the horizon, as a share of it: no rate is known so far ahead."""

MOST_KEPT = 1.0 - 1.0 / 1200.0
"""What is kept of a month's profit after the horizon at most: a hundred years in the mean, so that no tail is endless."""


def twin_of(market: Market, state: Snapshot, months: int) -> Market:
    """A market of its own in a market's state, with months to come; the first one is not touched."""
    twin = Market(market.scenario, months=market.month + months, seed=market.seed, threads=market.threads,
                  swap=market.swaps.functions)  # fmt: skip
    twin.swaps = market.swaps
    return state.restore(twin)


class Earned(NamedTuple):
    """What the customers of a moment earn their firms in many futures.

    Attributes
    ----------
    supplier : int8 (N,), the firm that each is a customer of, -1 none.
    mean, error : float64 (N,), discounted money by customer over the horizon, and its standard error over the futures.
    firms : float64 (K, F), the same summed by firm, one row a future. by_then : float64 (K, F), of it the first ten years.
    tails : float64 (K, F), what comes after the horizon, carried on from the last four years.
    unsure : float64 (F,), standard error of the mean tail for what is not known of its rate; luck comes on top.
    months : float64 (H, F), mean money by month ahead (not discounted). alive : float64 (H, F), mean customers still there.
    """

    supplier: np.ndarray
    mean: np.ndarray
    error: np.ndarray
    firms: np.ndarray
    by_then: np.ndarray
    tails: np.ndarray
    unsure: np.ndarray
    months: np.ndarray
    alive: np.ndarray


def roll_forward(
    market: Market,
    *,
    futures: int,
    months: int,
    first_spell: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Earned:
    """Live a market's state forward with fresh luck, and add up what its present customers earn their firms.

    Parameters
    ----------
    market : stays as it is.
    futures, months : how many, 2 or more; how long each.
    first_spell : stop at the first end of the relationship; else returns count.
    progress : called each month with months done and months in all.

    Returns
    -------
    Earned
    """
    state = Snapshot(market)
    twin = twin_of(market, state, months)
    supplier = state.columns["supplier"].copy()
    meter = _Meter(supplier, state.columns["generation"], len(market.firms), months, first_spell)
    discount = (1.0 + market.tables.market.discount_rate) ** (1.0 / 12.0)
    shrink = discount ** -np.arange(1.0, months + 1.0)
    total = np.zeros((2, len(supplier)))
    by_firm = np.zeros((futures, months, len(market.firms)))
    alive = np.zeros((months, len(market.firms)))
    for k in range(futures):
        if k:
            state.restore(twin)
        begin_future(twin, k)
        value = np.zeros(len(supplier))
        meter.begin()
        for t in range(months):
            advance(twin, 1, [meter], measured=False)
            value += shrink[t] * meter.earned
            by_firm[k, t] = meter.by_firm(meter.earned)
            alive[t] += meter.by_firm(meter.there.astype(np.float64))
            if progress:
                progress(k * months + t + 1, futures * months)
        total[0] += value
        total[1] += value * value
    mean = total[0] / futures
    spread = np.maximum(total[1] / futures - mean * mean, 0.0) * futures / (futures - 1)
    tails, unsure = _tails(by_firm, alive / futures, discount - 1.0)
    now = by_firm * shrink[:, None]
    values, by_then = now.sum(axis=1), now[:, : 12 * YEARS].sum(axis=1)
    error, months_mean = np.sqrt(spread / futures), by_firm.mean(axis=0)
    return Earned(supplier, mean, error, values, by_then, tails, unsure, months_mean, alive / futures)


def _tails(by_firm: np.ndarray, alive: np.ndarray, discount: float) -> tuple[np.ndarray, np.ndarray]:
    """What comes after the horizon, (K, F), and its standard error beyond the luck of the futures, (F,).

    The last two years' profit is carried on in two ways: at the rate at which the people left the market, and at the rate
    at which the profit itself fell from the two years before. A group that differs, or that still spreads over the firms,
    lies between them: the tail is their mean, and as far as they are apart is two standard errors, a fifth of the tail at
    least. Where profit turns to loss, or back, only the people tell, and the whole tail is one standard error. Source: ours; in five shipped scenarios, from 12 to 240 months, 128 values with their tails are within 1.9 of
    their standard errors of what 480 months bring.
    """
    months = by_firm.shape[1]
    last, half = min(SEEN, months), min(SEEN, months // 2)
    span = min(SEEN, max(months - 1, 1))
    profit = by_firm.mean(axis=0)
    after, before = (profit[start : start + half].sum(axis=0) for start in (months - half, months - 2 * half))
    left = _monthly(alive[-1], alive[max(months - last - 1, 0)], span)
    alike = after * before > 0.0  # two gains or two losses; else only the people tell
    keeps = left, np.where(alike, _monthly(np.abs(after), np.abs(before), max(half, 1)), left)
    final = by_firm[:, -last:].sum(axis=1)
    ways = np.array([_carried_on(final, keep, last, discount) for keep in keeps])
    ways *= (1.0 + discount) ** -months
    tails, (people, money) = ways.mean(axis=0), ways.mean(axis=1)
    least = np.where(alike, LEAST_UNSURE, 1.0) * np.abs(tails.mean(axis=0))
    return tails, np.maximum(0.5 * np.abs(people - money), least)


def _monthly(after: np.ndarray, before: np.ndarray, months: int) -> np.ndarray:
    """What is kept a month, 0 to `MOST_KEPT`, where so much was left after so many months; 0 where there was nothing."""
    share = np.divide(after, before, out=np.zeros_like(before), where=before > 0)
    return np.minimum(np.maximum(share, 0.0) ** (1.0 / months), MOST_KEPT)


def _carried_on(final: np.ndarray, keep: np.ndarray, last: int, discount: float) -> np.ndarray:
    """Profit of the last months, (K, F), carried on at a rate x: with p in the last month, p x / (1 + d - x)."""
    back = np.array([np.sum(np.maximum(q, 1e-9) ** -np.arange(float(last))) for q in keep])
    return final / back * keep / (1.0 + discount - keep)


class _Meter:
    """What each customer of a moment earns the firm of that moment, month by month: an act for `advance`.

    After a month `earned` has money by customer, (N,), and `there` who is still followed.
    """

    def __init__(
        self, supplier: np.ndarray, generation: np.ndarray, firms: int, months: int, first_spell: bool
    ) -> None:
        self.ids = np.flatnonzero(supplier >= 0)
        self.firm = supplier[self.ids].astype(np.int64)
        self.generation = generation[self.ids].copy()
        self.n, self.firms, self.first_spell = len(supplier), firms, first_spell
        self.there, self.earned = np.zeros(self.n, dtype=bool), np.zeros(self.n)

    def begin(self) -> None:
        """A new future: everybody is there."""
        self.there[self.ids] = True

    def by_firm(self, values: np.ndarray) -> np.ndarray:
        """The sum of customers' values by their firm, (F,)."""
        return np.bincount(self.firm, weights=values[self.ids], minlength=self.firms)

    def __call__(self, twin: Market, stage: str) -> None:
        c, ids, firm = twin.customers, self.ids, self.firm
        if stage == "decide":
            self.before = c.recent_profit[firm, ids].astype(np.float64)
        if stage == "talk":  # what closed accounts brought to the record, and what stands on open ones
            now = c.recent_profit[firm, ids] - self.before
            now += np.where(c.supplier[ids] == firm, c.month_profit_cents[ids] * 0.01, 0.0)
            self.earned = np.zeros(self.n)
            self.earned[ids] = np.where(self.there[ids], now, 0.0)
        if stage == "account":
            stays = c.generation[ids] == self.generation
            if self.first_spell:
                stays &= self.there[ids] & (c.supplier[ids] == firm)
            self.there[ids] = stays
