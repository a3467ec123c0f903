"""The report of a claim: the sentence, its verdict, the cells, how it was tried."""

from __future__ import annotations

from functools import partial
from typing import Any

from pandas.api.types import is_numeric_dtype

from sim.show.claims import claim_picture
from sim.show.report import run_tables as t
from sim.show.report.exhibits import MIXED, Column, Exhibit, Picture, Report, Section, Table


def report(found: Any) -> Report:
    """The report of a claim (`Claim`)."""
    if not found.parts:
        raise ValueError(f"{found.name} {found.verdict}: there is nothing to report; {found.waits_for}")
    drawn, picture = found.picture_table, found.picture
    first = Exhibit(
        _of_frame(drawn, "picture", picture.title, picture.unit),
        Picture(found.name.replace("_", "-"), partial(claim_picture, drawn, picture)),
    )
    sections = [_of_part(one, place) for place, one in enumerate(found.parts)]
    sections.append(
        Section(
            "how",
            "How it was tried",
            [found.design, f"Measured: {found.outcome}", found.rule, found.how_much],
            [],
        )
    )
    about = f"{found.source}. Status: {found.status}. {found.how_much}"
    headline = f"{found.verdict[:1].upper()}{found.verdict[1:]}"
    headline += f": {found.flips_where}." if found.flips_where else "."
    sure = "Intervals are of the mean paired difference over the seeds (95 %, Student's t); what a cell says is corrected for their number (Holm)."
    return Report(
        found.sentence, about, "Does the market say so?", " ".join([headline, *found.notes]), sure, first, sections,
        [_of_frame(found.rows, "rows", "All rows, a seed and arm each", "")],
    )  # fmt: skip


def _of_part(one: Any, place: int) -> Section:
    """A part with its cells."""
    factors = list(dict.fromkeys(name for cell in one.cells for name in cell.where))
    heads = [Column(name.replace("_", " ")) for name in factors] or [Column("where")]
    heads += [
        Column("effect", MIXED, one.part.unit),
        Column("95 % from", MIXED),
        Column("to", MIXED),
        Column("says"),
    ]
    rows = [
        (*([str(cell.where.get(name, "")) for name in factors] or ["everywhere"]), *map(t.plain, (cell.mean, cell.low, cell.high)), cell.says)
        for cell in one.cells
    ]  # fmt: skip
    name = one.part.name or "cells"
    lead = [f"{one.part.says[:1].upper()}{one.part.says[1:]}: {one.verdict}."]
    lead += ["A check of the program; it does not count for the verdict."] if one.part.is_check else []
    exhibits = [Exhibit(Table(name[:28], name, heads, rows))] if rows else []
    return Section(f"part-{place + 1}", name[:1].upper() + name[1:], lead, exhibits)


def _of_frame(frame: Any, name: str, caption: str, unit: str) -> Table:
    """A table with its numbers as numbers."""
    is_number = {key: is_numeric_dtype(frame[key]) for key in frame.columns}
    heads = [
        Column(
            str(key).replace("_", " "), MIXED if is_number[key] else "text", unit if key == "value" else ""
        )
        for key in frame.columns
    ]
    return Table(name, caption, heads, t.frame_rows(frame))
