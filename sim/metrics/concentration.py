"""How unevenly revenue and profit are spread: Lorenz curves, whale curves, quadrants and ranks of customers.

The unit is a customer of a firm at the end of the last full year; relationships that ended in it are left out
of rankings. Definitions: docs/metrics.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.metrics.profitability import accounts, accounts_by_activity, told

if TYPE_CHECKING:
    from sim.runs import Progress, Run

COST_QUADRANTS = {
    (True, True): "carriage trade",
    (True, False): "passive",
    (False, True): "aggressive",
    (False, False): "bargain basement",
}
"""(net margin high, cost to serve high) -> the name of Shapiro, Rangan, Moriarty & Ross 1987."""

LOYALTY_QUADRANTS = {
    (True, True): "true friends",
    (False, True): "butterflies",
    (True, False): "barnacles",
    (False, False): "strangers",
}
"""(tenure long, profit high) -> the name of Reinartz & Kumar 2002."""


def _customers(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of customers, without the entry of relationships that ended."""
    return table[table["customer"].notna()]


def _at(share: float, cumulative: np.ndarray) -> float:
    """A cumulative curve through 0 at a share of its steps, interpolated linearly."""
    n = len(cumulative)
    return float(np.interp(share * n, np.arange(n + 1), np.append(0.0, cumulative)))


def _steps(n: int, points: int, peak: int | None = None) -> np.ndarray:
    """At most ``points`` steps of 0 to n, both ends and the peak among them."""
    if points < 2:
        raise ValueError(f"points: must be 2 or more (got {points})")
    steps = np.arange(n + 1) if n < points else np.linspace(0, n, points).round().astype(np.int64)
    return np.unique(steps if peak is None else np.append(steps, peak))


def lorenz(run: Run, *, points: int = 500) -> pd.DataFrame:
    """Cumulative share of revenue, and of profit, by share of customers, the largest first. Unit: shares.

    Revenue is ranked among customers with revenue above 0; profit among all, if their sum is above 0.

    Parameters
    ----------
    points : int
        Most rows a firm and measure.

    Returns
    -------
    DataFrame
        `firm`, `measure` ("revenue" or "profit"), `customers` (how many so far), `customer_share`, `share`.

    Source: Lorenz 1905, Publications of the American Statistical Association 9(70) 209-219.
    """
    rows = []
    for firm, measure, values in _ranked(run):
        total = values.sum()
        if not len(values) or total <= 0:
            continue
        steps = _steps(len(values), points)
        share = np.append(0.0, np.cumsum(values))[steps] / total
        part = {"customers": steps, "customer_share": steps / len(values), "share": share}
        rows.append(pd.DataFrame({"firm": firm, "measure": measure, **part}))
    columns = ["firm", "measure", "customers", "customer_share", "share"]
    return told(run, pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns))


def _ranked(run: Run) -> list[tuple[str, str, np.ndarray]]:
    """Firm, measure and values, descending."""
    table = _customers(accounts(run))
    found = []
    for firm in run.firms.index:
        mine = table[table["firm"] == firm]
        for measure in ("revenue", "profit"):
            values = np.sort(mine[measure].to_numpy())[::-1]
            found.append((firm, measure, values[values > 0] if measure == "revenue" else values))
    return found


def top_20_share(run: Run) -> pd.DataFrame:
    """Share of the year's revenue, and of its profit, that the top 20 % of customers bring. Unit: share.

    Returns
    -------
    DataFrame
        `firm`, `measure`, `customers` (ranked), `total` (money), `top_20_share`; missing where the total is not above 0.

    Source: ours, after Schmittlein, Cooper & Morrison 1993.
    """
    rows = []
    for firm, measure, values in _ranked(run):
        total = float(values.sum())
        share = _at(0.2, np.cumsum(values)) / total if len(values) and total > 0 else np.nan
        rows.append((firm, measure, len(values), total, share))
    return told(run, pd.DataFrame(rows, columns=["firm", "measure", "customers", "total", "top_20_share"]))


