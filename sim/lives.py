"""What is kept of each world of a comparison: its measures, and what became of each customer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.columns import STATE
from sim.runs import Run
from sim.scenario.words import REASONS

_NEED_ENDED = REASONS.index("need ended")


class World(NamedTuple):
    """What is kept of one world: its measures (a column a firm) and its customers."""

    measures: pd.DataFrame
    customers: pd.DataFrame


def measures(one: Run) -> pd.DataFrame:
    """A row a measure, a column a firm: the firms' table, then every other metric as it is at the end."""
    firms = one.firms.T
    firms.columns = firms.columns.astype(object)
    last = one.months[one.months["month"] == one.months_done].set_index("firm")
    others = [
        m for m in last.columns if m not in (*firms.index, "month", "window_months", "share_of_customers")
    ]
    return pd.concat([firms, last[others].T])


def lives_of(one: Run, base: Run, name: str, firm: str) -> pd.DataFrame:
    """What became of each customer, and whether it is what became of the same customer in the base."""
    ours, theirs = one.market.customers, base.market.customers
    if len(ours) != len(theirs):
        raise ValueError(
            f'"{name}" has {len(ours):,} customers, the base {len(theirs):,}: worlds to compare have the same customers'
        )
    kept = [
        "customer",
        "segment",
        "supplier",
        "left_month",
        "left_from",
        "left_for",
        "left_because",
        "spent",
        "profit",
    ]
    lives = one.customers[kept].copy()
    lives.attrs = {}
    lives.insert(1, "alternative", name)
    lives.insert(2, "seed", one.seed)
    lives["differs"] = _differs(one, base)
    place = one.market.firm(firm).place
    left, left_there = _left(one, place), _left(base, place)
    here, there = ours.supplier == place, theirs.supplier == place
    lives["stays"] = here & left_there & ~left & (ours.generation == theirs.generation)
    lives["goes"] = there & left & ~left_there & (ours.generation == theirs.generation)
    return lives


def _differs(one: Run, base: Run) -> np.ndarray:
    """Whether a customer's columns or departures are not the same in two worlds, bool (N,)."""
    differs = np.zeros(len(one.market.customers), dtype=bool)
    if one is base:
        return differs
    for name in STATE:
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
