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
    """The share of relationships unbroken by age, all cohorts together: Kaplan-Meier, so that it never rises. Unit: share.

    Of those unbroken at one age and seen a month longer, some break: the share is the product of what these months leave.
    Each relationship that began in the run counts as long as it was seen.

    Returns
    -------
    DataFrame
        `firm`, `age` (months), `at_risk` (relationships unbroken the month before, seen at this age), `broken` (of them, at
        this age), `survival`, its `standard_error` (Greenwood); both missing from the first age with fewer than 50 at risk.

    Source: Kaplan & Meier 1958; Greenwood 1926.
    """
    rows = []
    for f in order(run.closed):
        risk, broken = _pooled(run.closed, f)
        share, error = _left(risk, broken)
        part = {"age": np.arange(len(risk)), "at_risk": risk, "broken": broken, "survival": share}
        rows.append(pd.DataFrame({"firm": run.closed.firms[f].name, **part, "standard_error": error}))
    return told(run, pd.concat(rows, ignore_index=True))


def _pooled(market: Market, f: int) -> tuple[np.ndarray, np.ndarray]:
    """By age in months: a firm's relationships of the run that could break then, and those that did."""
    table = _relationships(market)
    table = table[(table["firm"] == f) & (table["began"] >= 0)]
    stood, is_over = table["stood"].to_numpy(), table["ended"].to_numpy() >= 0
    return at_risk(stood, is_over, np.zeros(len(table), dtype=np.int64), market.month)


def at_risk(
    stood: np.ndarray, is_over: np.ndarray, since: np.ndarray, ages: int
) -> tuple[np.ndarray, np.ndarray]:
    """How many relationships could break at each age, and how many did.

    Parameters
    ----------
    stood : int64 (n,), month-ends that each stood at: where it is over it broke at this age, else it is not yet seen at it.
    is_over : bool (n,). since : int64 (n,), the age from which on it was observed.
    ages : how many, from 0.

    Returns
    -------
    int64 (ages,), int64 (ages,)
    """

    def until(age: np.ndarray) -> np.ndarray:
        return np.cumsum(np.bincount(np.minimum(age, ages), minlength=ages + 1)[:ages])

    risk = until(since) - until(stood + is_over)
    return risk, np.bincount(stood[is_over & (stood < ages)], minlength=ages)


def _left(risk: np.ndarray, broken: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is left after each age, and its standard error by Greenwood; missing from the first with fewer than 50 at risk."""
    known = np.logical_and.accumulate(risk >= LEAST_AT_RISK)
    share = np.cumprod(1.0 - np.where(known, broken, 0) / np.maximum(risk, 1))
    stay = np.maximum(risk - broken, 1)
    spread = np.sqrt(np.cumsum(np.where(known, broken / (np.maximum(risk, 1) * stay), 0.0)))
    return np.where(known, share, np.nan), np.where(known, share * spread, np.nan)


def cohort_retention(run: Run) -> pd.DataFrame:
    """Retention by year of a relationship's age: S(12 y) / S(12 (y - 1)), with S the `cohort_survival`. Unit: share a year.

    Returns
    -------
    DataFrame
        `firm`, `year` (1 the first), `at_risk` (relationships unbroken a year before and seen a month longer), `retention`
        (never above 1), its `standard_error` (Greenwood); both missing with fewer than 50 at risk in one of the months.

    Source: Fader & Hardie 2007; Kaplan & Meier 1958.
    """
    rows = []
    for f in order(run.closed):
        risk, broken = _pooled(run.closed, f)
        for year in range(1, (len(risk) - 1) // 12 + 1):
            ages = slice(12 * (year - 1) + 1, 12 * year + 1)
            share, error = _left(risk[ages], broken[ages])
            rows.append((run.closed.firms[f].name, year, int(risk[ages][0]), share[-1], error[-1]))
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
