"""The report of a comparison: what an alternative changes, how sure that is, and where it turns."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from sim.margin import is_without_margin
from sim.scale import in_words
from sim.show import plots, style
from sim.show.letters import span
from sim.show.lives import count_four
from sim.show.report import of_run
from sim.show.report import run_tables as t
from sim.show.report.assumptions import Assumption, assumptions, by_part, in_a_sentence
from sim.show.report.effects import MEASURES, effect_table, measures_table, reading, rows_of
from sim.show.report.exhibits import (
    COUNT,
    MIXED,
    NUMBER,
    SHARE,
    TEXT,
    Column,
    Exhibit,
    Picture,
    Report,
    Section,
    Table,
)
from sim.show.report.told import Told
from sim.show.report.without_margin import renamed_report
from sim.show.tornado import tornado
from sim.terminal import listed


def report(told: Told, with_ids: bool = False) -> Report:
    """The report of a comparison.

    Parameters
    ----------
    told : what it tells of. with_ids : whether the workbook may have a row a customer.
    """
    found, side = assumptions(told), side_by_side(told)
    sections = [
        conditions(told, found), *turning(told), worlds(told), lives(told), in_month(side, told), *of_run.customers(side, False),
        of_run.leaving(side), of_run.permission(side), of_run.money(side), everything(told),
        *of_run.parameter_sections(told, found), of_run.made(told),
    ]  # fmt: skip
    first = Exhibit(effect_table(told), Picture("what-changes", partial(plots.twins, told.tables["table"])))
    made_of = Report(
        told.title, about(told), told.scenario.info.question, told.headline, sureness(told), first, sections,
        sheets(told, with_ids),
    )  # fmt: skip
    return renamed_report(made_of) if is_without_margin(told.scenario, told.sources) else made_of


def about(told: Told) -> str:
    """What was compared, in a line."""
    n = len(told.seeds)
    seeds = f"seed {told.seeds[0]}" if n == 1 else f"{n} seeds"
    return (
        f"{told.scenario.market.customers:,} customers, {told.months} months, {seeds}; the same customers with the same luck "
        f"in {len(told.worlds)} worlds. You are {told.focus}.{in_words(told.scenario)}"
    )


def sureness(told: Told) -> str:
    """What the intervals of the headline are, or that there is none."""
    if len(told.seeds) == 1:
        luck = (
            "One seed was run: the difference has no interval, for how much of it is luck is not measured here. Compare "
            "with --seeds 20 (in Python, seeds=20) to measure it."
        )
    else:
        luck = (
            f"Luck: the interval is for the mean of the differences between twin worlds over {len(told.seeds)} seeds (95 %, "
            f"Student's t). Pictures of months, money and reasons show seed {told.seeds[0]}."
        )
        if len(alternatives(told)) > 1:
            luck += " That of the headline holds for all alternatives that act; those in tables are single."
    if told.stress:
        return (
            f"{luck} Assumptions: from the least to the greatest difference when each moves over its range."
        )
    return f"{luck} Assumptions: not tried; compare with --stress (in Python, stress())."


def alternatives(told: Told) -> list[str]:
    """The worlds but the unchanged one."""
    return [name for name in told.worlds if name != told.base]


def side_by_side(told: Told) -> Told:
    """The worlds in the place of firms, so that what shows a run shows them: the firm's own rows."""
    tables = {}
    for name, table in told.tables.items():
        if "firm" in table and "alternative" in table and name not in ("table", "customers"):
            mine = (
                table[table["firm"] == told.focus]
                .drop(columns="firm")
                .rename(columns={"alternative": "firm"})
            )
            tables[name] = mine
    gone = tables.pop("reasons")
    each = gone.loc[gone.index.repeat(gone["departures"])].drop(columns="departures")
    tables["departures"] = each.assign(reported=None)
    ordered = [told.base, *alternatives(told)]
    tables["firms"] = tables["firms"].set_index("firm").reindex(ordered)
    side = dataclasses.replace(told, firm=told.base, policies=dict(told.worlds), tables=tables)
    side.with_attrs()
    return side


