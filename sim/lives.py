"""What is kept of each world of a comparison: its measures, and what became of each customer."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim import tables
from sim.runs import Run
from sim.scenario.words import REASONS
from sim.tallies import Tally

KEPT = (
    "customer",
    "segment",
    "supplier",
    "left_month",
    "left_from",
    "left_for",
    "left_because",
    "spent",
    "profit",
)
"""Columns of `Run.customers` that are kept of each life."""

_NEED_ENDED = REASONS.index("need ended")


WHOLE = "all"
"""The segment of rows that speak of all customers."""

OF_A_MONTH = (
    "voluntary_churn", "monthly_retention", "read_rate", "opt_out_rate", "report_rate", "net_promoter", "overlap",
    "utilization", "failures", "voiced", "resolved", "unhappy", "happy", "told_bad", "told_good", "reached_bad",
    "reached_good", "referrals", "opted_out", "reports", "mail_complaints",
)  # fmt: skip
"""Metrics that speak of one month: worlds are compared by their mean over the last 12."""


class World(NamedTuple):
    """What is kept of one world.

    Attributes
    ----------
    measures : a row a segment and metric (index), a column a firm.
    customers : a row a customer.
    hash : of the state at the end.
    """

    measures: pd.DataFrame
    customers: pd.DataFrame
    hash: str


def of_firms(one: Run) -> pd.DataFrame:
    """A row a measure, a column a firm: the firms' table, and every other metric.

    A metric of a month is its mean over the last 12 (those that have it); any other is as it is at the end.
    """
    firms = one.firms.T
    firms.columns = firms.columns.astype(object)
    last = one.months[one.months["month"] > one.months_done - tables.WINDOW].groupby("firm", sort=False)
    others = [
        m
        for m in one.months.columns
        if m not in (*firms.index, "month", "firm", "window_months", "share_of_customers")
    ]
    means, ends = (
        last[list(OF_A_MONTH)].mean(),
        one.months.groupby("firm", sort=False).nth(-1).set_index("firm"),
    )
    rest = pd.DataFrame({m: (means if m in OF_A_MONTH else ends)[m] for m in others}).T
    return pd.concat([firms, rest[firms.columns]]).astype(np.float64)


def measures(one: Run, tally: Tally) -> pd.DataFrame:
    """A row a segment and measure, a column a firm: what firms have, and what is counted by segment."""
    parts = {WHOLE: of_firms(one)}
    firms = parts[WHOLE]
    segments = list(one.market.tables.segments)
    if len(segments) > 1:
        names, found = [firm.name for firm in one.market.firms], tally.by_segment()
        for k, segment in enumerate(segments):
            part = pd.DataFrame({metric: values[:, k] for metric, values in found.items()}, index=names).T
            label = segment if segment != WHOLE else f"{WHOLE} (segment)"
            parts[label] = part[list(firms.columns)]
    rows = [(segment, str(metric)) for segment, part in parts.items() for metric in part.index]
    return frame(rows, list(firms.columns), np.concatenate([part.to_numpy() for part in parts.values()]))


def frame(rows: list[tuple[str, str]], firms: list[str], values: Any) -> pd.DataFrame:
    """Measures as a table: a row a segment and metric, a column a firm."""
    index = pd.MultiIndex.from_tuples(rows, names=["segment", "metric"])
    return pd.DataFrame(values, index, pd.Index(firms, dtype=object), dtype=np.float64)


def lives_of(
    one: Run, base: Run, name: str, firm: str, worth: np.ndarray, worth_there: np.ndarray
) -> pd.DataFrame:
    """What became of each customer, and whether it is what became of the same customer in the base.

    `worth` is what each is worth to the firm, in money, `worth_there` the same in the base.
    """
    ours, theirs = one.market.customers, base.market.customers
    if len(ours) != len(theirs):
        raise ValueError(
            f'"{name}" has {len(ours):,} customers, the base {len(theirs):,}: worlds to compare have the same customers'
        )
    lives = one.customers[list(KEPT)].copy()
    lives.attrs = {}
    lives.insert(1, "alternative", name)
    lives.insert(2, "seed", one.seed)
    lives["worth"] = worth
    lives["worth_more"] = worth - worth_there
    lives["differs"] = _differs(one, base)
    place = one.market.firm(firm).place
    left, left_there = _left(one, place), _left(base, place)
    here, there = ours.supplier == place, theirs.supplier == place
    lives["stays"] = here & ~there & left_there & ~left & (ours.generation == theirs.generation)
    lives["goes"] = there & ~here & left & ~left_there & (ours.generation == theirs.generation)
    return lives


def _differs(one: Run, base: Run) -> np.ndarray:
    """Whether a customer's columns or departures are not the same in two worlds, bool (N,)."""
    differs = np.zeros(len(one.market.customers), dtype=bool)
    if one is base:
        return differs
    there = base.market.customers.known
    for name in (name for name in one.market.customers.state if name in there):
        a, b = getattr(one.market.customers, name), getattr(base.market.customers, name)
        if a.shape != b.shape:
            raise ValueError("worlds to compare have the same firms")
        unequal = (a != b) & ~((a != a) & (b != b)) if a.dtype.kind == "f" else a != b
        differs |= unequal.reshape(-1, len(differs)).any(axis=0)
    rows = pd.concat([one.departures, base.departures]).drop(columns="reported").drop_duplicates(keep=False)
    differs[rows["customer"].to_numpy(dtype=np.int64)] = True
    return differs


def _left(one: Run, place: int) -> np.ndarray:
    """Which of the people there now once left a firm, other than by leaving the market, bool (N,)."""
    left = np.zeros(len(one.market.customers), dtype=bool)
    generation = one.market.customers.generation
    for d in one.market.departures:
        mine = (
            (d["firm"] == place)
            & (d["reason"] != _NEED_ENDED)
            & (generation[d["customer"]] == d["generation"])
        )
        left[d["customer"][mine]] = True
    return left
