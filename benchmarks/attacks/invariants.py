"""What must hold of a market after every month, whatever its scenario: money, people, ranges, counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.ledger import A, C
from sim.scenario.words import AWARE_BY, LEVELS, PENDING_BY, PERMISSIONS, REASONS, WON_BY

RANGES = {
    **dict.fromkeys(("loyalty", "trust", "tie", "relationship_orientation", "privacy_concern", "exit_rate"), (0, 1)),
    **dict.fromkeys(("taste", "fatigue", "relevance"), (0, 1)), "satisfaction": (-1, 1), "brand": (-1, 1),
    **dict.fromkeys(("pending", "bonded", "aware", "barred", "social", "structural", "failed", "offer_read"), (0, 1)),
    "products": (1, 5), "tier": (0, 2), "mood": (-1, 1), "discount": (-0.3, 0.9), "offer": (0, 0.9),
    "need_rate": (0.0049, np.inf), "contact_tolerance": (0.2499, np.inf), "basket": (0, np.inf), "hurt": (0, np.inf),
    "pending_by": (0, len(PENDING_BY) - 1), "level": (0, len(LEVELS) - 1), "left_because": (0, len(REASONS) - 1),
    "won_by": (0, len(WON_BY) - 1), "permission": (0, len(PERMISSIONS) - 1), "aware_by": (0, len(AWARE_BY) - 1),
}  # fmt: skip
"""Columns and the ends of their ranges; a float32 may round a hair beyond."""

FIRMS = ("supplier", "mood_firm", "left_from", "left_for", "teller_firm", "supplier_history")
"""Columns that hold the number of a firm, or -1."""

PARTS = (
    ("won_back", "won"), ("lost_voluntarily", "lost"), ("fired", "lost"), ("ended_contracts", "lost_voluntarily"),
    ("read", "recipients"), ("recipients", "messages"), ("opted_out", "recipients"), ("reports", "recipients"),
    ("mail_complaints", "recipients"), ("uninvited", "recipients"), ("offers_read", "offers"), ("said_yes", "asked"),
    ("voiced", "failures"), ("resolved", "voiced"), ("resolved_quickly", "resolved"), ("answered", "surveyed"),
    ("won", "orders"), ("referrals", "won"), ("reached_bad", "told_bad"), ("reached_good", "told_good"),
)  # fmt: skip
"""Counts of which the first is a part of the second."""


class Watch:
    """Follows a market from before its first month: `after_month` tells what does not hold.

    Parameters
    ----------
    market : Market, not yet begun.
    """

    def __init__(self, market: Any) -> None:
        self.market = market
        self.firms = len(market.firms)
        self.heads = self._heads()
        self.suppliers = market.customers.supplier.astype(int)
        self.generation = market.customers.generation.astype(int)

    def _heads(self) -> np.ndarray:
        return np.bincount(self.market.customers.supplier + 1, minlength=self.firms + 1)[1:]

    def after_month(self) -> list[str]:
        """What does not hold after the month just run, a sentence each; empty if all holds."""
        return [*self._money(), *self._people(), *self._ranges(), *self._counts(), *self._firms()]

    def _money(self) -> Iterator[str]:
        """Accounts of customers and departed sum to the entries; months sum to the whole; costs are costs."""
        market, c, line = self.market, self.market.customers, self.market.ledger
        book = market.ledger.months[-1]
        books, own = market.ledger.months, c.supplier >= 0
        year = books[len(books) - 1 - (len(books) - 1) % 12 :]
        spent, profit = (
            [b[:, A["revenue"]] for b in books],
            [b[:, line.by_customer] @ line.signs[line.by_customer] for b in books],
        )
        for place, (column, entries) in enumerate(
            (("profit_cents", profit), ("spent_cents", spent),
             ("year_profit_cents", profit[-len(year) :]), ("year_spent_cents", spent[-len(year) :]))
        ):  # fmt: skip
            total = np.zeros(self.firms, dtype=np.int64)
            np.add.at(total, c.supplier[own], getattr(c, column)[own])
            gap = total + market.ledger.departed[:, place] - sum(entries)
            if gap.any():
                yield f"{column} and the ledger differ by {gap.tolist()} cents"
            if getattr(c, column)[~own].any():
                yield f"{column}: somebody without a supplier has an account"
        for activity, amounts in zip(line.lines, book.T, strict=True):
            if (amounts < 0).any() and activity.name != "idle_labour":
                yield f"{activity.name} is negative: {amounts.tolist()} cents"
        if (book[:, A["visit_revenue"]] > book[:, A["revenue"]]).any():
            yield "visits bring more than all sales"
        paid = book[:, [A["service_labour"], A["level_labour"], A["idle_labour"]]].sum(axis=1)
        if (paid < 0).any():
            yield f"the pay bill is negative: {paid.tolist()} cents"

    def _people(self) -> Iterator[str]:
        """Nobody appears or vanishes: won and lost explain each firm's customers; slots are refilled once a month."""
        market, c = self.market, self.market.customers
        counts = market.ledger.counts[-1]
        heads = self._heads()
        if (heads != self.heads + counts[:, C["won"]] - counts[:, C["lost"]]).any():
            yield f"customers {heads.tolist()} are not {self.heads.tolist()} and won less lost"
        if (market.heads[-1] != heads).any():
            yield "the metrics count other customers than there are"
        self.heads = heads
        now = c.supplier.astype(int)
        stayed = np.bincount(now[(now == self.suppliers) & (now >= 0)], minlength=self.firms)
        if market.month > 1 and (market.kept_month != stayed).any():
            yield f"kept since last month {market.kept_month.tolist()} are not those who stayed {stayed.tolist()}"
        self.suppliers = now
        born = c.generation.astype(int) - self.generation
        if not ((born == 0) | (born == 1)).all():
            yield "a slot was refilled more than once, or went back"
        if (c.supplier[born == 1] >= 0).any():
            yield "a newcomer has a supplier"
        self.generation = c.generation.astype(int)
        month = market.month - 1
        gone = [d for d in market.departures if int(d["month"][0]) == month]
        left = np.concatenate([d["firm"] for d in gone]) if gone else np.empty(0, dtype=int)
        if (np.bincount(left, minlength=self.firms) != counts[:, C["lost"]]).any():
            yield "departures on record are not those lost"
        own = c.supplier >= 0
        if (c.supplier_history[month % 12] != c.supplier).any():
            yield "the history does not hold the month's supplier"
        for name in ("tenure", "purchases", "visits", "loyalty", "tie"):
            if getattr(c, name)[~own].any():
                yield f"{name}: somebody without a supplier has some"
        if (c.tenure[own] < 1).any() or (c.tenure[own].astype(int) > month + 1 + 30_000).any():
            yield "tenure is not that of the months passed"

    def _ranges(self) -> Iterator[str]:
        """Every number is finite; shares, words and firms' numbers are inside their ranges."""
        market, c = self.market, self.market.customers
        for column in c.columns:
            values = getattr(c, column.name)
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                yield f"{column.name} is not finite"
            low, high = RANGES.get(column.name, (None, None))
            if low is not None and ((values < low - 1e-6) | (values > high + 1e-6)).any():
                yield f"{column.name} is {values.min()} to {values.max()}, beyond {low} to {high}"
        for name in FIRMS:
            if ((getattr(c, name) < -1) | (getattr(c, name) >= self.firms)).any():
                yield f"{name} names a firm that there is not"
        if ((c.teller < -1) | (c.teller >= len(c))).any():
            yield "teller is nobody there"
        if ((c.teller < 0) != (c.teller_firm < 0)).any():
            yield "a teller without a firm, or the reverse"
        for name in ("last_purchase", "aware_month", "first_on_record", "left_month"):
            if (getattr(c, name) >= market.month).any():
                yield f"{name} lies in the future"
        if ((c.mood != 0) & (c.mood_firm < 0)).any():
            yield "a mood about nobody"
        if (c.discount[c.supplier < 0] != 0).any():
            yield "somebody without a supplier has its discount"

    def _counts(self) -> Iterator[str]:
        """A part is no larger than its whole; what is told is heard; each teller tells somebody, not themselves."""
        market, c = self.market, self.market.customers
        counts = market.ledger.counts[-1]
        for part, whole in PARTS:
            if (counts[:, C[part]] > counts[:, C[whole]]).any():
                yield f"{part} {counts[:, C[part]].tolist()} is more than {whole} {counts[:, C[whole]].tolist()}"
        if (counts < 0).any():
            yield "a count is negative"
        for news in ("bad", "good"):
            heard = getattr(c, f"told_{news}").astype(np.int64)
            if (heard.sum(axis=1) != counts[:, C[f"told_{news}"]]).any():
                yield f"{news} news told is not {news} news heard"
            if ((heard > 0).sum(axis=1) != counts[:, C[f"reached_{news}"]]).any():
                yield f"those reached by {news} news are miscounted"
        bought = c.bought.astype(int).sum()
        if bought > counts[:, C["orders"]].sum():
            yield "more is bought than ordered"
        silent = market.month_of_firms.strategy == 0
        if counts[silent][:, [C["messages"], C["recipients"]]].any():
            yield "a silent firm writes"

    def _firms(self) -> Iterator[str]:
        """Skill, morale, deliverability are shares; staff and load are finite and not negative."""
        for firm in self.market.firms:
            for name in ("skill", "morale", "deliverability", "report_rate"):
                value = float(getattr(firm, name))
                if not -1e-9 <= value <= 1 + 1e-9:
                    yield f"{name} of {firm.name} is {value}"
            if not (
                np.isfinite(firm.load) and firm.load >= 0 and np.isfinite(firm.staff) and firm.staff >= 0
            ):
                yield f"load {firm.load} or staff {firm.staff} of {firm.name}"
        if not np.isfinite(self.market.norm):
            yield "the market's norm is not finite"
        for name, months in self.market.metrics.items():
            if np.isinf(np.asarray(months[-1], dtype=float)).any():
                yield f"the metric {name} is infinite"


def run(market: Any, months: int) -> list[str]:
    """Run so many months; what does not hold in the first month in which something does not."""
    watch = Watch(market)
    for _ in range(months):
        market.step()
        if wrong := watch.after_month():
            return [f"month {market.month}: {one}" for one in wrong]
    return []