def whale_curve(run: Run, *, points: int = 500) -> pd.DataFrame:
    """Cumulative profit of the year by customers, the most profitable first. Unit: money, and share of all profit.

    Parameters
    ----------
    points : int
        Most rows a firm; the peak is always among them.

    Returns
    -------
    DataFrame
        `firm`, `customers` (how many so far), `customer_share`, `profit` (cumulative), `profit_share` (missing
        where the whole is not above 0), `is_peak`.

    Source: Kaplan & Narayanan 2001.

    Examples
    --------
    >>> import sim
    >>> curve = sim.metrics.whale_curve(sim.run("two_cafes", months=12))
    >>> float(curve[curve.firm == "Corner"].profit_share.iloc[-1])
    1.0
    """
    rows = []
    for firm, profit in _profits(run):
        cumulative = np.append(0.0, np.cumsum(profit))
        peak, total = int(cumulative.argmax()), cumulative[-1]
        steps = _steps(len(profit), points, peak)
        part = {
            "customers": steps,
            "customer_share": steps / max(len(profit), 1),
            "profit": cumulative[steps],
            "profit_share": cumulative[steps] / total if total > 0 else np.full(len(steps), np.nan),
            "is_peak": steps == peak,
        }
        rows.append(pd.DataFrame({"firm": firm, **part}))
    return told(run, pd.concat(rows, ignore_index=True))


def _profits(run: Run) -> list[tuple[str, np.ndarray]]:
    """Firm and its customers' profits, descending; customers without any entry are left out."""
    table = _customers(accounts(run))
    table = table[(table["revenue"] != 0) | (table["profit"] != 0)]
    return [
        (firm, np.sort(table.loc[table["firm"] == firm, "profit"].to_numpy())[::-1])
        for firm in run.firms.index
    ]


def whale_peak(run: Run) -> pd.DataFrame:
    """Where cumulative profit is highest, and what the customers beyond it destroy. Unit: share of all profit.

    Returns
    -------
    DataFrame
        `firm`, `customers`, `profit` (money a year), `peak_profit` (money), `whale_peak` (share of all profit, 1 or
        more), `whale_share` (of customers, at the peak), `destroyed` (the peak less 1). Shares of profit are missing
        where the whole is not above 0.

    Source: Kaplan & Narayanan 2001.
    """
    rows = []
    for firm, profit in _profits(run):
        cumulative = np.append(0.0, np.cumsum(profit))
        peak, total = float(cumulative.max()), float(cumulative[-1])
        height = peak / total if total > 0 else np.nan
        share = int(cumulative.argmax()) / len(profit) if len(profit) else np.nan
        rows.append((firm, len(profit), total, peak, height, share, height - 1.0))
    columns = ["firm", "customers", "profit", "peak_profit", "whale_peak", "whale_share", "destroyed"]
    return told(run, pd.DataFrame(rows, columns=columns))


def cost_quadrants(run: Run, *, progress: Progress | None = None) -> pd.DataFrame:
    """Customers by net margin against cost to serve, cut at the firm's medians. Unit: customers, money a year.

    Net margin is revenue less cost of goods; cost to serve is all else on the account. What is above the median is
    high. The run is repeated once (see `accounts_by_activity`).

    Parameters
    ----------
    progress : callable, optional
        Called each month of the repetition with months done and months in all.

    Returns
    -------
    DataFrame
        `firm`, `quadrant` (carriage trade, passive, aggressive, bargain basement), `customers`, `net_margin`,
        `cost_to_serve`, `profit`, `margin_cut`, `cost_cut` (the medians).

    Source: Shapiro, Rangan, Moriarty & Ross 1987, Harvard Business Review 65(5) 101-108.
    """
    table = _with_margin(accounts_by_activity(run, progress=progress))
    return told(
        run, _cut(run, table, "net_margin", "cost_to_serve", COST_QUADRANTS, ("margin_cut", "cost_cut"))
    )