# ---------------------------------------------------------------- what changes


def conditions(told: Told, found: Sequence[Assumption]) -> Section:
    """What would have to be true, and where the answer turns."""
    points = [in_a_sentence(list(found)), *of_run.of_itself(told), *by_measure(told), *by_seed(told)]
    points += told.about_luck if len(told.seeds) > 1 else []
    points.append(
        f"{told.stress['sentence']} What was tried: each assumption with a documented range, one at a time, on the same twins."
        if told.stress
        else f"What was tried: {len(told.seeds)} seed{'s' if len(told.seeds) > 1 else ''}, and no other value of any "
        "parameter. So this report cannot say at which value the answer would turn. Compare with --stress, or change what "
        "you doubt most in all worlds: --change ADDRESS=VALUE."
    )
    exhibits = [Exhibit(measures_table(told)), Exhibit(by_part(list(found)))]
    return Section("conditions", "What would have to be true", (), exhibits, points)


def by_measure(told: Told) -> list[str]:
    """Whether the answer turns with the measure, a sentence a world."""
    said = []
    alone = f", with seed {told.seeds[0]} alone" if len(told.seeds) == 1 else ""
    for name in alternatives(told):
        rows = [row for row in rows_of(told, list(MEASURES)[:5], told.focus) if row["alternative"] == name]
        words: dict[str, list[str]] = {}
        for row in rows:
            word = reading(row, 1).split(",")[0] if alone else reading(row, 1)
            words.setdefault(word, []).append(MEASURES[row["metric"]][0].split(",")[0])
        parts = [f"{kind} in {listed(names)}" for kind, names in words.items()]
        said.append(f"“{name}” against “{told.base}”, for {told.focus}{alone}: {'; '.join(parts)}.")
    return said


def by_seed(told: Told) -> list[str]:
    """In how many worlds the sign is the same."""
    if len(told.seeds) == 1:
        return []
    values = told.tables["seeds"]
    worlds = values[values["metric"] == "customer_equity"].pivot(
        index="seed", columns="alternative", values="value"
    )
    if worlds.isna().to_numpy().any():
        return []
    gains = {name: (worlds[name] - worlds[told.base]).to_numpy() for name in alternatives(told)}
    return [
        f"“{name}” has more customer equity than “{told.base}” with {int((gain > 0).sum())} of {len(gain)} seeds: from "
        f"{style.number(np.min(gain))} to {style.number(np.max(gain))} {told.currency}."
        for name, gain in gains.items()
    ]


def turning(told: Told) -> list[Section]:
    """How far the choice holds when assumptions move, if that was tried."""
    if not told.stress:
        return []
    table = told.tables["stress"]
    money = told.currency
    heads = [
        Column("assumption"), Column("is", TEXT), Column("range", TEXT), Column("difference there", NUMBER, money),
        Column("and there", NUMBER, money), Column("the choice"), Column("turns when it"), Column("source of the range"),
    ]  # fmt: skip
    found: list[Any] = table.to_dict("records")
    rows = [
        (
            row["assumption"], _plain_value(row["value"]), span(row), t.plain(row["at_low"]), t.plain(row["at_high"]),
            row["verdict"], row["turns"], row["range"],
        )
        for row in found
    ]  # fmt: skip
    note = (
        f"Up to {len(told.stress['seeds'])} seeds where it is close, {told.stress['runs']:,} runs. Close: luck could turn it. An "
        "asterisk stands for all segments, firms or levels, moved together, each from its own value."
    )
    whole = Table("stress", "Each assumption over its range", heads, rows, note)
    picture = Picture("tornado", partial(tornado, table))
    lead = [
        f"The choice is “{told.stress['choice']}” rather than “{told.stress['over']}”. {told.stress['sentence']}"
    ]
    return [Section("turns", "Where the answer turns", lead, [Exhibit(whole, picture)])]


