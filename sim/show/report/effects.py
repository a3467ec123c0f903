"""What an alternative changes, measure by measure, and how that reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sim.show.report import run_tables as t
from sim.show.report.exhibits import MIXED, NUMBER, Column, Table
from sim.show.report.told import Told
from sim.show.spans import YEAR, last_year

MEASURES = {
    "customer_equity": ("customer equity", "money", 1),
    "profit": ("profit, the last 12 months", "money", 1),
    "revenue": ("revenue, the last 12 months", "money", 1),
    "customers": ("customers", "people", 1),
    "share": ("share of those who have a supplier", "%", 1),
    "annual_retention": ("customers kept a year", "%", 1),
    "monthly_churn": ("churn a month", "%", -1),
    "acquisition_cost": ("cost of winning a customer", "money", -1),
    "retention_cost": ("cost of keeping one for a year", "money", -1),
}
"""What worlds are compared by: its name, its unit, and whether more of it is better (1) or worse (-1)."""


def of_everybody(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a comparison's table that speak of all customers."""
    return table[table["segment"] == "all"] if "segment" in table else table


def rows_of(told: Told, metrics: Sequence[str], firm: str | None = None) -> list[dict[str, Any]]:
    """The differences of some measures, of one firm unless all are wanted."""
    table = of_everybody(told.tables["table"])
    chosen = table[table["metric"].isin(metrics)]
    chosen = chosen if firm is None else chosen[chosen["firm"] == firm]
    order = {metric: k for k, metric in enumerate(metrics)}
    records: list[Any] = chosen.to_dict("records")
    return sorted(records, key=lambda row: order[row["metric"]])


def effect_table(told: Told) -> Table:
    """The measure of the headline for every firm, as the picture shows it."""
    table = of_everybody(told.tables["table"])
    known = table[table["difference"].notna()]["metric"].unique()
    metric = next((one for one in ("customer_equity", "profit", "customers") if one in known), "customers")
    words, unit, _ = MEASURES[metric]
    words = words.replace(last_year(YEAR), last_year(told.months))
    unit = told.currency if unit == "money" else unit
    heads = [
        Column("firm"),
        Column("world"),
        *[Column(head, NUMBER, unit) for head in (told.base, "there", "difference", "95 % from", "to")],
    ]
    rows = [
        (
            row["firm"],
            row["alternative"],
            *[t.plain(row[key]) for key in ("base", "value", "difference", "low", "high")],
        )
        for row in rows_of(told, [metric])
    ]
    return Table("what changes", f"What changes: {words}", heads, rows)


def reading(row: dict[str, Any], sign: int) -> str:
    """What a difference says: better, worse, or not settled."""
    change, low, high = (t.plain(row[key]) for key in ("difference", "low", "high"))
    if change is None:
        return "not measured"
    if change == 0 and (low is None or low == high == 0):
        return "the same"
    if low is not None and low <= 0 <= high:
        return "not settled"
    better = "better" if change * sign > 0 else "worse"
    return better if low is not None else f"{better}, with this seed"


def measures_table(told: Told) -> Table:
    """What each alternative changes for the firm, measure by measure."""
    rows = []
    for row in rows_of(told, list(MEASURES), told.focus):
        words, unit, sign = MEASURES[row["metric"]]
        words = words.replace(last_year(YEAR), last_year(told.months))
        scale = 100.0 if unit == "%" else 1.0
        values = [t.plain(row[key]) for key in ("base", "value", "difference", "low", "high")]
        unit = told.currency if unit == "money" else unit
        rows.append(
            (
                words,
                unit,
                row["alternative"],
                *[None if v is None else scale * v for v in values],
                reading(row, sign),
            )
        )
    heads = (told.base, "there", "difference", "95 % from", "to")
    columns = [
        Column("measure"),
        Column("unit"),
        Column("world"),
        *[Column(head, MIXED) for head in heads],
        Column("reading"),
    ]
    note = "Fewer customers lost, and lower costs of winning and keeping, are read as better. Not settled: the interval holds 0."
    return Table("measures", f"What each world changes for {told.focus}", columns, rows, note)
