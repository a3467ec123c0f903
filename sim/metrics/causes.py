"""What offers and tellings cause: the same months without them, in twins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.draws import PURPOSES
from sim.ledger import A, C
from sim.metrics.census import WITHIN
from sim.metrics.money import customer_equity
from sim.metrics.profitability import order, told
from sim.snapshots import Snapshot, advance

if TYPE_CHECKING:
    from sim.market import Market
    from sim.runs import Progress, Run

YEAR = 12

_KEY = next(p for p in PURPOSES if p.name == "teller_sample")


class _Returns:
    """Notes to whom a firm makes offers, and with whom it begins a relationship, month by month."""

    def __init__(self, place: int, without: bool) -> None:
        self.f, self.without = place, without
        self.offers: list[tuple[int, np.ndarray, np.ndarray]] = []
        self.began: dict[int, dict[int, int]] = {}

    def __call__(self, market: Market, stage: str) -> None:
        c = market.customers
        if stage == "decide" and self.without:
            c.offer[self.f] = 0.0
            market.month_of_firms.offers[self.f] = 0
        if stage == "contact" and not self.without:
            ids = np.flatnonzero(c.offered[self.f] == market.month + 1)
            self.offers.append((market.month, ids, c.generation[ids].copy()))
        if stage == "account":
            ids = np.flatnonzero((c.supplier == self.f) & (c.tenure == 1))
            self.began[market.month] = dict(zip(ids.tolist(), c.generation[ids].tolist(), strict=True))

    def returned(self, month: int, customer: int, generation: int) -> bool:
        """Whether a relationship with this person began within three months of an offer."""
        return any(self.began[month + k].get(customer, -1) == generation for k in range(WITHIN))


def win_back_lift(run: Run) -> pd.DataFrame:
    """How many more come back for an offer than would have come anyway, over the last 12 months. Unit: share of offers.

    The twin makes no offers from a year before the end on; the same people are looked at in both. Offers of the last
    two months are left out: their three months are not over.

    Returns
    -------
    DataFrame
        `firm`, `offers`, `returned` (within three months), `returned_without` (of the same people, in the twin),
        `win_back_rate`, `rate_without`, `win_back_lift` (the difference; missing without offers).

    Source: ours.
    """
    start = max(0, run.months_done - YEAR)
    market = advance(run.like(), start)
    snapshot = Snapshot(market)
    rows = []
    for f in order(run.market):
        made = sum(int(book[f, C["offers"]]) for book in run.market.ledger.counts[start:])
        back = there = n = 0
        if made:
            twins = []
            for without in (False, True):
                twins.append(_Returns(f, without))
                advance(snapshot.restore(), run.months_done - start, [twins[-1]])
            for month, ids, generation in twins[0].offers:
                if month + WITHIN <= run.months_done:
                    for i, g in zip(ids.tolist(), generation.tolist(), strict=True):
                        n += 1
                        back += twins[0].returned(month, i, g)
                        there += twins[1].returned(month, i, g)
        rates = [x / n if n else np.nan for x in (back, there, back - there)]
        rows.append((run.market.firms[f].name, n, back, there, *rates))
    columns = [
        "firm",
        "offers",
        "returned",
        "returned_without",
        "win_back_rate",
        "rate_without",
        "win_back_lift",
    ]
    return told(run, pd.DataFrame(rows, columns=columns))


class _Moods:
    """Notes who has a mood about a firm, or takes one person's away before it is told."""

    def __init__(self, place: int, silent: tuple[int, int] | None = None) -> None:
        self.f, self.silent = place, silent
        self.good: dict[int, int] = {}
        self.bad: dict[int, int] = {}

    def __call__(self, market: Market, stage: str) -> None:
        c = market.customers
        if stage != "relate":
            return
        if self.silent is None:
            for mood, book in ((c.mood > 0, self.good), (c.mood < 0, self.bad)):
                for i in np.flatnonzero(mood & (c.mood_firm == self.f)).tolist():
                    book[i] = book.get(i, 0) + 1
            return
        i, generation = self.silent
        if c.mood_firm[i] == self.f and c.generation[i] == generation:
            c.mood[i] = 0


def customer_referral_value(
    run: Run,
    *,
    firm: str | None = None,
    tellers: int = 200,
    months: int = YEAR,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """What each teller's word is worth to the firm: customer equity with it less without it, less rewards. Unit: money.

    From the run's end on, twins in which one customer tells nobody about the firm for some months, the others as
    ever, with the same luck. Equity is the margin multiple at the end of those months. Who had nothing to tell in
    them is worth 0. True: a firm sees what it can credit (`credited_referral_value`).

    Parameters
    ----------
    firm : str, optional
        The focus unless given.
    tellers : int
        Customers of the firm, drawn by a key; all, if it has no more.
    months : int
        How long they are silent, 1 or more; the run must have lasted a year by then.
    progress : callable, optional
        Called with twins done and twins in all.

    Returns
    -------
    DataFrame
        `firm`, `customer`, `good`, `bad` (months with something to tell), `equity`, `rewards` (differences that the
        word makes), `customer_referral_value`. `attrs` holds their `mean` and its `standard_error`.

    Raises
    ------
    ValueError
        An unknown firm, no tellers, or a run too short for a customer equity.

    Source: Kumar, Petersen & Leone 2007 for the idea; twins are ours.
    """
    if tellers < 1 or months < 1 or run.months_done + months <= YEAR:
        raise ValueError(
            f"tellers and months: 1 or more, and over {YEAR} months with the run's {run.months_done} "
            f"(got {tellers} and {months})"
        )
    name = firm or run.scenario.focus
    place = run.market.firm(name).place
    market = advance(run.like(), run.months_done)
    snapshot, start = Snapshot(market), market.month
    ids = np.flatnonzero(market.customers.supplier == place)
    luck = market.draws._uniform(_KEY, ids, 0, 0)
    chosen = np.sort(ids[np.argsort(luck, kind="stable")[:tellers]])
    generation = market.customers.generation[chosen].copy()
    moods = _Moods(place)
    whole = _worth(advance(market, months, [moods]), place, start)
    rows = []
    for n, (i, g) in enumerate(zip(chosen.tolist(), generation.tolist(), strict=True)):
        good, bad = moods.good.get(i, 0), moods.bad.get(i, 0)
        equity = rewards = 0.0
        if good or bad:
            twin = advance(snapshot.restore(), months, [_Moods(place, (i, g))])
            equity, rewards = (a - b for a, b in zip(whole, _worth(twin, place, start), strict=True))
        rows.append((name, i, good, bad, equity, rewards, equity - rewards))
        if progress:
            progress(n + 1, len(chosen))
    columns = ["firm", "customer", "good", "bad", "equity", "rewards", "customer_referral_value"]
    table = pd.DataFrame(rows, columns=columns)
    values = table["customer_referral_value"]
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan
    mean = float(values.mean()) if len(values) else np.nan
    return told(run, table, mean=mean, standard_error=error)


def _worth(market: Market, f: int, start: int) -> tuple[float, float]:
    """Customer equity now, and rewards paid since a month, of a firm."""
    rewards = sum(int(book[f, A["referral_rewards"]]) for book in market.ledger.months[start:])
    return float(customer_equity(market)[f]), rewards / 100.0
