"""The month's census of customers: one pass over the columns for what the monthly metrics need.

It is taken when the books of the month are closed, in blocks of customers, so that it takes little memory. It reads
columns and changes none; sums of floats are made block by block, in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sim.behaviours.account import CensusColumns
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

LOWEST = tuple(BANDS.values())

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
        self.now = np.zeros(self.count + 1, dtype=np.int64)
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
        firms, before = self.shape[0], self.now
        tallies, wallet = np.zeros((2, self.count + 1), dtype=np.int64), market.block_sums(2 * firms, ROWS)
        market.rows(
            "account", CensusColumns, self._group, self.shape, LOWEST, ROWS,
            loop="census_rows", extra=tallies, sums=wallet,
        )  # fmt: skip
        self.now, lost = tallies
        self.wallet = wallet.sum_in_order().reshape(2, firms)
        self.books = np.sum(market.ledger.months[-WINDOW:], axis=0)
        self.counts = np.sum(market.ledger.counts[-WINDOW:], axis=0)
        if market.month:
            self.groups.append(np.stack([before, before - lost], axis=1)[:-1].astype(np.int32))
        self.unbroken = self.now[:-1].reshape(self.shape)[..., 1:].sum(axis=(1, 2, 3))
        self.restarted.append(self._restarted(market))
        self.reachable = np.array(market.each(partial(reachable, market), range(firms)))

    def _restarted(self, market: Market) -> np.ndarray:
        """Customers who are back within three months of an offer, int64 (F,)."""
        found = np.zeros(self.shape[0], dtype=np.int64)
        if not any(book[:, C["offers"]].any() for book in market.ledger.counts[-WITHIN:]):
            return found
        c = market.customers
        for lo in range(0, len(c), ROWS):
            supplier = c.supplier[lo : lo + ROWS]
            last = c.supplier_history[(market.month - 1) % 12, lo : lo + ROWS]
            ids = np.flatnonzero((supplier >= 0) & (supplier != last))
            f = supplier[ids]
            offered = c.offered[f, lo + ids].astype(np.int64)
            back = (offered > 0) & (market.month - (offered - 1) < WITHIN)
            found += np.bincount(f[back], minlength=self.shape[0])
        return found

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
    found = 0
    for lo in range(0, len(c) if strategy != _SILENT else 0, ROWS):
        rows = slice(lo, lo + ROWS)
        permission, on_record = c.permission[f, rows], c.identified[f, rows] > 0
        if strategy == _OPT_IN:
            mailed = (permission == _OPTED_IN) | (permission == _CONFIRMED)
        elif strategy == _DOUBLE:
            mailed = permission == _CONFIRMED
        elif strategy == _OPT_OUT:
            mailed = on_record & (permission != _OPTED_OUT)
        else:
            mailed = on_record | (permission != 0)
            strangers = np.flatnonzero(~mailed)
            mailed[strangers] = market.listed(f, lo + strangers)
        found += int(np.count_nonzero(mailed & (c.barred[f, rows] == 0)))  # who was fired is not written to
    return found
