"""What is a purchase and what is not: rows are left out one reason at a time, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.calibrate.values import NO_CENTS, NO_DAY

EPOCH = np.datetime64("1970-01-01")

NO_ORDER = np.uint64(0)
"""The number of an order that a row does not name."""

FEWEST_ON_A_TILL = 30
"""Purchases of an id that may be a till or a staff card, at least."""

FAR, FEWEST_DAYS = 4, 28
"""A row is far behind the others where nothing was sold for so many times the longest other time without sales, and for
so many days at least. Source: ours."""

FEW_BEHIND = 0.001
"""Share of the rows that may be far behind the others; 3 rows always may. More of them are a shop that opened again."""

MUCH_OF_ALL = 0.05
"""Share of all money that makes one amount beyond a lognormal tail worth naming."""

FADING, ROOM = 0.75, 1.5
"""From one tenth of the customers to the next, the logarithm of the purchases grows by less and less (by a quarter less;
in an exponential tail it is a third less, in a lognormal one a quarter); and the result gets room."""


class Rows(NamedTuple):
    """All rows of a log: codes of customers (-1: none), days, cents, orders, and marks of whole rows.

    `files` has the name of each file and the place of its first row.
    """

    customer: np.ndarray
    day: np.ndarray
    cents: np.ndarray
    order: np.ndarray
    mark: np.ndarray
    ids: pd.Index
    files: Sequence[tuple[str, int]] = (("", 0),)

    @property
    def file(self) -> np.ndarray:
        """The number of the file that each row stands in."""
        return np.repeat(
            np.arange(len(self.files)), np.diff([*(first for _, first in self.files), len(self.day)])
        )


class Sieve:
    """Rows that are left, and a line for each reason that took some."""

    def __init__(self, rows: Rows) -> None:
        self.left = np.ones(len(rows.day), dtype=bool)
        self.rows = rows
        self.money = np.where(rows.cents == NO_CENTS, 0, rows.cents)
        self.all_money = max(abs(int(self.money.sum())), 1)
        self.lines: list[dict[str, Any]] = []
        self.note("read", self.left)

    def note(self, what: str, taken: np.ndarray, *, examples: bool = False) -> None:
        """A line of the report."""
        n, money = int(taken.sum()), int(self.money[taken].sum())
        self.lines.append(
            {
                "what": what,
                "rows": n,
                "share_of_rows": n / max(len(taken), 1),
                "money": money / 100.0,
                "share_of_money": money / self.all_money,
                "examples": self.examples(np.flatnonzero(taken)) if examples else "",
            }
        )

    def take(self, why: str, broken: np.ndarray) -> None:
        """Leave rows out."""
        taken = self.left & broken
        if taken.any():
            self.note(why, taken, examples=True)
            self.left &= ~taken

    def examples(self, places: Sequence[int] | np.ndarray) -> str:
        """The first three of some rows: number (of several files, in which), date and amount."""
        return "; ".join(self._example(int(k)) for k in places[:3])

    def _example(self, k: int) -> str:
        day, money = self.rows.day[k], self.rows.cents[k]
        date = "no date" if day == NO_DAY else str(EPOCH + np.timedelta64(int(day), "D"))
        name, first = [one for one in self.rows.files if one[1] <= k][-1]
        where = f"{Path(name).name}, row" if len(self.rows.files) > 1 else "row"
        return f"{where} {k - first + 1:,}: {date}, {'no amount' if money == NO_CENTS else f'{money / 100:,.2f}'}"


def lines_of(lines: Sequence[dict[str, Any]]) -> str:
    """The report as text, a line a reason."""
    return "\n".join(
        f"  {one['what']}: {one['rows']:,} rows" + (f" ({one['examples']})" if one["examples"] else "")
        for one in lines
    )


def first_of_each(mark: np.ndarray) -> np.ndarray:
    """The first row of each mark."""
    return ~pd.Series(mark).duplicated().to_numpy()


def in_another_file(mark: np.ndarray, file: np.ndarray) -> np.ndarray:
    """Rows whose copy is in an earlier file, bool; of rows that a file has several times, as many as one file has stay."""
    copies = np.flatnonzero(pd.Series(mark).duplicated(keep=False))
    table = pd.DataFrame({"mark": mark[copies], "file": file[copies]})
    table["nth"] = table.groupby(["mark", "file"]).cumcount()
    found = np.zeros(len(mark), dtype=bool)
    found[copies] = table.duplicated(["mark", "nth"])
    return found


def orders_of(sieve: Sieve, has_orders: bool) -> pd.DataFrame:
    """A row an order of a customer and day (where none is named: a customer and day) and what was paid, returns netted.

    A number that comes back on another day is another order: many tills begin again each morning.
    """
    rows, left = sieve.rows, sieve.left
    table = pd.DataFrame({"customer": rows.customer[left], "day": rows.day[left], "cents": rows.cents[left]})
    table["order"] = table["day"].astype(np.uint64)
    if has_orders:
        table["order"] = table["order"].where(rows.order[left] == NO_ORDER, rows.order[left])
        _date_returns(table)
    groups = table.groupby(["customer", "order", "day"], sort=False)
    number = groups.ngroup().to_numpy()
    orders = groups.agg(cents=("cents", "sum"), most=("cents", "max")).reset_index()
    negative = table["cents"].to_numpy() < 0
    only_back = (orders["most"] < 0).to_numpy()
    lost = (orders["cents"] < 0).to_numpy() & ~only_back
    paid, matched = _net(orders, only_back)
    out = (only_back & ~matched) | lost
    where = np.flatnonzero(left)
    netted, alone = np.zeros(len(left), dtype=bool), np.zeros(len(left), dtype=bool)
    netted[where] = negative & ~out[number]
    alone[where] = out[number]
    if netted.any():
        sieve.note("returns, netted against their purchase", netted, examples=True)
        sieve.left &= ~netted
    sieve.take("returns without the purchase", alone)
    whole = np.zeros(len(left), dtype=bool)
    gone = ~out & ~only_back & (paid == 0)
    whole[where] = gone[number]
    sieve.take("purchases returned in full", whole)
    kept = ~out & ~only_back & ~gone
    return orders[["customer", "order", "day"]][kept].assign(cents=paid[kept])


def _date_returns(table: pd.DataFrame) -> None:
    """Give each return with the number of an earlier order the day of that order, the last one before it."""
    back = table[table["cents"] < 0].assign(row=lambda t: t.index).sort_values("day")
    if not len(back):
        return
    bought = table[(table["cents"] > 0) & table["order"].isin(back["order"])].assign(of=lambda t: t["day"])
    columns = ["customer", "order", "day"]
    pairs = pd.merge_asof(
        back[[*columns, "row"]], bought[[*columns, "of"]].sort_values("day"), on="day", by=columns[:2]
    ).dropna()
    table.loc[pairs["row"], "day"] = pairs["of"].to_numpy().astype(np.int32)


def _net(orders: pd.DataFrame, only_back: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is left of each order once the returns that belong to it are taken off, and which returns belong to one.

    A return belongs to the customer's last earlier order of just its amount, else to the last earlier order, if that
    one was no smaller.
    """
    paid = orders["cents"].to_numpy().copy()
    matched = np.zeros(len(orders), dtype=bool)
    if not only_back.any():
        return paid, matched
    back = (
        orders[only_back].assign(row=np.flatnonzero(only_back), paid=lambda t: -t["cents"]).sort_values("day")
    )
    bought = (
        orders[~only_back].assign(of=np.flatnonzero(~only_back), paid=lambda t: t["cents"]).sort_values("day")
    )
    same = _last_before(back, bought, ["customer", "paid"]).drop_duplicates("of")
    matched[same["row"]] = True
    paid[same["of"]] = 0
    parts = _last_before(back[~matched[back["row"]]], bought, ["customer"])
    sums = parts.groupby("of")["paid_x"].transform("sum")
    parts = parts[sums.to_numpy() <= paid[parts["of"]]]
    matched[parts["row"]] = True
    np.subtract.at(paid, parts["of"].to_numpy(), parts["paid_x"].to_numpy())
    return paid, matched


