"""Lives of the same customers in several worlds: what is the same is told once, the first difference is marked."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, cast

import pandas as pd

from sim.lives_told import Lives

MARK = "▶"
"""What stands before the first difference of a life."""


class SideBySide:
    """The lives of some customers in several worlds.

    Attributes
    ----------
    worlds : dict of str to Lives, by the names of the worlds.
    table : DataFrame
        A row an event and world: `alternative`, then the columns of `Lives.table`, and `same`, whether the same event stands
        in every world.
    sentences : list of str
        A line a month where all worlds agree, else one a world, with its name; the first difference is marked with ▶.
    """

    def __init__(self, worlds: Mapping[str, Lives]) -> None:
        self.worlds = dict(worlds)
        parts = []
        for name, lives in self.worlds.items():
            part = lives.table.copy()
            part.insert(0, "alternative", name)
            parts.append(part)
        table = pd.concat(parts, ignore_index=True)
        keys = [column for column in table.columns if column != "alternative"]
        as_text = table[keys].astype(object).where(table[keys].notna(), "").astype(str)
        among = table["alternative"].groupby([as_text[key] for key in keys]).transform("nunique")
        table["same"] = among == len(self.worlds)
        cast(Any, table).attrs = {
            key: v for key, v in next(iter(self.worlds.values())).table.attrs.items() if key != "changes"
        }
        self.table = table

    @property
    def sentences(self) -> list[str]:
        """A line a month where all worlds agree, else one a world."""
        lines: list[str] = []
        for month, said, is_first in self._rows():
            if len(set(said.values())) == 1:
                lines.append(next(iter(said.values())))
                continue
            for name, line in said.items():
                text = line if line.startswith("month ") or not month else f"month {month}: {line}"
                lines.append(f"{MARK + ' ' if is_first else ''}[{name}] {text}")
        return lines

    def _rows(self) -> Iterator[tuple[int, dict[str, str], bool]]:
        """Month, what each world says of it, and whether it is the first in which they differ; 0 before the first month."""
        for customer in self._customers():
            told = {name: _by_month(lives.of([customer]).sentences) for name, lives in self.worlds.items()}
            marked = False
            for key in sorted({key for months in told.values() for key in months}):
                said = {name: months.get(key, "nothing happened.") for name, months in told.items()}
                differs = len(set(said.values())) > 1
                yield key[0], said, differs and not marked
                marked = marked or differs

    def _customers(self) -> list[int]:
        first = next(iter(self.worlds.values()))
        return [int(one) for one in dict.fromkeys(first.states["customer"])]

    def __repr__(self) -> str:
        return "\n".join(textwrap.fill(line, 100, subsequent_indent="  ") for line in self.sentences)

    def _repr_html_(self) -> str:
        """A column a world; what is the same in all stands across them."""
        cell = 'style="text-align: left; vertical-align: top; padding: 0.15em 1.2em 0.15em 0"'
        heads = "".join(f'<th scope="col" {cell}>{escape(name)}</th>' for name in self.worlds)
        rows = []
        for month, said, is_first in self._rows():
            texts = [line.removeprefix(f"month {month}: ") for line in said.values()]
            same = len(set(texts)) == 1
            cells = "".join(f"<td {cell}>{escape(text)}</td>" for text in texts)
            across = f'<td {cell} colspan="{len(texts)}">{escape(texts[0])}</td>'
            mark = f"{MARK} " if is_first else ""
            rows.append(
                f'<tr><th scope="row" {cell}>{mark}{month or ""}</th>{across if same else cells}</tr>'
            )
        return (
            f'<table style="line-height: 1.4"><thead><tr><th scope="col" {cell}>month</th>{heads}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table>"
        )


def _by_month(lines: list[str]) -> dict[tuple[int, int], str]:
    """The lines of a life by (month, place within it): who comes in stands after the month in which the place was left."""
    found: dict[tuple[int, int], str] = {}
    month = 0
    for line in lines:
        is_month = line.startswith("month ")
        if is_month:
            month = int(line[6 : line.index(":")])
        found[month, 0 if is_month or not month else 1] = line
    return found