def _plain_value(value: object) -> str:
    """A word, or a number with three figures; nothing where it is missing."""
    if isinstance(value, str):
        try:
            value = float(value)  # a table read from a file has numbers beside words
        except ValueError:
            return str(value)
    return f"{value:.3g}" if isinstance(value, (int, float)) and value == value else ""


# ---------------------------------------------------------------- the worlds


def worlds(told: Told) -> Section:
    """What each world is."""
    rows = [(name, words) for name, words in told.worlds.items()]
    table = Table(
        "worlds", "What each world has of its own", [Column("world"), Column("what is different")], rows
    )
    return Section("worlds", "The worlds", [], [Exhibit(table)], told.notes)


def lives(told: Told) -> Section:
    """Whose life went differently: counts, no customer by name."""
    table = told.tables["customers"]
    first = table[table["seed"] == told.seeds[0]]
    here = first.assign(here=first["supplier"] == told.focus).pivot(
        index="customer", columns="alternative", values="here"
    )
    rows = []
    for name in alternatives(told):
        own = first[first["alternative"] == name]
        four = count_four(here[told.base], here[name])
        rows.append((name, *four, *[int(own[key].sum()) for key in ("differs", "stays", "goes")]))
    heads = (
        "in both worlds",
        "only there",
        f"only in {told.base}",
        "in neither",
        "live otherwise",
        "stay",
        "go",
    )
    note = (
        "Live otherwise: anything in their life is not as in the unchanged world. Stay: would have left. Go: would have stayed. "
        f"Seed {told.seeds[0]}."
    )
    counts = Table(
        "lives",
        f"Customers of {told.focus} at the end",
        [Column("world"), *[Column(head, COUNT) for head in heads]],
        rows,
        note,
    )
    draw = partial(plots.customers, first, firm=told.focus)
    return Section("lives", "Whose life goes differently", [], [Exhibit(counts, Picture("lives", draw))])


def in_month(side: Told, told: Told) -> Section:
    """The months of the firm, world by world."""
    section = of_run.over_time(side)
    lead = f"{told.focus} in each world, with seed {told.seeds[0]}; the strong line is “{told.base}”."
    exhibits = [section.exhibits[0], of_run.panel(side, "customers"), *section.exhibits[1:]]
    return dataclasses.replace(section, lead=[lead], exhibits=exhibits)


def everything(told: Told) -> Section:
    """All measures of all firms, of everybody and by kind of customer."""
    table = told.tables["table"]
    heads = [Column("measure"), Column("unit"), Column("firm"), Column("customers"), Column("world"),
             *[Column(head, MIXED) for head in (told.base, "there", "difference", "95 % from", "to")]]  # fmt: skip
    rows = []
    for row in table.to_dict("records"):
        column = t.column_at_end(str(row["metric"]), told.currency, told.months)
        kind = MEASURES.get(str(row["metric"]))
        is_share = column.kind == SHARE or (kind is not None and kind[1] == "%")
        values = [t.plain(row[key]) for key in ("base", "value", "difference", "low", "high")]
        scaled = [None if v is None else 100.0 * v if is_share else v for v in values]
        unit = "%" if is_share and not column.unit else column.unit
        rows.append((column.head, unit, row["firm"], row.get("segment", "all"), row["alternative"], *scaled))
    whole = Table("all measures", "All measures of all firms", heads, rows)
    return Section("measures", "Everything that was measured", [], [Exhibit(whole)], folded=True)


def sheets(told: Told, with_ids: bool) -> list[Table]:
    """Tables that are too long for a page."""
    found = []
    for name in ("months", "ledger", "seeds"):
        table = told.tables[name]
        columns = [t.column_of(str(head), told.currency) for head in table.columns]
        found.append(Table(name, name, columns, t.frame_rows(table)))
    if with_ids:
        table = told.tables["customers"]
        heads = [Column(str(head).replace("_", " "), TEXT) for head in table.columns]
        found.append(Table("customers", "customers", heads, t.frame_rows(table)))
    return found
