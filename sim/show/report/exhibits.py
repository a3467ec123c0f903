"""What a report is made of: sections, with pictures, and with a table for each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.show import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TEXT, COUNT, MONEY, SHARE, NUMBER, MIXED = "text", "count", "money", "share", "number", "mixed"

TALL = 24
"""Rows of a table that is still kept together on paper."""

SHORT = 22
"""Letters of a text that stays on one line."""


class Column(NamedTuple):
    """A column of a table: its head, the kind of its values, their unit.

    ``kind`` is text, count, money, share (0 to 1, shown in %), number, or mixed: numbers of several units.
    """

    head: str
    kind: str = TEXT
    unit: str = ""

    def heading(self) -> str:
        """The head with its unit: `profit (EUR)`."""
        unit = self.unit or ("%" if self.kind == SHARE else "")
        return f"{self.head} ({unit})" if unit.strip() else self.head


@dataclass(frozen=True)
class Table:
    """A table of plain values; missing is None.

    Attributes
    ----------
    name : of its sheet in the workbook, short.
    caption : what it shows, in a line.
    columns : as many as each row has values; the first names the row.
    rows : sequence of rows.
    note : what a reader must know beside it.
    fixed : whether its columns share the page's width in fixed parts, for long texts.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    note: str = ""
    fixed: bool = False

    @property
    def is_tall(self) -> bool:
        """Whether it is too long to be kept on one page of paper."""
        return len(self.rows) > TALL

    def looks(self) -> list[str]:
        """How each column stands: `number`; text `short` enough never to be broken, or `long`; "" where fixed."""
        return [
            "number" if column.kind != TEXT
            else "" if self.fixed
            else "short" if all(len(str(row[k])) <= SHORT for row in self.rows)
            else "long"
            for k, column in enumerate(self.columns)
        ]  # fmt: skip

    def cells(self) -> list[list[str]]:
        """The values as a reader sees them; each column with as many digits as it needs."""
        by_column = [_written(column, [row[k] for row in self.rows]) for k, column in enumerate(self.columns)]
        return [list(row) for row in zip(*by_column, strict=True)]


def missing(value: Any) -> bool:
    """None, NaN or pandas' NA."""
    return (
        value is None or value != value
        if isinstance(value, (float, type(None)))
        else type(value).__name__ == "NAType"
    )


def _written(column: Column, values: Sequence[Any]) -> list[str]:
    """The cells of one column."""
    if column.kind == TEXT:
        return ["–" if missing(value) or value == "" else str(value) for value in values]
    numbers = [math.nan if missing(value) else float(value) for value in values]
    if column.kind == SHARE:
        return [style.number(100.0 * value, 1) for value in numbers]
    if column.kind == MIXED:
        return [style.number(value, _mixed(value)) for value in numbers]
    digits = 0 if column.kind == COUNT else _digits(column.kind, numbers)
    return [style.number(value, digits) for value in numbers]


def _digits(kind: str, numbers: Sequence[float]) -> int:
    """Digits after the point: amounts have cents or none, other numbers three figures of the largest."""
    most = max((abs(value) for value in numbers if math.isfinite(value)), default=0.0)
    if kind == MONEY:
        return 0 if most >= 1000.0 else 2
    return 0 if most >= 100.0 else 1 if most >= 10.0 else 2 if most >= 1.0 or not most else 3


def _mixed(value: float) -> int:
    """Digits after the point of a number that stands by itself."""
    size = abs(value) if math.isfinite(value) else 0.0
    return 0 if size >= 100.0 or size == round(size) else 1 if size >= 10.0 else 2 if size >= 0.01 else 4


@dataclass(frozen=True)
class Picture:
    """A picture of a report: the name of its file, and what draws it."""

    name: str
    draw: Callable[[], Axes]


@dataclass(frozen=True)
class Exhibit:
    """A picture and the same in numbers; either may stand alone, a picture never without its table."""

    table: Table
    picture: Picture | None = None
    in_workbook: bool = True

    def __post_init__(self) -> None:
        if self.picture is not None and not self.table.rows:
            object.__setattr__(self, "picture", None)  # nothing to show: no empty picture


@dataclass(frozen=True)
class Section:
    """A part of a report: a heading, sentences, exhibits.

    ``wide`` exhibits take a row each; others stand side by side where there is room. ``folded`` ones are
    opened by the reader (and in print are open).
    """

    key: str
    title: str
    lead: Sequence[str] = ()
    exhibits: Sequence[Exhibit] = ()
    points: Sequence[str] = ()
    wide: bool = True
    folded: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "exhibits", [one for one in self.exhibits if one.table.rows])


@dataclass(frozen=True)
class Report:
    """A whole report, before it is written.

    Attributes
    ----------
    title, about : its head: what was run, and how long.
    question : the question of the scenario, if it has one.
    answer : one sentence. sureness : the interval, or why there is none.
    first : the one picture beside the answer.
    sections : in order. sheets : tables for the workbook alone.
    """

    title: str
    about: str
    question: str
    answer: str
    sureness: str
    first: Exhibit
    sections: Sequence[Section]
    sheets: Sequence[Table] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        names = [one.picture.name for one in self.exhibits() if one.picture is not None]
        if len(set(names)) < len(names):
            raise ValueError(
                f"two pictures of one name: {sorted(name for name in set(names) if names.count(name) > 1)}"
            )

    def exhibits(self) -> list[Exhibit]:
        """All of them, the first one first."""
        return [self.first, *[one for section in self.sections for one in section.exhibits]]

    @property
    def names_customers(self) -> bool:
        """Whether a customer's id stands in the page; the workbook's own sheets do not count."""
        return any(column.head == "customer" for one in self.exhibits() for column in one.table.columns)
