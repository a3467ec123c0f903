"""The month's census of customers: one pass over the columns for what the monthly metrics need.

It is taken when the books of the month are closed, in blocks of customers, so that it takes little memory. It reads
columns and changes none; sums of floats are made block by block, in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.ledger import ACTIVITIES, C
from sim.scenario.words import LEVELS, PERMISSIONS, STRATEGIES, WON_BY

if TYPE_CHECKING:
    import pandas as pd

    from sim.market import Market

WINDOW = 12
"""Months of a window, shorter at the start of a run."""

ROWS = 32_768
"""Customers of a block: what is made of one stays in the processor's cache."""

BANDS = {"1 to 12": 1, "13 to 24": 13, "25 to 60": 25, "over 60": 61}
"""Bands of tenure in months, and the lowest of each."""

WITHIN = 3
"""Months from an offer, its own counted, in which a return is the offer's."""

_REFERRAL = WON_BY.index("referral")
_OPTED_IN, _CONFIRMED, _OPTED_OUT = map(PERMISSIONS.index, ("opted_in", "confirmed", "opted_out"))
_SILENT, _OPT_OUT, _INTERRUPTION, _OPT_IN, _DOUBLE = range(len(STRATEGIES))


class Census:
    """What was counted of customers, month by month.

    Parameters
    ----------
    customers, firms, segments : how many there are. lines : of a ledger's book.

    Attributes
    ----------
    groups : list of int32 (groups, 2), a month each from the second: customers of each group at the end of the month before, and
        of them those still with the firm. A group is a firm, segment, level and band of tenure.
    unbroken : int64 (F,), customers for 13 month-ends or more.
    wallet : float64 (2, F): over own customers who spent, the sum of their shares, and their number.
    books, counts : int64 (F, activities or counts), sums of the ledger over the window, in cents and in numbers.
    reachable : int64 (F,), people whom the firm's strategy mails.
    restarted, referred : lists of int64 (F,), a month each: customers won back, cents from the referred.
    """

    def __init__(self, customers: int, firms: int, segments: int, lines: int = len(ACTIVITIES)) -> None:
        self.shape = (firms, segments, len(LEVELS), len(BANDS))
        self.count = int(np.prod(self.shape))
        self._group = np.full(customers, self.count, dtype=np.uint16 if self.count < 2**15 else np.uint32)
        self.now, self.lost = np.zeros((2, self.count + 1), dtype=np.int64)
        self.groups: list[np.ndarray] = []
        self.restarted: list[np.ndarray] = []
        self.referred: list[np.ndarray] = []
        self.books, self.counts = np.zeros((firms, lines), np.int64), np.zeros((firms, len(C)), np.int64)
        self.unbroken = np.zeros(firms, dtype=np.int64)
        self.wallet = np.zeros((2, firms))
        self.reachable = np.zeros(firms, dtype=np.int64)

    def before_closing(self, market: Market) -> None:
        """Count the month's money while it stands on its own: what the referred spent, in cents."""
        c = market.customers
        ids = np.flatnonzero((c.won_by == _REFERRAL) & (c.month_spent_cents != 0))
        sums = np.zeros(self.shape[0], dtype=np.int64)
        np.add.at(sums, c.supplier[ids], c.month_spent_cents[ids])
        self.referred.append(sums)

    def take(self, market: Market) -> None:
        """Count everybody at the month's end."""
        n, firms = len(market.customers), self.shape[0]
        before, self.now, self.lost = self.now, np.zeros_like(self.now), np.zeros_like(self.now)
        self.wallet = np.zeros((2, firms))
        self.books = np.sum(market.ledger.months[-WINDOW:], axis=0)
        self.counts = np.sum(market.ledger.counts[-WINDOW:], axis=0)
        offers = any(book[:, C["offers"]].any() for book in market.ledger.counts[-WITHIN:])
        restarted = np.zeros(firms, dtype=np.int64)
        for lo in range(0, n, ROWS):
            rows = slice(lo, min(lo + ROWS, n))
            supplier = market.customers.supplier[rows]
            last = market.customers.supplier_history[(market.month - 1) % 12, rows]
            self._retention(market, rows, supplier, last)
            self._wallet(market, rows, supplier)
            if offers:
                restarted += self._restarted(market, rows, supplier, last)
        if market.month:
            self.groups.append(np.stack([before, before - self.lost], axis=1)[:-1].astype(np.int32))
        self.unbroken = self.now[:-1].reshape(self.shape)[..., 1:].sum(axis=(1, 2, 3))
        self.restarted.append(restarted)
        self.reachable = np.array([reachable(market, f) for f in range(firms)])

    def _retention(self, market: Market, rows: slice, supplier: np.ndarray, last: np.ndarray) -> None:
        c, group = market.customers, self._group[rows]
        # whose place was refilled has no supplier in the history, but a group still
        left = np.flatnonzero(((supplier != last) | (last < 0)) & (group != self.count))
        self.lost += np.bincount(group[left], minlength=self.count + 1)
        tenure = c.tenure[rows]
        band = np.zeros(len(tenure), dtype=np.uint8)
        for lowest in list(BANDS.values())[1:]:
            band += tenure >= lowest
        group[:] = supplier
        for values, many in zip((c.segment[rows], c.level[rows], band), self.shape[1:], strict=True):
            np.multiply(group, many, out=group)
            np.add(group, values, out=group)
        group[supplier < 0] = self.count
        self.now += np.bincount(group, minlength=self.count + 1)

    def _wallet(self, market: Market, rows: slice, supplier: np.ndarray) -> None:
        spend = market.customers.recent_spend[:, rows]
        own, total = np.zeros(len(supplier), dtype=np.float32), np.zeros(len(supplier), dtype=np.float32)
        for firm, values in enumerate(spend):
            total += values
            own += values * (supplier == firm)
        ids = np.flatnonzero((total > 0.0) & (supplier >= 0))
        f, own, total = supplier[ids].astype(np.intp), own[ids].astype(np.float64), total[ids]
        for place, values in enumerate((own / total, None)):
            self.wallet[place] += np.bincount(f, weights=values, minlength=self.shape[0])

    def _restarted(self, market: Market, rows: slice, supplier: np.ndarray, last: np.ndarray) -> np.ndarray:
        ids = np.flatnonzero((supplier >= 0) & (supplier != last))
        f = supplier[ids]
        offered = market.customers.offered[f, rows.start + ids].astype(np.int64)
        back = (offered > 0) & (market.month - (offered - 1) < WITHIN)
        return np.bincount(f[back], minlength=self.shape[0])

    def frame(self, order: Sequence[int], names: Sequence[str], segments: Sequence[str]) -> pd.DataFrame:
        """A row a month, firm and group that had customers: `month`, `firm`, `segment`, `level`, `tenure`, `customers`, `kept`."""
        import pandas as pd

        books = np.array(self.groups, dtype=np.int64).reshape(-1, *self.shape, 2)[:, list(order)]
        where = np.nonzero(books[..., 0])
        month, firm, segment, level, band = where
        words = [np.array(w, dtype=object) for w in ([names[f] for f in order], segments, LEVELS, [*BANDS])]
        return pd.DataFrame(
            {
                "month": month + 2,
                "firm": words[0][firm],
                "segment": words[1][segment],
                "level": words[2][level],
                "tenure": words[3][band],
                "customers": books[..., 0][where],
                "kept": books[..., 1][where],
            }
        )


def reachable(market: Market, f: int) -> int:
    """People whom firm f's strategy of this month mails, as the month ends."""
    c, strategy = market.customers, market.firms[f].plan.code("strategy")
    permission, barred = c.permission[f], c.barred[f] != 0  # who was fired is not written to
    if strategy == _SILENT:
        return 0
    if strategy == _OPT_IN:
        return int(market.permitted[f]) - int(
            np.count_nonzero(barred & ((permission == _OPTED_IN) | (permission == _CONFIRMED)))
        )
    if strategy == _DOUBLE:
        return int(np.count_nonzero((permission == _CONFIRMED) & ~barred))
    if strategy == _OPT_OUT:
        return int(np.count_nonzero((c.identified[f] > 0) & (permission != _OPTED_OUT) & ~barred))
    unlisted = 0
    for lo in range(0, len(c), ROWS):
        rows = slice(lo, lo + ROWS)
        strangers = lo + np.flatnonzero(
            (c.identified[f, rows] == 0) & (permission[rows] == 0) & ~barred[rows]
        )
        unlisted += len(strangers) - int(market.listed(f, strangers).sum())
    return len(c) - unlisted - int(np.count_nonzero(barred))
