"""The tables of a run's report: short enough for a page, each with its units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.meanings import REASON
from sim.metrics import METRICS
from sim.show.effects import UNITS
from sim.show.money import GROUPS, LINES, group_of, grouped, incomes
from sim.show.over_time import panel_of, series
from sim.show.reasons import REASONS
from sim.show.report.exhibits import COUNT, MONEY, NUMBER, SHARE, TEXT, Column, Table
from sim.show.report.told import Told
from sim.show.spans import YEAR, last_year
from sim.terminal import listed

if TYPE_CHECKING:
    import pandas as pd

MOST_FIRMS = 5
"""Firms that have a column of their own on a page; the others share one."""

MOST_STEPS = 6
"""Months that a table shows of a whole run."""

KINDS = {"customers": COUNT, "cost_ratio": NUMBER, "share": SHARE}


def firms_of(told: Told) -> list[str]:
    """The firms, the focus first."""
    return [str(name) for name in told.tables["firms"].index]


def plain(value: Any) -> Any:
    """A value as Python has it; None for what is missing."""
    value = value.item() if hasattr(value, "item") else value
    is_missing = (
        value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and math.isnan(value))
    )
    return None if is_missing else value


def each(frame: pd.DataFrame) -> list[Any]:
    """The rows of a table, with names."""
    return list(frame.itertuples())


def firm_table(told: Told) -> Table:
    """Where each firm stands at the end."""
    heads = {
        "customers": Column("customers", COUNT, "people"), "share": Column("share", SHARE),
        "annual_retention": Column("kept a year", SHARE), "monthly_churn": Column("churn a month", SHARE),
        "acquisition_cost": Column("to win one", MONEY, told.currency),
        "retention_cost": Column("to keep one a year", MONEY, told.currency),
        "revenue": Column("revenue", MONEY, told.currency), "profit": Column("profit", MONEY, told.currency),
        "customer_equity": Column("customer equity", MONEY, told.currency),
    }  # fmt: skip
    firms = told.tables["firms"]
    rows = [
        (name, told.policies.get(name, ""), *[plain(firms.at[name, key]) for key in heads])
        for name in firms_of(told)
    ]
    window, policy = min(told.months, 12), "what is different" if told.worlds else "policy"
    note = f"Churn is the mean, costs, revenue and profit are those of the last {window} months."
    if (rest := told.all_rivals) in firms_of(told):
        note += f" {rest} is all rivals added up: who goes from one of them to another has not left it."
    return Table(
        "firms",
        f"The {told.rows}s at the end",
        [Column(told.rows), Column(policy), *heads.values()],
        rows,
        note,
    )


# ---------------------------------------------------------------- over the months


def steps(months: int) -> list[int]:
    """Months that a table shows: the first, ends of years, the last."""
    if months <= MOST_STEPS:
        return list(range(1, months + 1))
    year = 12 if months >= 24 else max(1, months // (MOST_STEPS - 1))
    every = year * -(-months // (year * (MOST_STEPS - 1)))
    return sorted({1, *range(every, months - every // 2 + 1, every), months})


def panel_table(told: Told, metric: str) -> Table:
    """One metric at some months, a row a firm, as its picture draws it."""
    panel, months = panel_of(metric), told.tables["months"]
    both = [(metric, panel.words[0]), (panel.beside, panel.words[1])] if panel.beside else [(metric, "")]
    chosen, rows = steps(told.months), []
    for firm in firms_of(told):
        for name, words in both:
            x, y = series(months, name, firm)
            at = dict(zip(x.astype(int), y, strict=True))
            values = [plain(at.get(month)) for month in chosen]
            if any(value is not None for value in values):
                rows.append((f"{firm}, {words}" if words else firm, *values))
    kind = {"count": COUNT, "money": MONEY, "share": SHARE}.get(panel.kind, NUMBER)
    known = [k for k in range(len(chosen)) if any(row[k + 1] is not None for row in rows)]
    rows = [(row[0], *[row[k + 1] for k in known]) for row in rows]
    columns = [Column(told.rows), *[Column(f"month\u00a0{chosen[k]}", kind, " ") for k in known]]
    unit = panel.unit.format(currency=told.currency)
    return Table(metric, f"{panel.title}, {unit}", columns, rows)


def months_sheet(told: Told) -> Table:
    """All months and metrics, for the workbook."""
    months = told.tables["months"]
    columns = [column_of(str(name), told.currency) for name in months.columns]
    return Table("months", "All metrics, by month and firm", columns, frame_rows(months))


def column_of(name: str, currency: str) -> Column:
    """The column of a metric or an activity, with its unit."""
    if name in ("firm", "policy", "segment"):
        return Column(name)
    unit = unit_of(name)
    words = name.replace("_", " ")
    unit = "people" if unit == words else unit  # customers (customers)
    if unit.startswith("money"):
        return Column(words, MONEY, unit.replace("money", currency))
    if unit.startswith("share"):
        return Column(words, SHARE, f"%{unit.removeprefix('share')}")
    return Column(
        words, COUNT if unit in ("customers", "people") or unit.endswith(" a month") else NUMBER, unit
    )


def column_at_end(name: str, currency: str, months: int) -> Column:
    """The column of a metric at the end of a run, as worlds are compared by it: revenue and profit are sums of the last 12 months."""
    column = column_of(name, currency)
    if column.kind != MONEY or name not in UNITS:
        return column
    unit = UNITS[name].format(currency=currency).replace(last_year(YEAR), last_year(months))
    return column._replace(unit=unit)


def unit_of(name: str) -> str:
    """The unit of a metric, as its definition says it."""
    if name == "month":
        return ""
    if name in LINES:
        return "money"
    about = getattr(METRICS.get(name), "__doc__", None) or ""
    if "Unit: " in about:
        return " ".join(about.split("Unit: ")[1].split(". ")[0].rstrip(".").split())
    return "months" if name.endswith("_months") else ""


def frame_rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The rows of a table as plain values."""
    columns = [[plain(value) for value in frame[name].astype(object)] for name in frame.columns]
    return list(zip(*columns, strict=True)) if columns else []


