"""Each customer's account with the supplier over the last full year, in sum and by activity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from sim.ledger import DEPARTED, A

if TYPE_CHECKING:
    from sim.market import Market
    from sim.runs import Progress, Run

YEAR = 12

GROUPS = {
    "revenue": ("revenue",),
    "cost_of_goods": ("cost_of_goods",),
    "order_handling": ("order_handling",),
    "service": ("materials", "service_labour", "level_labour", "recovery"),
    "messages": ("messages_to_customers", "mail_complaints_of_customers"),
    "relationship": ("levels", "bonds", "personalization"),
}
"""Columns of `accounts_by_activity`, and the lines of the ledger that each sums; what mechanisms charge is one more."""


def order(market: Market) -> list[int]:
    """The firms' numbers, the focus first."""
    focus = market.firm(market.scenario.focus).place
    return [focus, *[firm.place for firm in market.firms if firm.place != focus]]


def told(run: Run, table: pd.DataFrame, **more: Any) -> pd.DataFrame:
    """A table with what every table of a run carries in its `attrs`."""
    cast(Any, table).attrs = {**run.about, **more}
    return table


def year_end(run: Run) -> Market:
    """The market at the end of the last full year; of a run shorter than a year, at its end.

    Yearly accounts restart each January: the months after it, and a month that was stopped, are left out by
    repeating the run up to there.
    """
    months = run.months_done
    full = months - months % YEAR if months >= YEAR else months
    if full == months and not run.stopped:
        return run.market
    return run.again(full).market


