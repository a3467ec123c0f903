"""What loyal customers pay above the other firms they know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.metrics.profitability import order, told

if TYPE_CHECKING:
    from sim.market import Market
    from sim.runs import Progress, Run

WINDOW = 12
DECILES = 10


def deciles(values: np.ndarray) -> np.ndarray:
    """1 to 10, 10 the highest: ceil(10 * mean rank / n), so that ties share a decile; int64 (n,)."""
    n = len(values)
    return np.ceil(DECILES * pd.Series(values).rank(method="average").to_numpy() / max(n, 1)).astype(np.int64)


class _Prices:
    """Watches a run: sums of premiums and purchases, (F, 11), row 0 of the second axis for who was won just now."""

    def __init__(self, first: int) -> None:
        self.first = first

    def __call__(self, market: Market, stage: str) -> None:
        c, firms = market.customers, len(market.firms)
        if stage == "start":
            self.sums, self.purchases = (
                np.zeros((firms, DECILES + 1)),
                np.zeros((firms, DECILES + 1), np.int64),
            )
            self.left_out = np.zeros(firms, dtype=np.int64)
        if stage in ("start", "account"):
            self.supplier, self.decile = c.supplier.copy(), np.zeros(len(c), dtype=np.int64)
            for f in range(firms):
                ids = np.flatnonzero(self.supplier == f)
                self.decile[ids] = deciles(c.loyalty[ids])
        if stage == "decide":
            self.seen = len(market.departures)
        if stage == "buy" and market.month >= self.first:
            self._take(market)

    def _take(self, market: Market) -> None:
        c, arrays = market.customers, market.month_of_firms
        ids = np.flatnonzero(c.bought > 0)
        f = c.supplier[ids].astype(np.int64)
        known = ((c.aware[:, ids] != 0) & (c.barred[:, ids] == 0)).astype(np.float64)
        known[f, np.arange(len(ids))] = 0.0
        rivals = known.sum(axis=0)
        elsewhere = np.divide(arrays.log_price @ known, rivals, out=np.zeros(len(ids)), where=rivals > 0)
        gone = [d["customer"] for d in market.departures[self.seen :]]
        new = np.isin(ids, np.concatenate([np.empty(0, np.int64), *gone])) | (self.supplier[ids] != f)
        offer = np.where(c.offer_read[f, ids] != 0, c.offer[f, ids].astype(np.float64), 0.0)
        discount = c.discount[ids].astype(np.float64)
        base = np.where(new, arrays.trial_discount[f], discount)
        first = np.where(offer > 0.0, np.maximum(base, offer), base)  # below 0: a surcharge
        bought = c.bought[ids].astype(np.int64)
        level = arrays.log_price[f] - elsewhere
        total = np.expm1(level + np.log(1.0 - first)) + (bought - 1) * np.expm1(
            level + np.log(1.0 - discount)
        )
        decile = np.where(new, 0, self.decile[ids])
        counted = rivals > 0
        np.add.at(self.sums, (f[counted], decile[counted]), 100.0 * total[counted])
        np.add.at(self.purchases, (f[counted], decile[counted]), bought[counted])
        np.add.at(self.left_out, f[~counted], bought[~counted])


def price_premium(run: Run, *, progress: Progress | None = None) -> pd.DataFrame:
    """What customers paid above the other firms they know, by loyalty, over the last 12 months. Unit: percent of price.

    The mean over purchases of 100 (exp(ln net price - mean ln list price of the other known firms) - 1). Loyalty
    deciles are those of the firm's customers at the month's start. The run is repeated once.

    Parameters
    ----------
    progress : callable, optional
        Called each month of the repetition with months done and months in all.

    Returns
    -------
    DataFrame
        `firm`, `loyalty_decile` (10 the most loyal; 0: won in the month of the purchase), `purchases`,
        `price_premium` (percent, missing without purchases), `left_out` (purchases of all deciles by people who know no
        other firm, on each of the firm's rows).

    Source: ours, after Chaudhuri & Holbrook 2001.
    """
    watch = _Prices(max(0, run.months_done - WINDOW))
    market = run.again(watch=watch, progress=progress).market
    rows = []
    for f in order(market):
        for decile in range(DECILES + 1):
            n = int(watch.purchases[f, decile])
            mean = watch.sums[f, decile] / n if n else np.nan
            rows.append((market.firms[f].name, decile, n, mean, int(watch.left_out[f])))
    columns = ["firm", "loyalty_decile", "purchases", "price_premium", "left_out"]
    return told(run, pd.DataFrame(rows, columns=columns))