# ---------------------------------------------------------------- reasons and money


def firm_columns(firms: Sequence[str]) -> list[tuple[str, list[str]]]:
    """The firms that have a column of their own, and the rest together."""
    if len(firms) <= MOST_FIRMS + 1:
        return [(firm, [firm]) for firm in firms]
    others = list(firms[MOST_FIRMS:])
    return [*[(firm, [firm]) for firm in firms[:MOST_FIRMS]], (f"{len(others)} others", others)]


def reasons_table(told: Told, column: str = "reason") -> Table:
    """How many left for which reason, a column a firm."""
    gone = told.tables["departures"]
    counts: Any = gone.groupby([column, "firm"]).size().unstack(fill_value=0)
    names = [name for name in [*REASONS, *REASON] if name in counts.index]
    groups = firm_columns(firms_of(told))
    rows: list[tuple[Any, ...]] = [
        (
            name,
            *[int(counts.loc[name].reindex(firms, fill_value=0).sum()) for _, firms in groups],
            REASON.get(name, ""),
        )
        for name in dict.fromkeys(names)
    ]
    if rows:
        rows.append(("all reasons", *[sum(row[k + 1] for row in rows) for k in range(len(groups))], ""))
    heads = [Column("reason"), *[Column(head, COUNT) for head, _ in groups], Column("what it is")]
    is_true = column == "reason"
    caption = (
        "Customers who left in the whole run, by true reason"
        if is_true
        else "What leavers told the exit survey"
    )
    return Table("reasons" if is_true else "reasons told", caption, heads, rows)


def spending_table(told: Told) -> Table:
    """Revenue, costs by group and profit of the last 12 months, a row a firm."""
    sums = grouped(told.tables["ledger"]).reindex(firms_of(told))
    rows = [(firm, *[plain(value) for value in sums.loc[firm]]) for firm in sums.index]
    heads = ["revenue", *GROUPS]
    window = min(told.months, 12)
    more = [name.replace("_", " ") for name in incomes(told.tables["ledger"]) if name != "revenue"]
    note = f"In the revenue here: {listed(more)}." if more else ""
    return Table("money", f"Revenue, costs and profit of the last {window} months",
                 [Column(told.rows), *[Column(head, MONEY, told.currency) for head in heads]], rows, note)  # fmt: skip


def activity_table(told: Told) -> Table:
    """The ledger of the last 12 months by activity, a column a firm."""
    ledger = told.tables["ledger"]
    last = ledger[ledger["month"] > told.months - 12].groupby("firm", sort=False).sum(numeric_only=True)
    groups = firm_columns(firms_of(told))
    rows = []
    for line in (LINES[name] for name in last.columns if name in LINES):
        values = [plain(last.loc[firms, line.name].sum()) for _, firms in groups]
        if any(values):
            kind = {1: "revenue", -1: group_of(line.name), 0: "memo"}[line.sign]
            rows.append((line.name.replace("_", " "), kind, *values, line.meaning.removeprefix("memo: ")))
    rows.append(
        ("profit", "profit", *[plain(last.loc[firms, "profit"].sum()) for _, firms in groups], "what is left")
    )
    heads = [
        Column("activity"),
        Column("kind"),
        *[Column(head, MONEY, told.currency) for head, _ in groups],
        Column("what it is"),
    ]
    window = min(told.months, 12)
    note = "Costs are above 0. A memo is a part of another line, and not added."
    return Table(
        "ledger by activity", f"The ledger of the last {window} months, by activity", heads, rows, note
    )


def rules_table(told: Told) -> Table:
    """Decision rules and how often they fired."""
    rows = [tuple(plain(row[k]) for k in ("firm", "rule", "if", "then", "fired", "carried_out", "note"))
            for row in told.tables["rules"].to_dict("records")]  # fmt: skip
    heads = [
        Column("firm"),
        Column("rule", COUNT),
        Column("if"),
        Column("then"),
        Column("fired", COUNT, "customer-months"),
        Column("carried out", COUNT, "customer-months"),
        Column("note"),
    ]
    if not any(row[-1] for row in rows):
        rows, heads = [row[:-1] for row in rows], heads[:-1]
    return Table("rules", "Decision rules", heads, rows)


def words_table(names: Sequence[str], months: int) -> Table:
    """What the measures mean, month by month and at the end of so many months."""
    rows = []
    for name in names:
        about = " ".join((METRICS[name].__doc__ or "").split("\n\n")[0].split())
        rows.append((name.replace("_", " "), about))
    note = (
        f"This is what they are month by month. At the end, revenue and profit are sums of {last_year(months)}; in a comparison what is "
        "measured of one month, such as complaints, is the mean of these months."
    )
    heads = [Column("measure"), Column("meaning, unit, source", TEXT)]
    return Table("words", "What the measures mean", heads, rows, note)