def year_of(market: Market) -> range:
    """The months of the year that a market stands at the end of."""
    return range((market.month - 1) // YEAR * YEAR, market.month) if market.month else range(0)


def accounts(run: Run) -> pd.DataFrame:
    """What each customer brought the supplier in the last full year. Unit: money a year. Source: ours.

    Returns
    -------
    DataFrame
        A row a customer of a firm at the year's end: `firm`, `customer`, `segment`, `tenure` (months), `revenue`,
        `profit` (before acquisition and overhead). One more row a firm, without customer, holds the relationships
        that ended in the year, so that sums are the ledger's to the cent. `window_months` is 12, or fewer in a
        run shorter than a year.

    Examples
    --------
    >>> import sim
    >>> table = sim.metrics.accounts(sim.run("two_cafes", months=12))
    >>> bool(abs(table.revenue.sum() - table.attrs["ledger_revenue"]) < 0.005)
    True
    """
    market = year_end(run)
    c = market.customers
    parts = []
    for f in order(market):
        ids = np.flatnonzero(c.supplier == f)
        closed = market.ledger.departed[f]
        parts.append(
            _of_firm(
                market,
                f,
                ids,
                {
                    "revenue": np.append(c.year_spent_cents[ids], closed[DEPARTED.index("year_spent")])
                    / 100.0,
                    "profit": np.append(c.year_profit_cents[ids], closed[DEPARTED.index("year_profit")])
                    / 100.0,
                },
            )
        )
    ledger = market.ledger
    books = [ledger.months[t] for t in year_of(market)]
    table = pd.concat(parts, ignore_index=True)
    return told(
        run,
        table,
        ledger_revenue=sum(float(book[:, A["revenue"]].sum()) for book in books) / 100.0,
        ledger_profit=sum(float((book * ledger.signs)[:, ledger.by_customer].sum()) for book in books)
        / 100.0,
    )


def _of_firm(market: Market, f: int, ids: np.ndarray, money: dict[str, np.ndarray]) -> pd.DataFrame:
    """The rows of a firm: its customers, and the relationships that ended; ``money`` has a value more than ids."""
    c, n = market.customers, len(ids) + 1
    names = np.array([*market.tables.segments, None], dtype=object)
    segment = np.append(c.segment[ids].astype(np.int64), len(names) - 1)
    customer = pd.array(np.append(ids, 0), dtype="Int64")
    tenure = pd.array(np.append(c.tenure[ids].astype(np.int64), 0), dtype="Int64")
    customer[-1:] = pd.NA
    tenure[-1:] = pd.NA
    return pd.DataFrame(
        {
            "firm": np.full(n, market.firms[f].name, dtype=object),
            "customer": customer,
            "segment": names[segment],
            "tenure": tenure,
            **money,
            "window_months": np.full(n, len(year_of(market))),
        }
    )


def charged(stage: str) -> bool:
    """Whether a watch is called because mechanisms may have charged customers just now; `account` closes the month."""
    return stage.startswith("after ") and stage != "after account"


class _Lines:
    """Watches a run, and adds up each customer's account by activity since January, in cents."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.seen = 0
        self.lines: dict[str, np.ndarray] = {}

    def __call__(self, market: Market, stage: str) -> None:
        c = market.customers
        if stage == "start":
            self.lines = {name: np.zeros(len(c), dtype=np.int64) for name in (*GROUPS, "mechanisms")}
            self.before = np.zeros(len(c), dtype=np.int64)
            return
        ended = [d["customer"] for d in market.departures[self.seen :]]
        self.seen = len(market.departures)
        if market.month < self.first:
            return
        if stage == "decide":
            self.before[:] = 0
        for ids in ended:
            self.before[ids] = 0
            for values in self.lines.values():
                values[ids] = 0
        if charged(stage):
            self.lines["mechanisms"] -= c.month_profit_cents - self.before
        elif stage in ("contact", "buy", "serve", "relate"):
            self._take(market, stage, c.month_profit_cents - self.before)
        else:
            return
        self.before[:] = c.month_profit_cents

    def _take(self, market: Market, stage: str, gain: np.ndarray) -> None:
        c = market.customers
        if stage != "buy":
            self.lines[{"contact": "messages", "serve": "service", "relate": "relationship"}[stage]] -= gain
            return
        orders = c.bought.astype(np.int64) + c.visited
        handling = orders * market.cents(market.tables.buy.order_cost)
        self.lines["revenue"] += c.month_spent_cents
        self.lines["order_handling"] += handling
        self.lines["cost_of_goods"] += c.month_spent_cents - handling - gain


def accounts_by_activity(run: Run, *, progress: Progress | None = None) -> pd.DataFrame:
    """Profit of each customer in the last full year, activity by activity. Unit: money a year.

    The columns do not keep activities apart, so the run is repeated once, with a watch on it.

    Parameters
    ----------
    progress : callable, optional
        Called each month of the repetition with months done and months in all.

    Returns
    -------
    DataFrame
        As `accounts`, with `revenue`, and costs above 0: `cost_of_goods`, `order_handling`, `service` (materials,
        labour, recovery), `messages`, `relationship` (levels, bonds, personalization), `mechanisms` (what optional
        mechanisms charge a customer, less what they bring: 0 without any); `profit` is what is left, that of `accounts`.

    Source: Kaplan & Narayanan 2001.
    """
    end = year_end(run)
    watch = _Lines(year_of(end).start)
    market = run.again(end.month, watch, progress).market
    books = [market.ledger.months[t] for t in year_of(market)]
    parts = []
    for f in order(market):
        ids = np.flatnonzero(market.customers.supplier == f)
        money: dict[str, np.ndarray] = {}
        for name, lines in GROUPS.items():
            own = watch.lines[name][ids]
            booked = sum(int(book[f, A[line]]) for book in books for line in lines)
            money[name] = np.append(own, booked - int(own.sum()))
        own = watch.lines["mechanisms"][ids]
        money["mechanisms"] = np.append(own, _of_mechanisms(market, f, books) - int(own.sum()))
        profit = money["revenue"] - sum(money[name] for name in money if name != "revenue")
        parts.append(
            _of_firm(market, f, ids, {name: x / 100.0 for name, x in {**money, "profit": profit}.items()})
        )
    return told(run, pd.concat(parts, ignore_index=True))


def _of_mechanisms(market: Market, f: int, books: list[np.ndarray]) -> int:
    """What mechanisms charged the customers of a firm, less what they brought it, cents."""
    ledger = market.ledger
    theirs = ledger.by_customer.copy()
    theirs[: len(A)] = False
    return -sum(int((book[f] * ledger.signs)[theirs].sum()) for book in books)
