"""Who stays how long: relationships, cohorts, and retention by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.draws import PURPOSES
from sim.metrics.customers import ratio
from sim.metrics.profitability import order, told
from sim.scenario.words import REASONS

if TYPE_CHECKING:
    from sim.market import Market
    from sim.runs import Run

LEAST_AT_RISK = 50
"""Relationships below which a share of them is missing."""

_TRAITS = next(p for p in PURPOSES if p.name == "traits")


def segments_of(market: Market, ids: np.ndarray, generation: np.ndarray) -> np.ndarray:
    """The segment of each person, by slot and generation, drawn again from the key: int64 (n,)."""
    edges = market.population.segment_edges[:-1]
    return np.searchsorted(edges, market.draws._uniform(_TRAITS, ids, 0, generation), side="right")


def relationships(run: Run) -> pd.DataFrame:
    """Every relationship of the run, a row each: when it began, how long it stood, why it ended. Source: ours.

    Unit: months.

    Returns
    -------
    DataFrame
        `firm`, `customer`, `generation`, `segment`, `began` (month from 1; 0 or below: before the run), `ended`
        (month, missing while it stands), `month_ends` (how many it stood at, those before the run too), `reason`
        (the true one).
    """
    table = _relationships(run.closed)
    names = np.array([firm.name for firm in run.closed.firms], dtype=object)
    segments = np.array(list(run.closed.tables.segments), dtype=object)
    words = np.array([*REASONS, None], dtype=object)
    ended = pd.array(table["ended"].to_numpy() + 1, dtype="Int64")
    ended[table["ended"].to_numpy() < 0] = pd.NA
    return told(
        run,
        pd.DataFrame(
            {
                "firm": names[table["firm"]],
                "customer": table["customer"],
                "generation": table["generation"],
                "segment": segments[
                    segments_of(run.closed, *(table[name].to_numpy() for name in ("customer", "generation")))
                ],
                "began": table["began"] + 1,
                "ended": ended,
                "month_ends": table["stood"],
                "reason": words[table["reason"]],
            }
        ),
    )


def _relationships(market: Market) -> pd.DataFrame:
    """The same in codes, months from 0; `ended` and `reason` are -1 while it stands."""
    fields = ("customer", "generation", "firm", "month", "tenure", "reason", "exit")
    rows = [d for d in market.departures if int(d["month"][0]) < market.month]
    gone = {
        f: np.concatenate([np.empty(0, np.int64), *[d[f].astype(np.int64) for d in rows]]) for f in fields
    }
    c = market.customers
    ids = np.flatnonzero(c.supplier >= 0)
    # who leaves the market has a tenure that the same month has raised already
    stood = np.concatenate([gone["tenure"] - gone["exit"], c.tenure[ids].astype(np.int64)])
    ended = np.concatenate([gone["month"], np.full(len(ids), -1)])
    return pd.DataFrame(
        {
            "firm": np.concatenate([gone["firm"], c.supplier[ids].astype(np.int64)]),
            "customer": np.concatenate([gone["customer"], ids]),
            "generation": np.concatenate([gone["generation"], c.generation[ids].astype(np.int64)]),
            "began": np.where(ended < 0, market.month, ended) - stood,
            "ended": ended,
            "stood": stood,
            "reason": np.concatenate([gone["reason"], np.full(len(ids), -1)]),
        }
    )


def cohorts(run: Run, *, months: int = 12) -> pd.DataFrame:
    """Of those who became customers in the same months, the share that is still unbroken. Unit: share.

    A relationship of age a has stood at the end of its first month and at a month-ends after it; who began before
    the run is left out.

    Parameters
    ----------
    months : int
        Months of beginning that make one cohort; a cohort's age ends with that of its youngest.

    Returns
    -------
    DataFrame
        `firm`, `cohort` (its first month of beginning), `age` (months), `began` (relationships), `unbroken`,
        `survival`, `retention` (of those unbroken a month before; of all at age 0) and `churn` (the rest), shares.

    Source: Fader & Hardie 2007.
    """
    if months < 1:
        raise ValueError(f"months: must be 1 or more (got {months})")
    table = _relationships(run.closed)
    table = table[table["began"] >= 0]
    rows = []
    for f in order(run.closed):
        mine = table[table["firm"] == f]
        for first in range(0, run.months_done, months):
            one = mine[(mine["began"] >= first) & (mine["began"] < first + months)]
            last = min(first + months, run.months_done) - 1
            if len(one):
                rows.append(_survival(one, run.closed.firms[f].name, first + 1, run.months_done - 1 - last))
    columns = ["firm", "cohort", "age", "began", "unbroken", "survival", "retention", "churn"]
    return told(run, pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns))


def _survival(one: pd.DataFrame, firm: str, cohort: int, oldest: int) -> pd.DataFrame:
    """A cohort at the ages 0 to ``oldest``."""
    stood = np.bincount(np.minimum(one["stood"], oldest + 1), minlength=oldest + 2)
    unbroken = len(one) - np.cumsum(stood)[: oldest + 1]
    kept = ratio(unbroken, np.append(len(one), unbroken[:-1]))
    return pd.DataFrame(
        {
            "firm": firm,
            "cohort": cohort,
            "age": np.arange(oldest + 1),
            "began": len(one),
            "unbroken": unbroken,
            "survival": unbroken / len(one),
            "retention": kept,
            "churn": 1.0 - kept,
        }
    )


def cohort_survival(run: Run) -> pd.DataFrame:
    """The share of relationships unbroken by age, over all cohorts that could be seen so long. Unit: share.

    Returns
    -------
    DataFrame
        `firm`, `age` (months), `began` (relationships that could be seen to this age), `unbroken`, `survival`, its
        binomial `standard_error`; both missing with fewer than 50.

    Source: Fader & Hardie 2007.
    """
    rows = []
    for f in order(run.closed):
        began, unbroken = _pooled(run.closed, f)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(began >= LEAST_AT_RISK, unbroken / began, np.nan)
            error = np.sqrt(share * (1.0 - share) / began)
        part = {"age": np.arange(len(began)), "began": began, "unbroken": unbroken, "survival": share}
        rows.append(pd.DataFrame({"firm": run.closed.firms[f].name, **part, "standard_error": error}))
    return told(run, pd.concat(rows, ignore_index=True))


def _pooled(market: Market, f: int) -> tuple[np.ndarray, np.ndarray]:
    """By age in months: relationships of a firm that could be seen so long, and of them those unbroken."""
    table = _relationships(market)
    table = table[(table["firm"] == f) & (table["began"] >= 0)]
    n = market.month
    began = table["began"].to_numpy()
    seen_to = n - 1 - began  # the last age that could be seen
    stood = np.where(table["ended"].to_numpy() < 0, n + 1, table["stood"].to_numpy())
    could = np.cumsum(np.bincount(seen_to, minlength=n)[::-1])[::-1]
    # unbroken at age a: seen_to >= a and stood > a, so up to age min(seen_to, stood - 1)
    last = np.minimum(seen_to, stood - 1)
    unbroken = np.cumsum(np.bincount(last[last >= 0], minlength=n)[::-1])[::-1]
    return could, unbroken


def cohort_retention(run: Run) -> pd.DataFrame:
    """Retention by year of a relationship's age: S(12 y) / S(12 (y - 1)), with S the `cohort_survival`. Unit: share a year.

    Returns
    -------
    DataFrame
        `firm`, `year` (1 the first), `at_risk` (relationships unbroken a year before, of those that could be seen
        through the year), `retention`, its binomial `standard_error`; both missing with fewer than 50 at risk.

    Source: Fader & Hardie 2007.
    """
    survival = cohort_survival(run)
    rows = []
    for f in order(run.closed):
        name = run.closed.firms[f].name
        s = survival.loc[survival["firm"] == name, "survival"].to_numpy()
        table = _relationships(run.closed)
        table = table[(table["firm"] == f) & (table["began"] >= 0)]
        for year in range(1, (len(s) - 1) // 12 + 1):
            seen = table["began"] + 12 * year <= run.months_done - 1
            risk = int((seen & (table["stood"] > 12 * (year - 1))).sum())
            share = s[12 * year] / s[12 * (year - 1)] if risk >= LEAST_AT_RISK else np.nan
            error = np.sqrt(max(share * (1.0 - share), 0.0) / risk) if share == share else np.nan
            rows.append((name, year, risk, share, error))
    return told(run, pd.DataFrame(rows, columns=["firm", "year", "at_risk", "retention", "standard_error"]))


GROUPS = ("month", "segment", "level", "tenure")


def retention_by(run: Run, by: str | Sequence[str] = GROUPS) -> pd.DataFrame:
    """Monthly retention and churn of groups formed at the end of the month before. Unit: share a month.

    Parameters
    ----------
    by : str or list of str
        Of `month`, `segment`, `level` (what the firm's plan gave them), `tenure` (months, in bands); all unless given.

    Returns
    -------
    DataFrame
        `firm`, `month`, `segment`, `level`, `tenure` (those asked for), `customers` (at the end of the month before), `kept` (still there at the
        end of this one), `retention`, `churn`. Groups without customers have no row.

    Raises
    ------
    ValueError
        A group that there is not.

    Source: ours.
    """
    wanted = [by] if isinstance(by, str) else list(by)
    for name in wanted:
        if name not in GROUPS:
            raise ValueError(f'by: must be of {", ".join(GROUPS)} (got "{name}")')
    market = run.closed
    names, segments = [firm.name for firm in market.firms], list(market.tables.segments)
    table = market.census.frame(order(market), names, segments)
    if wanted != list(GROUPS):
        grouped = table.groupby(["firm", *wanted], sort=False, observed=True)[["customers", "kept"]].sum()
        table = grouped.reset_index()
    table["retention"] = table["kept"] / table["customers"]
    table["churn"] = 1.0 - table["retention"]
    return told(run, table)