def _last_before(back: pd.DataFrame, bought: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Each return beside the last order before it, or of its day, that is alike in these columns."""
    columns = ["customer", "day", "paid"]
    pairs = pd.merge_asof(back[[*columns, "row"]], bought[[*columns, "of"]], on="day", by=by).dropna()
    return pairs.astype({"row": int, "of": int})


def without_tills(sieve: Sieve, table: pd.DataFrame, has_orders: bool) -> pd.DataFrame:
    """Leave out ids with more purchases than 1 customer in 100,000 would have: tills, staff cards.

    Purchases are orders, or rows where there are none: a till sells many times a day.
    """
    n = len(sieve.rows.ids)
    counted = table["customer"].to_numpy() if has_orders else sieve.rows.customer[sieve.left]
    counts = np.bincount(counted, minlength=n)
    most = most_purchases(counts[counts > 0])
    tills = counts > most
    if not tills.any():
        return table
    who = "1 id" if tills.sum() == 1 else f"{tills.sum():,} ids"
    sieve.take(
        f"tills or staff cards: {who} with over {most:,.0f} purchases, more than 1 customer in 100,000",
        (sieve.rows.customer >= 0) & tills[np.maximum(sieve.rows.customer, 0)],
    )
    return table[~tills[table["customer"].to_numpy()]]


def most_purchases(counts: np.ndarray) -> float:
    """Purchases that 1 customer in 100,000 may exceed, from the 90th and the 99th percentile. Source: ours."""
    if len(counts) < 100:
        return np.inf
    return max(FEWEST_ON_A_TILL, round(_beyond(counts, FADING + FADING**2 + FADING**3)))


def _beyond(values: np.ndarray, tenths: float) -> float:
    """What 1 of 100,000 may exceed, if it grows from one tenth to the next as from the 90th to the 99th percentile."""
    low, high = np.quantile(values, [0.90, 0.99], method="lower")
    return ROOM * float(high) * max(float(high / low), 1.5) ** tenths


def most_paid(amounts: np.ndarray) -> float:
    """The amount above which one is beyond all others: in a tail that does not fade, as that of a power law, 1 in 100,000
    would exceed it; in a lognormal one, if it is more than 1 in 20 of all money too. Source: ours.

    Parameters
    ----------
    amounts : (n,) array, above 0; of fewer than 100 none is beyond, nor are many or several alike: these are a price.
    """
    if len(amounts) < 100:
        return np.inf
    much = max(_beyond(amounts, FADING + FADING**2 + FADING**3), MUCH_OF_ALL * float(amounts.sum()))
    line = min(_beyond(amounts, 3.0), much)
    beyond = amounts[amounts > line]
    is_price = len(beyond) > max(3, FEW_BEHIND * len(amounts)) or len(np.unique(beyond)) < len(beyond)
    return np.inf if is_price else line


def far_behind(day: np.ndarray) -> np.ndarray:
    """Which of these days are far behind all others, bool: a slip of the year moves the end of a log.

    Some days far before the others, as 1900 is, do not count as a time without sales.
    """
    days, rows = np.unique(day, return_counts=True)
    gaps, before = np.diff(days), np.cumsum(rows)[:-1]
    few = max(3, int(FEW_BEHIND * len(day)))
    longest = np.maximum.accumulate(np.where(before > few, gaps, 0))
    others = np.r_[0, longest[:-1]]  # before each gap
    sold = np.cumsum(before > few) > 10  # so many times without sales at least, to know what is ordinary
    far = (len(day) - before <= few) & sold & (gaps > FAR * others) & (gaps >= FEWEST_DAYS)
    return day > days[far.argmax()] if far.any() else np.zeros(len(day), dtype=bool)
