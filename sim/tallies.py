"""What is counted while the months of one world pass: by kind of customer, and customer by customer for one firm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.metrics.customers import annual_retention, ratio
from sim.scenario.words import PERMISSIONS

if TYPE_CHECKING:
    from sim.market import Market

WINDOW = 12

REMEMBERED = ("supplier", "generation", "tenure", "spent_cents", "profit_cents")
"""Columns of the month before: what a month brought is told from them."""

_SAID_YES = (PERMISSIONS.index("opted_in"), PERMISSIONS.index("confirmed"))


class Tally:
    """Counts of one market, taken each month.

    Parameters
    ----------
    market : before its first month.
    firm : name of the firm whose customers are counted one by one.
    """

    def __init__(self, market: Market, firm: str) -> None:
        self.market, self.firm = market, market.firm(firm)
        self.shape = (len(market.firms), len(market.tables.segments))
        self.money = np.zeros((2, *self.shape))
        self.heads: list[np.ndarray] = []
        self.earned = np.zeros(len(market.customers), dtype=np.int64)
        self._remember()
        self.a_year_ago: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def month(self) -> None:
        """Count the month just closed."""
        market, c = self.market, self.market.customers
        changed = c.generation != self.before["generation"]
        self.earned[changed] = 0
        # what a relationship of this month began with was 0; all sales of a month are the last supplier's
        same = (c.supplier == self.before["supplier"]) & (c.tenure > self.before["tenure"]) & ~changed
        profit = c.profit_cents - np.where(same, self.before["profit_cents"], 0)
        mine = c.supplier == self.firm.place
        self.earned[mine] += profit[mine]
        if market.month > market.months - WINDOW:
            spent = c.spent_cents - np.where(same, self.before["spent_cents"], 0)
            self.heads.append(self._by_segment())
            for place, cents in enumerate((spent, profit)):
                self.money[place] += self._by_segment(cents) / 100.0
        if market.month == market.months - WINDOW:
            self.a_year_ago = c.supplier.copy(), c.generation.copy(), c.segment.copy()
        self._remember()

    def _remember(self) -> None:
        self.before = {name: getattr(self.market.customers, name).copy() for name in REMEMBERED}

    def worth(self) -> np.ndarray:
        """What each person who is there now is worth to the firm, in money, float64 (N,).

        What the firm has earned with the person in the months that passed, before acquisition and overhead; and for its
        customers at the end the recent yearly profit on its records times the multiple of customer equity. Retention is
        that of the last year; in the first year the scenario's `decide.first_year_retention`.
        """
        market, place = self.market, self.firm.place
        kept = float(annual_retention(market)[place])
        r = min(kept if kept == kept else market.tables.decide.first_year_retention, 0.999)
        multiple = r / (1.0 + market.tables.market.discount_rate - r)
        mine = market.customers.supplier == place
        forecast = np.where(mine, market.customers.recent_profit[place].astype(np.float64), 0.0) * multiple
        return self.earned / 100.0 + forecast

    def _by_segment(self, of: np.ndarray | None = None, who: np.ndarray | None = None) -> np.ndarray:
        """A sum over each firm's customers of each segment (their number unless given), float64 (F, S)."""
        c, (firms, segments) = self.market.customers, self.shape
        there = c.supplier >= 0 if who is None else (c.supplier >= 0) & who
        cell = c.supplier[there].astype(np.int64) * segments + c.segment[there]
        weights = None if of is None else of[there].astype(np.float64)
        return np.bincount(cell, weights, firms * segments).astype(np.float64).reshape(firms, segments)

    def by_segment(self) -> dict[str, np.ndarray]:
        """What can be told by kind of customer, float64 (F, S) each: metrics as in `docs/metrics.md`, within the segment.

        Money is of the last 12 months (fewer at the start), of those who are customers as each month ends. What a firm
        spends on everybody at once has no segment: acquisition, overhead, staff.
        """
        market, c = self.market, self.market.customers
        heads = self._by_segment()
        everybody = np.bincount(c.segment, minlength=self.shape[1])
        months = max(1, len(self.heads))
        a_head = ratio(
            self.money * WINDOW / months, np.mean(self.heads or [heads], axis=0)[None].repeat(2, 0)
        )
        kept = self._annual_retention()
        r = np.minimum(kept, 0.999)
        value = a_head[1] * r / (1.0 + market.tables.market.discount_rate - r) * heads
        own = {
            name: ratio(self._by_segment(getattr(c, name)), heads)
            for name in ("satisfaction", "loyalty", "trust")
        }
        return {
            "customers": heads,
            "share": ratio(heads, np.broadcast_to(heads.sum(axis=0), heads.shape)),
            "annual_retention": kept,
            "monthly_churn": self._churn(),
            "revenue": self.money[0],
            "average_annual_sales": a_head[0],
            "customer_profit": a_head[1],
            "customer_equity": np.where(heads > 0, value, np.where(np.isfinite(kept), 0.0, np.nan)),
            **own,
            "awareness": ratio(self._people(c.aware != 0), np.broadcast_to(everybody, heads.shape)),
            "permission_base": self._people(np.isin(c.permission, _SAID_YES)),
        }

    def _people(self, which: np.ndarray) -> np.ndarray:
        """How many of each segment, customers or not: bool (F, N) to float64 (F, S)."""
        segment = self.market.customers.segment
        return np.array(
            [np.bincount(segment[row], minlength=self.shape[1]) for row in which], dtype=np.float64
        )

    def _annual_retention(self) -> np.ndarray:
        if self.a_year_ago is None:
            return np.full(self.shape, np.nan)
        c, (then, generation, segment) = self.market.customers, self.a_year_ago
        were = np.flatnonzero(then >= 0)
        cell = then[were].astype(np.int64) * self.shape[1] + segment[were]
        still = (c.supplier[were] == then[were]) & (c.generation[were] == generation[were])
        size = self.shape[0] * self.shape[1]
        counts = [np.bincount(cell[s], minlength=size).reshape(self.shape) for s in (still, slice(None))]
        return ratio(counts[0], counts[1])

    def _churn(self) -> np.ndarray:
        """Mean of the last 12 months' churn."""
        census = self.market.census
        books = (
            np.array(census.groups[-WINDOW:], dtype=np.int64).reshape(-1, *census.shape, 2).sum(axis=(3, 4))
        )
        churn = 1.0 - ratio(books[..., 1], books[..., 0])
        seen = np.isfinite(churn)
        return ratio(np.where(seen, churn, 0.0).sum(axis=0), seen.sum(axis=0))
