"""The report of a firm whose margin nobody gave: its sentences, heads and pictures speak of no profit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.margin import renamed
from sim.show.pictures import alt_text, figure_of, set_alt_text
from sim.show.report.exhibits import Exhibit, Picture, Report, Section, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def renamed_report(report: Report) -> Report:
    """A report with all its sentences, heads and pictures in these words; parameters keep their meanings."""
    return dataclasses.replace(
        report, answer=renamed(report.answer), sureness=renamed(report.sureness), first=_exhibit(report.first),
        sections=[_section(one) for one in report.sections], sheets=[_table(one) for one in report.sheets],
    )  # fmt: skip


def _section(section: Section) -> Section:
    return dataclasses.replace(
        section, title=renamed(section.title), lead=[renamed(text) for text in section.lead],
        exhibits=[_exhibit(one) for one in section.exhibits], points=[renamed(text) for text in section.points],
    )  # fmt: skip


def _exhibit(exhibit: Exhibit) -> Exhibit:
    picture = exhibit.picture and Picture(exhibit.picture.name, _drawing(exhibit.picture.draw))
    return Exhibit(_table(exhibit.table), picture, exhibit.in_workbook)


def _table(table: Table) -> Table:
    if table.fixed:
        return table
    return dataclasses.replace(
        table, caption=renamed(table.caption), note=renamed(table.note),
        columns=[one._replace(head=renamed(one.head), unit=renamed(one.unit)) for one in table.columns],
        rows=[[renamed(value) if isinstance(value, str) else value for value in row] for row in table.rows],
    )  # fmt: skip


def _drawing(draw: Callable[[], Axes]) -> Callable[[], Axes]:
    """A picture drawn, then its words changed."""

    def drawn() -> Axes:
        from matplotlib.text import Text

        ax: Any = draw()
        for text in figure_of(ax).findobj(Text):
            said = text.get_text()  # type: ignore[attr-defined]
            if renamed(said) != said:
                text.set_text(renamed(said))  # type: ignore[attr-defined]
        set_alt_text(ax, renamed(alt_text(ax)))
        return ax  # type: ignore[no-any-return]

    return drawn