def profit_ranks(run: Run, *, top: float = 0.1, progress: Progress | None = None) -> pd.DataFrame:
    """How far revenue and net margin rank customers as profit does, and where their top stands. Unit: shares.

    Of the top tenth by revenue, or by net margin (revenue less cost of goods): what share is in the top tenth by profit,
    what share is not, and what share is in the bottom tenth by profit. Luck alone puts a tenth in each. Customers without
    any entry are left out; of equals the customer with the lower number ranks higher. The run is repeated once (see
    `accounts_by_activity`).

    Parameters
    ----------
    top : float
        The share that counts as top and as bottom, above 0 to 0.5.
    progress : callable, optional
        Called each month of the repetition with months done and months in all.

    Returns
    -------
    DataFrame
        `firm`, `by` ("revenue" or "net_margin"), `customers`, `top_customers` (how many count as top),
        `in_best`, `changes` (1 - `in_best`), `in_worst` (shares of the top), `rank_correlation` (with profit, -1 to 1, by
        mean ranks). Missing where there is nobody, or nothing to rank.

    Raises
    ------
    ValueError
        `top` is not above 0 to 0.5.

    Source: ours, after Kaplan & Narayanan 2001; the correlation is Spearman's (1904).
    """
    if not 0.0 < top <= 0.5:
        raise ValueError(f"top: must be above 0 and at most 0.5 (got {top})")
    table = _with_margin(accounts_by_activity(run, progress=progress))
    table = table[(table["revenue"] != 0) | (table["profit"] != 0)]
    rows = []
    for firm in run.firms.index:
        mine = table[table["firm"] == firm].sort_values("customer")
        n = max(1, round(top * len(mine))) if len(mine) else 0
        best, worst = (_top(sign * mine["profit"], n) for sign in (1, -1))
        for by in ("revenue", "net_margin"):
            high = _top(mine[by], n)
            there = [len(high & those) / n if n else np.nan for those in (best, worst)]
            ranks = mine[[by, "profit"]].rank()
            apart = bool((ranks.nunique() > 1).all())
            alike = float(ranks[by].corr(ranks["profit"])) if apart else np.nan
            rows.append((firm, by, len(mine), n, there[0], 1.0 - there[0], there[1], alike))
    columns = [
        "firm",
        "by",
        "customers",
        "top_customers",
        "in_best",
        "changes",
        "in_worst",
        "rank_correlation",
    ]
    return told(run, pd.DataFrame(rows, columns=columns))


def _top(values: pd.Series, n: int) -> set[int]:
    """The rows of the n highest values, of equals the first."""
    return set(values.sort_values(ascending=False, kind="stable").index[:n])


def _with_margin(table: pd.DataFrame) -> pd.DataFrame:
    """Customers' rows of `accounts_by_activity` with net margin, and cost to serve, which is all else."""
    table = _customers(table).copy()
    table["net_margin"] = table["revenue"] - table["cost_of_goods"]
    table["cost_to_serve"] = table["net_margin"] - table["profit"]
    return table


def loyalty_quadrants(run: Run) -> pd.DataFrame:
    """Customers by tenure against profit, cut at the firm's medians. Unit: customers, money a year.

    What is above the median is long or high.

    Returns
    -------
    DataFrame
        `firm`, `quadrant` (true friends, butterflies, barnacles, strangers), `customers`, `tenure` (months, mean),
        `profit` (sum), `tenure_cut`, `profit_cut` (the medians).

    Source: Reinartz & Kumar 2002, Harvard Business Review 80(7) 86-94.
    """
    table = _customers(accounts(run)).copy()
    table["tenure"] = table["tenure"].astype(np.float64)
    found = _cut(run, table, "tenure", "profit", LOYALTY_QUADRANTS, ("tenure_cut", "profit_cut"))
    found["tenure"] = found["tenure"] / found["customers"].where(found["customers"] > 0)
    return told(run, found)


def _cut(
    run: Run,
    table: pd.DataFrame,
    one: str,
    other: str,
    names: dict[tuple[bool, bool], str],
    cuts: tuple[str, str],
) -> pd.DataFrame:
    """Four rows a firm: counts and sums of the customers on each side of two medians."""
    sums = list(dict.fromkeys([one, other, "profit"]))
    rows = []
    for firm in run.firms.index:
        mine = table[table["firm"] == firm]
        middle = [float(mine[key].median()) if len(mine) else np.nan for key in (one, other)]
        high = [mine[key] > cut for key, cut in zip((one, other), middle, strict=True)]
        for sides, quadrant in names.items():
            chosen = mine[(high[0] == sides[0]) & (high[1] == sides[1])]
            rows.append((firm, quadrant, len(chosen), *[float(chosen[key].sum()) for key in sums], *middle))
    return pd.DataFrame(rows, columns=["firm", "quadrant", "customers", *sums, *cuts])
