"""The report of a sweep: where the firm does best, and what each parameter does."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

from sim.margin import is_without_margin
from sim.scale import in_words
from sim.show import sweeps
from sim.show.report import run_tables as t
from sim.show.report.exhibits import (
    COUNT,
    MONEY,
    NUMBER,
    SHARE,
    Column,
    Exhibit,
    Picture,
    Report,
    Section,
    Table,
)
from sim.show.report.without_margin import renamed_report

if TYPE_CHECKING:
    import pandas as pd

MOST_PAIRS = 3
"""Pairs of parameters that a report draws as maps."""

MEASURES = ("customer_equity", "profit", "customers", "annual_retention")
"""What is told of each parameter, where it has a value."""


def report(done: Any) -> Report:
    """The report of a sweep (`Sweep`)."""
    table, addresses = done.table, done.plan.addresses
    if not len(table):
        raise ValueError("no run of this sweep is done yet: there is nothing to report")
    market = done.scenario.market
    about = f"{market.customers:,} customers, {market.months} months; {done.plan.sentence}. You are {done.scenario.focus}.{in_words(done.scenario)}"
    rows, metric, _ = sweeps.rows_of(table, None, None)
    sections = [
        _of_address(done, address, metric if address == addresses[0] else "") for address in addresses
    ]
    pairs = [pair for pair in combinations(addresses, 2) if done.plan.design != "list"][:MOST_PAIRS]
    sections += [_of_pair(table, rows, metric, pair, market.currency) for pair in pairs]
    sections += [_aside(done)] if len(done.set_aside) else []
    first = _effect(done, addresses[0], metric)
    made_of = Report(
        done.scenario.title, about, done.scenario.info.question, done.headline, _sureness(done, metric), first, sections,
        [_whole(table, market.currency, market.months)],
    )  # fmt: skip
    return renamed_report(made_of) if is_without_margin(done.scenario) else made_of


def _sureness(done: Any, metric: str) -> str:
    """What the intervals say: by the addresses whose intervals are over seeds, and those whose are over points."""
    over = {address: done.effect(address, metric)["over"].iloc[0] for address in done.plan.addresses}
    paired, spread = ([a for a, of in over.items() if of == name] for name in ("seeds", "points"))
    of = "Intervals" if not paired else f"Intervals of {' and '.join(spread)}"
    points = (
        f"{of} have the spread of the points of a value or group, with what else was varied, and the luck of the seeds "
        "(95 %, Student's t; of one point the luck alone). No differences are told, for the values do not share their other values."
    )
    alone = f"Seed {done.seeds[0]} alone was run: how much is luck is not measured here. Give seeds = 10, or more."
    of = "Intervals" if not spread else f"Intervals of {' and '.join(paired)}"
    seeds = (
        f"{of} are of the mean over {len(done.seeds)} seeds (95 %, Student's t): they say how much is luck, not whether "
        "the other assumptions hold. Each seed has the same luck at every value, so that differences are surer than levels."
    )
    seeds = alone if len(done.seeds) == 1 else seeds if paired else ""
    return " ".join(part for part in (seeds, points if spread else "") if part)


def _effect(done: Any, address: str, metric: str) -> Exhibit:
    """What one parameter does to one measure: picture and table."""
    found = done.effect(address, metric)
    kind, unit = _kind(metric, done.scenario.market.currency)
    numbers = {"mean": "mean", "low": "95 % from", "high": "to"}
    if (found["over"] == "seeds").all():
        numbers |= {"difference": "difference from the first", "from": "95 % from", "to": "to"}
    heads = [
        Column(address), *[Column(head, kind, unit) for head in numbers.values()], Column("runs", COUNT)
    ]  # fmt: skip
    values = found[list(numbers)].to_numpy(dtype=float)
    rows = [
        (label, *map(t.plain, row), int(runs))
        for label, row, runs in zip(sweeps.labels(found["value"]), values, found["runs"], strict=True)
    ]
    left = sweeps.left_out(sweeps.rows_of(done.table, metric, None)[0], found)
    caption = f"{sweeps.panel_for(metric).title} by {address}{f' ({left})' if left else ''}"
    name = f"{address.replace('.', '-')}-{metric.replace('_', '-')}"
    draw = partial(sweeps.sweep, done.table, of=address, metric=metric)
    return Exhibit(Table(name[-28:], caption, heads, rows), Picture(name, draw))


def _kind(metric: str, currency: str) -> tuple[str, str]:
    """How a measure stands in a table, and its unit, short."""
    panel = sweeps.panel_for(metric)
    kind = {"money": MONEY, "share": SHARE}.get(panel.kind, NUMBER)
    return (
        kind,
        currency if kind == MONEY else "" if kind == SHARE else "people" if panel.kind == "count" else "",
    )


def _of_address(done: Any, address: str, told: str) -> Section:
    """What one parameter does, measure by measure, but for the one that is told already."""
    rows, _, _ = sweeps.rows_of(done.table, None, None)
    known = [metric for metric in MEASURES if metric != told and rows[metric].notna().any()]
    others = len(done.plan.addresses) > 1
    lead = ["Over what else was varied the mean is taken."] if others else []
    exhibits = [_effect(done, address, metric) for metric in known]
    return Section(f"of-{address.replace('.', '-')}", f"What {address} does", lead, exhibits)


def _of_pair(
    table: pd.DataFrame, rows: pd.DataFrame, metric: str, pair: tuple[str, str], currency: str
) -> Section:
    across, up = pair
    means = rows.groupby([across, up], sort=False)[metric].mean().reset_index()
    kind, unit = _kind(metric, currency)
    heads = [Column(across), Column(up), Column(sweeps.panel_for(metric).title, kind, unit)]
    cells = list(
        zip(*(sweeps.labels(means[name]) for name in pair), map(t.plain, means[metric]), strict=True)
    )
    name = f"map-{across.replace('.', '-')}-{up.replace('.', '-')}"
    caption = f"{sweeps.panel_for(metric).title} by {across} and {up}"
    exhibit = Exhibit(
        Table(name[-28:], caption, heads, cells),
        Picture(name, partial(sweeps.sweep, table, of=list(pair), metric=metric)),
    )
    return Section(name, f"{across} and {up} together", [], [exhibit])


def _aside(done: Any) -> Section:
    """Runs that could not be done."""
    table = done.set_aside
    heads = [Column(str(name)) for name in table.columns]
    rows = [tuple(sweeps.shown(value) for value in row) for row in table.itertuples(index=False)]
    return Section(
        "aside", "Runs that were set aside", [], [Exhibit(Table("set aside", "Set aside", heads, rows))]
    )


def _whole(table: pd.DataFrame, currency: str, months: int) -> Table:
    columns = [t.column_at_end(str(head), currency, months) for head in table.columns]
    return Table("runs", "All runs", columns, t.frame_rows(table))
