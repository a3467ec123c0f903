"""What customers bring by word of mouth: where revenue came from, the tree of referrals, what tellers are credited with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.metrics.profitability import charged, order, told, year_end, year_of
from sim.scenario.words import WON_BY

if TYPE_CHECKING:
    from sim.columns import Customers
    from sim.market import Market
    from sim.runs import Progress, Run

REFERRAL = WON_BY.index("referral")
FIRST_YEAR = 12


def revenue_by_origin(run: Run) -> pd.DataFrame:
    """Revenue and profit of the last full year by what won the customer. Unit: money a year. Source: ours.

    Returns
    -------
    DataFrame
        `firm`, `won_by` (start, advertising, message, affiliate, referral, offer, itself; "ended" for relationships
        that ended in the year), `customers`, `revenue`, `profit`. A firm's rows sum to its ledger, to the cent.
    """
    market = year_end(run)
    c = market.customers
    rows = []
    for f in order(market):
        own = c.supplier == f
        for code, word in enumerate(WON_BY):
            ids = np.flatnonzero(own & (c.won_by == code))
            spent, profit = (int(x[ids].sum()) / 100.0 for x in (c.year_spent_cents, c.year_profit_cents))
            rows.append((market.firms[f].name, word, len(ids), spent, profit))
        _, _, profit_left, spent_left = market.ledger.departed[f]
        ended = sum(
            int(((d["firm"] == f) & (d["month"] >= year_of(market).start)).sum()) for d in market.departures
        )
        rows.append((market.firms[f].name, "ended", ended, spent_left / 100.0, profit_left / 100.0))
    return told(run, pd.DataFrame(rows, columns=["firm", "won_by", "customers", "revenue", "profit"]))


def _tellers(market: Market, f: int) -> np.ndarray:
    """Who referred each customer of firm f, -1 for nobody: a customer of f for longer than who was referred.

    A teller who has left since, or left and came back, has no branch.
    """
    c = market.customers
    teller = np.where(
        (c.supplier == f) & (c.won_by == REFERRAL) & (c.teller_firm == f), c.teller.astype(np.int64), -1
    )
    ids = np.flatnonzero(teller >= 0)
    told_by = teller[ids]
    valid = (c.supplier[told_by] == f) & (c.tenure[told_by] > c.tenure[ids])
    teller[ids[~valid]] = -1
    return teller


def referral_tree(run: Run) -> pd.DataFrame:
    """The customers in branches of referrals, and what those below them brought. Unit: money a year.

    Of present relationships at the end of the last full year. A branch hangs on a teller whose own relationship
    still stands; who was referred by somebody who left, or has heard of a
    firm from somebody else since, has no branch above.

    Returns
    -------
    DataFrame
        `firm`, `customer`, `teller` (missing for a root), `depth` (0 a root), `tenure` (months), `revenue` (own),
        `referred` (people, directly), `tree` (people, without limit of depth), `referral_revenue` (of those referred
        directly), `referral_tree_revenue` (of all below).

    Source: ours, after Kumar, Petersen & Leone 2007.
    """
    market = year_end(run)
    c = market.customers
    parts = []
    for f in order(market):
        teller = _tellers(market, f)
        linked = np.flatnonzero(teller >= 0)
        ids = np.unique(np.concatenate([linked, teller[linked]]))
        depth = np.zeros(len(c), dtype=np.int64)
        below, direct = np.zeros(len(c), dtype=np.int64), np.zeros(len(c), dtype=np.int64)
        near, deep = np.zeros(len(c), dtype=np.int64), np.zeros(len(c), dtype=np.int64)
        oldest_first = linked[np.argsort(-c.tenure[linked].astype(np.int64), kind="stable")]
        for i in oldest_first:
            depth[i] = depth[teller[i]] + 1
        for i in oldest_first[::-1]:  # a branch is complete before it is added to its teller
            up = teller[i]
            direct[up] += 1
            below[up] += 1 + below[i]
            near[up] += c.year_spent_cents[i]
            deep[up] += c.year_spent_cents[i] + deep[i]
        told_by = pd.array(np.maximum(teller[ids], 0), dtype="Int64")
        told_by[teller[ids] < 0] = pd.NA
        parts.append(
            pd.DataFrame(
                {
                    "firm": np.full(len(ids), market.firms[f].name, dtype=object),
                    "customer": ids,
                    "teller": told_by,
                    "depth": depth[ids],
                    "tenure": c.tenure[ids].astype(np.int64),
                    "revenue": c.year_spent_cents[ids] / 100.0,
                    "referred": direct[ids],
                    "tree": below[ids],
                    "referral_revenue": near[ids] / 100.0,
                    "referral_tree_revenue": deep[ids] / 100.0,
                }
            )
        )
    return told(run, pd.concat(parts, ignore_index=True))


class _Credits:
    """Watches a run: profit of the first twelve months of those referred, discounted, and rewards, by firm and teller."""

    def __init__(self) -> None:
        self.rows: list[pd.DataFrame] = []

    def __call__(self, market: Market, stage: str) -> None:
        c = market.customers
        if stage == "start":
            self.seen, self.before = 0, np.zeros(len(c), dtype=np.int64)
            self.teller, self.life = np.full(len(c), -1, dtype=np.int64), np.zeros(len(c), dtype=np.int64)
            return
        ended = [d["customer"] for d in market.departures[self.seen :]]
        self.seen = len(market.departures)
        for ids in ended:
            self.before[ids] = 0
            self.teller[ids] = -1
        if stage == "decide":
            self.before[:] = 0
        if stage == "buy":
            self._note_tellers(c)
            self._rewards(market)
        if stage in ("contact", "buy", "serve", "relate") or charged(stage):
            self._credit(market, c.month_profit_cents - self.before)
            self.before[:] = c.month_profit_cents

    def _note_tellers(self, c: Customers) -> None:
        """Whose word began the relationships of this month: later the columns name who told of a firm last."""
        ids = np.flatnonzero(
            (c.supplier >= 0) & (c.won_by == REFERRAL) & (c.teller >= 0) & (c.teller_firm == c.supplier)
            & (c.tenure == 0)
        )  # fmt: skip
        self.teller[ids] = c.teller[ids]
        self.life[ids] = c.generation[c.teller[ids]]

    def _referred(self, market: Market) -> np.ndarray:
        c = market.customers
        there = c.generation[np.maximum(self.teller, 0)] == self.life
        return np.flatnonzero((self.teller >= 0) & there & (c.supplier >= 0) & (c.tenure < FIRST_YEAR))

    def _credit(self, market: Market, gain: np.ndarray) -> None:
        c = market.customers
        ids = self._referred(market)
        ids = ids[gain[ids] != 0]
        discount = (1.0 + market.tables.market.discount_rate) ** (-c.tenure[ids].astype(np.float64) / 12.0)
        self._add(market, ids, gain[ids] / 100.0 * discount, np.zeros(len(ids)), 0)

    def _rewards(self, market: Market) -> None:
        c = market.customers
        ids = self._referred(market)
        ids = ids[(c.tenure[ids] == 0) & (c.purchases[ids] > 0)]
        paid = np.array([market.cents(f.plan.referral_reward) / 100.0 for f in market.firms])[c.supplier[ids]]
        paid = np.where(c.supplier_before[self.teller[ids]] == c.supplier[ids], paid, 0.0)
        self._add(market, ids, np.zeros(len(ids)), paid, 1)

    def _add(self, market: Market, ids: np.ndarray, profit: np.ndarray, reward: np.ndarray, n: int) -> None:
        c, teller = market.customers, self.teller[ids]
        self.rows.append(
            pd.DataFrame(
                {
                    "firm": c.supplier[ids].astype(np.int64),
                    "customer": teller,
                    "generation": c.generation[teller].astype(np.int64),
                    "credited": np.full(len(ids), n),
                    "profit": profit,
                    "rewards": reward,
                }
            )
        )


def credited_referral_value(run: Run, *, progress: Progress | None = None) -> pd.DataFrame:
    """What a firm can credit each teller with: profit of those referred, less rewards. Unit: money.

    Profit of the first 12 months of each relationship that the teller's word began, before acquisition and
    overhead, discounted to its first month; it ends where the teller leaves the market. Not what the word caused:
    some would have come anyway (`customer_referral_value`). The run is repeated once.

    Parameters
    ----------
    progress : callable, optional
        Called each month of the repetition with months done and months in all.

    Returns
    -------
    DataFrame
        `firm`, `customer` (the teller), `generation`, `credited` (relationships), `profit`, `rewards`,
        `credited_referral_value`; the most valuable first.

    Source: Kumar, Petersen & Leone 2007, Harvard Business Review 85(10) 139-146.
    """
    watch = _Credits()
    market = run.again(watch=watch, progress=progress).market
    rows = pd.concat(watch.rows, ignore_index=True)
    table = rows.groupby(["firm", "customer", "generation"], sort=True).sum().reset_index()
    table["credited_referral_value"] = table["profit"] - table["rewards"]
    places = {f: place for place, f in enumerate(order(market))}
    table = table.sort_values("credited_referral_value", ascending=False, kind="stable")
    table = table.sort_values("firm", key=lambda x: x.map(places), kind="stable").reset_index(drop=True)
    table["firm"] = [market.firms[f].name for f in table["firm"]]
    return told(run, table)
