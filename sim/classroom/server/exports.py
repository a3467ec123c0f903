"""The tables of the game for the instructor to save: each as CSV, all as a workbook."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from sim.classroom import gradebook
from sim.classroom.game import Game

TABLES = {
    "gradebook": gradebook.gradebook, "teams": gradebook.teams, "rounds": gradebook.rounds, "reasons": gradebook.reasons,
    "decisions": gradebook.decisions,
}  # fmt: skip
WORKBOOK = "class.xlsx"
NAMES = (*(f"{name}.csv" for name in TABLES), WORKBOOK)
"""The files that can be saved."""

SHEET_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
)


def made(game: Game, name: str) -> tuple[bytes, str]:
    """A file's content and its kind."""
    if name == WORKBOOK:
        return workbook(game), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return gradebook.as_csv(TABLES[name.removesuffix(".csv")](game)), "text/csv; charset=utf-8"


def workbook(game: Game) -> bytes:
    """All tables, a sheet each; texts are texts, whatever they look like."""
    import xlsxwriter

    data = io.BytesIO()
    plain = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(data, plain) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for name, make in TABLES.items():
            _write(book.add_worksheet(name), make(game), head)
    return data.getvalue()


def _write(sheet: Any, rows: Sequence[Sequence[Any]], head: Any) -> None:
    sheet.freeze_panes(1, 0)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, (int, float)) and not isinstance(cell, bool):
                sheet.write_number(i, j, cell)
            else:
                sheet.write_string(i, j, str(cell), head if i == 0 else None)
    sheet.set_column(0, max(len(row) for row in rows), 14)
