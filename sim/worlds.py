"""The worlds of a comparison side by side, as tables: what is saved of them, and what a report tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.alternatives import policy_name, swapped
from sim.lives import WHOLE
from sim.metrics import measure
from sim.scenario import laws, page

if TYPE_CHECKING:
    from sim.comparison import Comparison
    from sim.runs import Run

YEAR = 12

SIDE_BY_SIDE: dict[str, Callable[[Run], pd.DataFrame]] = {
    "firms": lambda run: run.firms.reset_index(),
    "months": lambda run: run.months,
    "ledger": lambda run: run.ledger,
    "reasons": lambda run: reasons(run),
    "cohort_survival": lambda run: measure("cohort_survival")(run),
}
"""Tables of each world with the first seed."""

OF_A_YEAR = ("whale_curve", "whale_peak", "top_20_share")
"""Measures of the last full year: at hand where the worlds end with one, else they would have to be run again."""

SUMMED_UP = (
    "customers", "share", "annual_retention", "monthly_churn", "acquisition_cost", "retention_cost", "revenue", "profit",
    "customer_equity",
)  # fmt: skip
"""Measures that are told seed by seed."""


def reasons(run: Run) -> pd.DataFrame:
    """How many left each firm for which true reason: firm, reason, departures."""
    return run.departures.groupby(["firm", "reason"]).size().rename("departures").reset_index()


def names_of(months: int) -> list[str]:
    """The tables of each world after so many months."""
    return [*SIDE_BY_SIDE, *(OF_A_YEAR if months % YEAR == 0 or months < YEAR else ())]


def worlds_of(pair: Comparison) -> dict[str, pd.DataFrame]:
    """All worlds' tables with the first seed, a column `alternative` before the others, and `seeds`."""
    tables = {}
    for name in names_of(pair.months):
        make = SIDE_BY_SIDE[name] if name in SIDE_BY_SIDE else measure(name)
        parts = []
        for world, run in pair.runs.items():
            table = make(run).copy()
            table.attrs = {}
            table.insert(0, "alternative", world)
            parts.append(table)
        tables[name] = pd.concat(parts, ignore_index=True)
    return tables | {"seeds": by_seed(pair)}


def by_seed(pair: Comparison) -> pd.DataFrame:
    """The main measures of the firm, seed by seed: alternative, seed, metric, value."""
    rows = [
        (
            name,
            seed,
            metric,
            float(np.asarray(world.measures.at[(WHOLE, metric), pair.firm], dtype=np.float64)),
        )
        for (name, seed), world in pair._worlds.items()
        for metric in SUMMED_UP
    ]
    return pd.DataFrame(rows, columns=["alternative", "seed", "metric", "value"])


def in_words(pair: Comparison) -> dict[str, str]:
    """What each world has of its own: `Corner: win_back (offer 0.2); talk.unhappy_tells = 3`."""
    base = pair.runs[pair.base]
    return {name: _in_words(run, base) for name, run in pair.runs.items()}


def _in_words(run: Run, base: Run) -> str:
    own = {a: value for a, value in run.scenario.changes.items() if base.scenario.changes.get(a) != value}
    said = [page.changed(own)] if own else []
    said += [f"{firm}: {_policy(policy)}" for firm, policy in run.given.items() if firm not in base.given]
    everywhere = swapped(base.market)
    said += [f"{name} replaced" for name in swapped(run.market) if name not in everywhere]
    as_it_is = "the world as it is" + "".join(f", {name} replaced" for name in everywhere)
    return "; ".join(said) or as_it_is


def _policy(policy: Any) -> str:
    """A policy in words."""
    if isinstance(policy, Mapping):
        inside = ", ".join(f"{key} {laws.plain(value)}" for key, value in policy.items() if key != "name")
        return f"{policy['name']} ({inside})" if inside else str(policy["name"])
    if isinstance(policy, str):
        return policy
    return policy.__name__ if isinstance(policy, type) else policy_name(policy)
