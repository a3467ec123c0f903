"""What firms' records tell about customers: RFM cells, the wallet allocation rule, retention as the database shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.metrics.profitability import order, told
from sim.policies.view import ACTIVE, Database

if TYPE_CHECKING:
    from sim.runs import Run

MEMORY = 24
"""Months in which a firm must have been used to be compared by a customer."""


def quintile(values: np.ndarray) -> np.ndarray:
    """1 to 5, 5 the highest: ceil(5 * mean rank / n), so that ties share a cell; missing below five values."""
    n = len(values)
    if n < 5:
        return np.full(n, np.nan)
    return np.ceil(5.0 * pd.Series(values).rank(method="average").to_numpy() / n)


def rfm(run: Run) -> pd.DataFrame:
    """Recency, frequency and monetary value of each customer, in quintiles of the firm's customers. Source: Hughes 1994.

    Unit: months, purchases, money; quintiles 1 to 5.

    Returns
    -------
    DataFrame
        A row a customer of a firm: `firm`, `customer`, `months_since_purchase` (0: this month), `purchases` (and
        visits, on record), `mean_order` (money), `recency`, `frequency`, `monetary` (quintiles 1 to 5; 5: bought
        last, most often, most), `rfm_cell` such as "545". A firm with fewer than five customers has no quintiles.
    """
    market = run.closed
    c = market.customers
    parts = []
    for f in order(market):
        ids = np.flatnonzero((c.supplier == f) & (c.identified[f] > 0))
        since = (market.month - 1 - c.last_purchase[f, ids]).astype(np.int64)
        often = c.identified[f, ids].astype(np.int64)
        mean = c.spent[f, ids].astype(np.float64) / np.maximum(often, 1)
        cells = [quintile(x) for x in (-since, often, mean)]
        known = len(ids) >= 5
        text = ["".join(f"{int(x)}" for x in cell) for cell in zip(*cells, strict=True)] if known else None
        parts.append(
            pd.DataFrame(
                {
                    "firm": np.full(len(ids), market.firms[f].name, dtype=object),
                    "customer": ids,
                    "months_since_purchase": since,
                    "purchases": often,
                    "mean_order": mean,
                    "recency": cells[0],
                    "frequency": cells[1],
                    "monetary": cells[2],
                    "rfm_cell": np.array(text, dtype=object)
                    if known
                    else np.full(len(ids), None, dtype=object),
                }
            )
        )
    return told(run, pd.concat(parts, ignore_index=True))


def rfm_cells(run: Run) -> pd.DataFrame:
    """How many customers each cell of `rfm` holds, and what they spent with the firm on record. Source: Hughes 1994.

    Unit: customers, purchases, money.

    Returns
    -------
    DataFrame
        `firm`, `recency`, `frequency`, `monetary` (1 to 5), `customers`, `purchases`, `spent` (money on record).
        Cells may differ in size, because ties share one.
    """
    table = rfm(run).dropna(subset=["rfm_cell"])
    table = table.assign(spent=table["mean_order"] * table["purchases"], customers=1)
    cells = ["firm", "recency", "frequency", "monetary"]
    sums = table.groupby(cells, sort=False)[["customers", "purchases", "spent"]].sum().reset_index()
    sums[cells[1:]] = sums[cells[1:]].astype(np.int64)
    return told(run, sums.sort_values(cells[1:], ascending=False).sort_values("firm", key=_place(run), kind="stable").reset_index(drop=True))  # fmt: skip


def _place(run: Run):  # type: ignore[no-untyped-def]
    """Sorts firms in the order of the run."""
    places = {name: place for place, name in enumerate(run.firms.index)}
    return lambda names: names.map(places)


def wallet_allocation(run: Run) -> pd.DataFrame:
    """Share of wallet as the rank among the firms used foretells it, beside the true one. Unit: share.

    For who bought from N firms, 2 or more, in the last 24 months: (1 - rank / (N + 1)) * 2 / N, with the rank by
    belief (ties share the mean rank). The true share is recent spend with the firm over that with all firms.

    Returns
    -------
    DataFrame
        `firm`, `customers` (who used it and another), `wallet_allocation` and `share_of_wallet` (means), their
        `correlation` over customers (missing with fewer than three, or where one does not vary).

    Source: Keiningham, Aksoy, Buoye & Cooil 2011, Harvard Business Review 89(10) 29-31.
    """
    market = run.closed
    c = market.customers
    used = (c.identified > 0) & (c.last_purchase >= market.month - MEMORY)
    ids = np.flatnonzero(used.sum(axis=0) >= 2)
    belief = pd.DataFrame(np.where(used[:, ids], c.belief[:, ids].astype(np.float64), np.nan))
    rank = belief.rank(axis=0, ascending=False, method="average").to_numpy()
    n = used[:, ids].sum(axis=0)
    spend = c.recent_spend[:, ids].astype(np.float64)
    total = spend.sum(axis=0)
    rows = []
    for f in order(market):
        mine = used[f, ids] & (total > 0)
        rule = (1.0 - rank[f, mine] / (n[mine] + 1.0)) * 2.0 / n[mine]
        share = spend[f, mine] / total[mine]
        varies = len(rule) > 2 and rule.std() > 0 and share.std() > 0
        tie = float(np.corrcoef(rule, share)[0, 1]) if varies else np.nan
        means = [float(x.mean()) if len(x) else np.nan for x in (rule, share)]
        rows.append((market.firms[f].name, int(mine.sum()), *means, tie))
    columns = ["firm", "customers", "wallet_allocation", "share_of_wallet", "correlation"]
    return told(run, pd.DataFrame(rows, columns=columns))


def database_retention(run: Run) -> pd.DataFrame:
    """Of those whom the firm's own database called active a year ago, the share that it calls active now. Unit: share a year.

    What a firm sees without contracts: a status is guessed from the time since the last purchase. The run is
    repeated up to a year before its end.

    Returns
    -------
    DataFrame
        `firm`, `active_then`, `active_now` (of these), `database_retention`, `annual_retention` (the true one);
        missing in a run of 12 months or fewer.

    Source: ours.
    """
    true = run.firms["annual_retention"]
    rows = []
    before = run.again(run.months_done - 12).market if run.months_done > 12 else None
    for f in order(run.closed):
        firm = run.closed.firms[f]
        then = np.empty(0, dtype=np.int64) if before is None else _active(before, f)
        same = run.closed.customers.generation[then] == (
            before.customers.generation[then] if before is not None else 0
        )
        now = int(np.isin(then[same], _active(run.closed, f)).sum())
        rows.append((firm.name, len(then), now, now / len(then) if len(then) else np.nan, true[firm.name]))
    columns = ["firm", "active_then", "active_now", "database_retention", "annual_retention"]
    return told(run, pd.DataFrame(rows, columns=columns))


def _active(market, f: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Customers whom a firm's records call active."""
    database = Database(market, market.firms[f])
    return database.ids[database["status"] == ACTIVE]
