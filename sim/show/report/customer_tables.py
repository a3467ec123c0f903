"""The tables of customers in a run's report: what they are worth, and how long they stay."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.show.curves import tenths
from sim.show.report.exhibits import COUNT, MONEY, NUMBER, SHARE, Column, Table
from sim.show.report.run_tables import MOST_FIRMS, MOST_STEPS, each, firms_of, plain
from sim.show.report.told import Told
from sim.show.spans import YEAR, full_year

MOST_COUNTED = 3
"""Firms for which a table also says of how many."""


def tenths_table(told: Told) -> Table:
    """Each tenth of the focus's customers."""
    found = tenths(told.tables["accounts"], told.focus)
    total = float(found["profit"].sum())
    rows = [
        (f"tenth {row.tenth}", int(row.customers), float(row.revenue), float(row.profit), float(row.profit) / row.customers,
         float(row.profit) / total if total > 0 else None)
        for row in each(found)
    ]  # fmt: skip
    heads = [
        Column("customers, best first"), Column("customers", COUNT), Column("revenue", MONEY, told.currency),
        Column("profit", MONEY, told.currency), Column("profit a customer", MONEY, told.currency), Column("of all profit", SHARE),
    ]  # fmt: skip
    return Table("tenths", f"{told.focus}'s customers in tenths, by their profit in {full_year(told.months)}", heads, rows,
                 "Profit is before advertising, training and other costs that no customer causes.")  # fmt: skip


def profit_head(told: Told) -> str:
    """What a year's profit is called: in a run of less it is that of the run."""
    return "profit of the year" if told.months >= YEAR else "profit of the run"


def whale_table(told: Told) -> Table:
    """Peak and end of each firm's whale curve."""
    peaks, tops = told.tables["whale_peak"], told.tables["top_20_share"]
    top = {m: tops[tops["measure"] == m].set_index("firm")["top_20_share"] for m in ("revenue", "profit")}
    rows = [
        (row.firm, row.customers, plain(row.profit), plain(row.whale_peak), plain(row.whale_share),
         plain(top["revenue"].get(row.firm)), plain(top["profit"].get(row.firm)))
        for row in each(peaks)
    ]  # fmt: skip
    heads = [
        Column(told.rows), Column("customers", COUNT), Column(profit_head(told), MONEY, told.currency),
        Column("peak", SHARE, "% of all profit"), Column("peak is at", SHARE, "% of customers"),
        Column("revenue from the top 20 %", SHARE), Column("profit from the top 20 %", SHARE),
    ]  # fmt: skip
    note = "A peak above 100 % says that the customers behind it cost more than they bring."
    return Table("whale curve", "Where the whale curve peaks", heads, rows, note)


def quadrant_table(told: Told) -> Table:
    """Loyalty against profit, for the focus."""
    found = told.tables["loyalty_quadrants"]
    mine = found[found["firm"] == told.focus]
    about = {
        "true friends": "long with the firm, profitable", "butterflies": "short, profitable",
        "barnacles": "long, not profitable", "strangers": "short, not profitable",
    }  # fmt: skip
    rows = [
        (row.quadrant, about[row.quadrant], int(row.customers), plain(row.tenure), plain(row.profit))
        for row in each(mine)
    ]
    heads = [Column("kind"), Column("who they are"), Column("customers", COUNT), Column("tenure, mean", NUMBER, "months"),
             Column(profit_head(told), MONEY, told.currency)]  # fmt: skip
    note = "Long and profitable are above the firm's medians. Names: Reinartz & Kumar 2002."
    return Table("loyalty quadrants", f"Loyalty against profit: {told.focus}'s customers", heads, rows, note)


def segment_table(told: Told) -> Table:
    """The focus's customers by segment."""
    table = told.tables["accounts"]
    mine = table[(table["firm"] == told.focus) & table["customer"].notna()]
    rows = []
    for name in told.scenario.segments:
        part = mine[mine["segment"] == name]
        if n := len(part):
            profit = float(part["profit"].sum())
            rows.append((name, n, float(part["revenue"].sum()), profit, profit / n))
    heads = [Column("segment"), Column("customers", COUNT), Column("revenue", MONEY, told.currency),
             Column("profit", MONEY, told.currency), Column("profit a customer", MONEY, told.currency)]  # fmt: skip
    return Table("segments", f"{told.focus}'s customers by segment, {full_year(told.months)}", heads, rows)


def survival_table(told: Told) -> Table:
    """Relationships unbroken by age, a column a firm; how many were at risk, where there are few firms."""
    found = told.tables["cohort_survival"]
    ages = [age for age in (0, 3, 6, 12, 24, 36, 48, 60, 84, 120) if age < told.months]
    firms = firms_of(told)[: MOST_FIRMS + 1]
    by_firm = {firm: found[found["firm"] == firm].set_index("age") for firm in firms}
    counted = firms if len(firms) <= MOST_COUNTED else firms[:1]
    rows = []
    for age in ages:
        values: list[Any] = []
        for firm in firms:
            part = by_firm[firm].loc[age] if age in by_firm[firm].index else None
            keys = ("survival", "at_risk") if firm in counted else ("survival",)
            values += [None if part is None else plain(part[key]) for key in keys]
        if any(value is not None for value in values):
            rows.append((f"{age} months", *values))
    heads = [Column("age")]
    for firm in firms:
        heads.append(Column(firm, SHARE, "% unbroken"))
        heads += [Column("at risk", COUNT, "relationships")] if firm in counted else []
    note = (
        "Relationships that began in the run, each counted as long as it was seen (Kaplan & Meier 1958). At risk: unbroken the "
        "month before, and seen at this age; below 50 no share is given."
    )
    return Table("survival", "Relationships that are unbroken, by age", heads, rows, note)


def cohort_table(told: Told) -> Table:
    """The focus's cohorts by year of beginning, unbroken at each year of age."""
    found = told.tables["cohorts"]
    mine = found[found["firm"] == told.focus]
    ages = [int(age) for age in np.unique(mine["age"]) if age % 12 == 0][: MOST_STEPS + 1]
    rows = []
    cohorts: Any = mine.groupby("cohort", sort=True)
    for cohort, part in cohorts:
        by_age = part.set_index("age")["survival"]
        last = min(int(cohort) + 11, told.months)
        rows.append(
            (
                f"months {cohort} to {last}",
                int(part["began"].iloc[0]),
                *[plain(by_age.get(age)) for age in ages],
            )
        )
    heads = [Column("began in"), Column("relationships", COUNT),
             *[Column(f"after {age} months" if age else "first month", SHARE) for age in ages]]  # fmt: skip
    return Table("cohorts", f"{told.focus}'s cohorts: % still unbroken", heads, rows)
