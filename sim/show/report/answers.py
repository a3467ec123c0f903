"""The answer of a run in one sentence, how sure it is, and where it turns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.intervals import interval
from sim.show import style
from sim.show.report.exhibits import COUNT, MIXED, MONEY, SHARE, TEXT, Column, Table
from sim.show.report.told import Told
from sim.show.spans import YEAR

if TYPE_CHECKING:
    import pandas as pd

MEASURES = {
    "customers": ("customers", COUNT, ""),
    "annual_retention": ("customers kept a year", SHARE, ""),
    "revenue": ("revenue", MONEY, "a year"),
    "profit": ("profit", MONEY, "a year"),
    "customer_equity": ("customer equity", MONEY, ""),
}
"""What firms are compared by: the larger the better."""


def place_words(told: Told, measure: str) -> str:
    """`ahead of Express`, `2nd of 4 firms`."""
    values = means(told)[measure].astype(float).fillna(-math.inf)
    others = told.rivals
    if not others:
        return ""
    place = 1 + int((values[others] > values[told.focus]).sum())
    if len(others) == 1:
        is_equal = values[others[0]] == values[told.focus]
        return f"{'level with' if is_equal else 'ahead of' if place == 1 else 'behind'} {others[0]}"
    return f"{ordinal(place)} of {len(others) + 1} firms"


def ordinal(n: int) -> str:
    """`first`, `2nd`, `3rd`, `4th`."""
    if n == 1:
        return "first"
    ending = "th" if 10 < n % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def means(told: Told) -> Any:
    """The firms at the end: of the run, or the mean over the seeds that were asked for."""
    if told.luck is None:
        return told.tables["firms"]
    return told.luck.drop(columns="seed").groupby("firm", sort=False).mean()


def answer_measure(told: Told) -> str:
    """What the firms are ranked by: customer equity where it is known, else profit."""
    return "customer_equity" if means(told)["customer_equity"].notna().all() else "profit"


def answer(told: Told) -> str:
    """The answer in one sentence, with intervals where there are several seeds."""
    row, currency, focus = means(told).loc[told.focus], told.currency, told.focus
    window = last_months(told.months)
    customers = f"{style.number(row['customers'])} customers{span(told, 'customers')}"
    share = (
        ""
        if math.isnan(row["share"])
        else f", {style.number(100 * row['share'], 1)} % of those who have a supplier"
    )
    profit = f"{_gain(row['profit'], currency)}{span(told, 'profit')} in {window}{_at_first(told)}"
    over = f"Over {len(told.seeds)} seeds, " if told.luck is not None else ""
    after = f"{'a' if over else 'A'}fter {told.months} month{'s' if told.months != 1 else ''}"
    measure = answer_measure(told)
    where = place_words(told, measure)
    if measure == "profit":
        stands = f", and is {where} in profit" if where else ""
        return f"{over}{after} {focus} has {customers}{share}{stands}: {profit}."
    equity = f"{amount(row['customer_equity'])} {currency}{span(told, 'customer_equity')}"
    if len(told.rivals) == 1:
        equity += f" against {amount(means(told).at[told.rivals[0], 'customer_equity'])} {currency}"
    head = (
        f"{focus} is {where} in customer equity, {equity}: it"
        if where
        else f"{focus} has a customer equity of {equity}: it"
    )
    return f"{over}{after} {head} has {customers}{share}, and made {profit}."


def _at_first(told: Told) -> str:
    """`, after one of 900 EUR in its first 12`: where there is no rival to stand beside, and two whole years of one run."""
    if not told.all_rivals or told.rivals or told.luck is not None or told.months < 2 * YEAR:
        return ""
    months = told.tables["months"]
    first = months.loc[(months["firm"] == told.focus) & (months["month"] <= YEAR), "profit"].sum()
    return f", after {_gain(float(first), told.currency)} in its first {YEAR}"


def of_all_rivals(told: Told) -> str:
    """What a firm that stands for all rivals is, and what it cannot be held against; "" where there is none."""
    name = told.all_rivals
    if not name:
        return ""
    return (
        f"{name} is all rivals added up, no firm that {told.focus} could be ahead of or behind. Who goes from one rival to another "
        f"has not left {name}, so that it seems to keep more of its customers than each of them does."
    )


def amount(value: float) -> str:
    """An amount for a sentence: whole from 1,000 up, else with cents."""
    return style.number(value, 0 if abs(value) >= 1000 else 2)


def _gain(value: float, currency: str) -> str:
    return f"a {'loss' if value < 0 else 'profit'} of {amount(abs(value))} {currency}"


def last_months(months: int) -> str:
    """`the last 12 months`, or as many as there are."""
    return "its one month" if months == 1 else f"the last {min(months, 12)} months"


def span(told: Told, measure: str) -> str:
    """` (95 %: 9 to 15)` over the seeds; "" for one run."""
    if told.luck is None:
        return ""
    low, high = interval(_seeds_of(told, measure, told.focus))[1:]
    if measure == "profit" and means(told).loc[told.focus, "profit"] < 0:
        low, high = -high, -low
    written = [style.number(v) if measure == "customers" else amount(v) for v in (low, high)]
    return f" (95 %: {written[0]} to {written[1]})" if math.isfinite(low) else ""


def _seeds_of(told: Told, measure: str, firm: str) -> np.ndarray:
    assert told.luck is not None
    values = told.luck.loc[told.luck["firm"] == firm, measure].to_numpy(dtype=float)
    return values[np.isfinite(values)]


def sureness(told: Told) -> str:
    """How sure the answer is: the interval over seeds, or that there is none."""
    if told.luck is None:
        return (
            f"This is one run, with seed {told.seeds[0]}: it has no interval, for how much of it is luck is not measured "
            "here. With --seeds 20 (in Python, seeds=20) the report measures it."
        )
    measure = answer_measure(told)
    worlds = told.luck.pivot(index="seed", columns="firm", values=measure)[[told.focus, *told.rivals]]
    best = worlds.max(axis=1) == worlds[told.focus]
    first, last = min(told.seeds), max(told.seeds)
    ahead = f" {told.focus} is ahead in {int(best.sum())} of them." if worlds.shape[1] > 1 else ""
    return (
        f"Intervals are for the mean of {len(told.seeds)} worlds that differ in luck alone (seeds {first} to {last})."
        f"{ahead} Pictures, and tables that name no seeds, show seed {first}."
    )


def luck_table(told: Told) -> Table:
    """The focus over the seeds: mean, interval, least and most."""
    rows = []
    for name, (head, kind, _) in MEASURES.items():
        values = _seeds_of(told, name, told.focus)
        unit = {MONEY: told.currency, SHARE: "%", COUNT: "people"}[kind]
        scale = 100.0 if kind == SHARE else 1.0
        numbers = [*interval(values), values.min(initial=math.inf), values.max(initial=-math.inf)]
        rows.append(
            (head, unit, *[None if not math.isfinite(v) else scale * v for v in numbers], len(values))
        )
    heads = ("mean", "95 % from", "to", "least", "most")
    columns = [
        Column("measure"),
        Column("unit", TEXT),
        *[Column(head, MIXED) for head in heads],
        Column("seeds", COUNT),
    ]
    note = "The interval is of the mean (Student's t); least and most are single worlds."
    return Table("luck", f"{told.focus} over {len(told.seeds)} seeds", columns, rows, note)


# ---------------------------------------------------------------- where it turns


def standing(told: Told) -> Table:
    """Who is ahead by which measure: of one run and since when, or in the mean over the seeds; no rows where all rivals are one firm."""
    firms = means(told).loc[[told.focus, *told.rivals]]
    months, is_mean = told.tables["months"], told.luck is not None
    months = months[months["firm"].isin(firms.index)]
    rows: list[tuple[Any, ...]] = []
    span = f"{min(told.months, YEAR)} month{'s' if told.months > 1 else ''}"
    for name, (head, kind, per) in MEASURES.items() if told.rivals or not told.all_rivals else ():
        values = firms[name].astype(float)
        if not values.notna().any():
            continue
        leader = str(values.idxmax())
        others = values.drop(told.focus)
        rival = str(others.idxmax()) if others.notna().any() else None
        unit = "%" if kind == SHARE else told.currency if kind == MONEY else "people"
        scale = 100.0 if kind == SHARE else 1.0
        since = () if is_mean else (_since(months, name, leader),)
        rows.append(
            (
                head, f"{unit}, {span}" if per else unit, scale * values[told.focus],
                None if rival is None else scale * others[rival], rival, leader, *since,
            )
        )  # fmt: skip
    columns = [
        Column("measure"), Column("unit"), Column(told.focus, MIXED), Column("best of the others", MIXED),
        Column("who that is"), Column("ahead at the end"), *([] if is_mean else [Column("since month", COUNT)]),
    ]  # fmt: skip
    note = (
        f"Means over {len(told.seeds)} seeds."
        if is_mean
        else "Since month: from when on the leader has been ahead without a break; revenue and profit month by month."
    )
    return Table("standing", "Who is ahead, by which measure", columns, rows, note)


def _since(months: pd.DataFrame, measure: str, leader: str) -> int | None:
    """The month from which on a firm has had the largest value, up to the end; None if it has not at the end."""
    worlds = months.pivot(index="month", columns="firm", values=measure)
    worlds = worlds[worlds.notna().any(axis=1)]
    ahead = (worlds[leader] == worlds.max(axis=1)).to_numpy()
    if not len(ahead) or not ahead[-1]:
        return None
    behind = np.flatnonzero(~ahead)
    return int(worlds.index[behind[-1] + 1 if len(behind) else 0])


def turns(told: Told, table: Table) -> Sequence[str]:
    """Where the answer turns, as far as a run, or runs that differ in luck alone, can tell."""
    points = []
    basis = f"With seed {told.seeds[0]} alone" if told.luck is None else f"Over {len(told.seeds)} seeds"
    if told.rivals:
        ahead = [row[0] for row in table.rows if row[5] == told.focus]
        behind = [row[0] for row in table.rows if row[5] != told.focus]
        if ahead and behind:
            points.append(
                f"{basis} it depends on the measure: {told.focus} is ahead in {_listed(ahead)}, not in {_listed(behind)}."
            )
        else:
            points.append(
                f"{basis} it does not depend on the measure: {told.focus} is {'ahead' if ahead else 'behind'} in all of them."
            )
    if said := of_all_rivals(told):
        points.append(said)
    points.append(
        "No assumption was varied: every parameter stood at one value, so this report cannot say at which value the "
        "answer would turn. Change what you doubt most, and look again: --change ADDRESS=VALUE."
    )
    return points


def _listed(words: Sequence[str]) -> str:
    from sim.terminal import listed

    return listed(list(words))
