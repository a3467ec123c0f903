"""A report's tables as a workbook: a sheet a table, units in the heads, names that a program could obey made inert."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from sim.show.report.exhibits import COUNT, MONEY, NUMBER, SHARE, Column, Report, Table, missing

MOST_ROWS = 1_048_575
"""Rows of a sheet below its head."""

FORMATS = {COUNT: "#,##0", MONEY: "#,##0.00", SHARE: "0.0", NUMBER: "General"}
OBEYED = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a text must not begin with: a program that opens it as a formula would run it."""

NEVER_CHANGES = datetime.datetime(2000, 1, 1)
"""The date in the file: the same tables give the same bytes."""


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(OBEYED) else text


def tables_of(report: Report) -> list[Table]:
    """The tables that have a sheet, in the order of the page."""
    shown = [one.table for one in report.exhibits() if one.in_workbook and one.table.rows]
    return [*shown, *report.sheets]


def as_workbook(report: Report) -> bytes:
    """The workbook as a file's content."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": inert(report.title), "created": NEVER_CHANGES})
    head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
    formats = {kind: book.add_format({"num_format": shown}) for kind, shown in FORMATS.items()}
    names: set[str] = set()
    for table in tables_of(report):
        sheet = book.add_worksheet(_name(table.name, names))
        sheet.freeze_panes(1, 1)
        for place, column in enumerate(table.columns):
            sheet.write_string(0, place, inert(column.heading()), head)
            sheet.set_column(place, place, _width(column, table.rows, place))
        for line, row in enumerate(table.rows[:MOST_ROWS], 1):
            for place, value in enumerate(row):
                _write(sheet, line, place, value, table.columns[place], formats)
    book.close()
    return stream.getvalue()


def _write(sheet: Any, line: int, place: int, value: Any, column: Column, formats: dict[str, Any]) -> None:
    """One cell; a share as the percentage that its head says; what is missing stays empty."""
    if missing(value):
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, (int, float)):
        number = 100.0 * value if column.kind == SHARE else value
        sheet.write_number(line, place, number, formats.get(column.kind))
    else:
        sheet.write_string(line, place, inert(str(value)))


def _width(column: Column, rows: Sequence[Sequence[Any]], place: int) -> float:
    """Letters that a column shows."""
    longest = max((len(str(row[place])) for row in rows[:200] if not missing(row[place])), default=0)
    if column.kind != "text":
        longest = min(longest, 12)
    return float(min(60, max(longest + 1, min(len(column.heading()), 16) + 1, 8)))


def _name(wanted: str, taken: set[str]) -> str:
    """A sheet's name as spreadsheets allow it, and none twice."""
    name = base = inert(re.sub(r"[\[\]:*?/\\]", " ", wanted)).strip("'")[:31] or "table"
    k = 1
    while name.lower() in taken:
        k += 1
        name = f"{base[: 30 - len(str(k))]} {k}"
    taken.add(name.lower())
    return name
