"""Tables that fit the window: shorter heads, shorter names, fewer columns; numbers are never cut or wrapped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sim.terminal import WIDTH, is_missing, listed, shorten, wide

if TYPE_CHECKING:
    from sim.terminal import Terminal

GAP = "  "
SHORTEST_NAME = 8
LOOSE = 8
"""A head may make its column this wide, rather than take another line, where there is room."""


@dataclass
class Column:
    """A column of a table.

    Attributes
    ----------
    head : str
        What stands above it.
    cells : sequence of str
    unit : str
        A line of its own below the head.
    short : str
        The head where there is little room.
    keep : int
        The lower, the earlier it is left out where the window is too narrow; 9 never, 0 without a word.
    left : bool
        Text, which begins at the left.
    least : int
        How far its texts may be cut; numbers never are.
    """

    head: str
    cells: Sequence[str]
    unit: str = ""
    short: str = ""
    keep: int = 5
    left: bool = False
    least: int = SHORTEST_NAME

    def heading(self, short: bool) -> list[str]:
        """The words of the head, as many lines as it takes, and the unit."""
        words = (self.short if short and self.short else self.head).split()
        width = max([wide(word) for word in (*words, self.unit)] + [self.body(), 0 if short else LOOSE])
        lines = [""]
        for word in words:
            if wide(f"{lines[-1]} {word}") > width and lines[-1]:
                lines.append(word)
            else:
                lines[-1] = f"{lines[-1]} {word}".strip()
        return [*lines, self.unit] if self.unit else lines

    def body(self) -> int:
        """The width of the widest cell."""
        return max((wide(cell) for cell in self.cells), default=0)

    def width(self, short: bool) -> int:
        """The width of the column."""
        return max(self.body(), max(wide(line) for line in self.heading(short)))

    def cut(self, width: int) -> Column:
        """The same column with its texts cut to a width."""
        return replace(self, cells=[shorten(cell, width) for cell in self.cells])


def money(
    head: str, values: Sequence[Any], currency: str, *, per: str = "", short: str = "", keep: int = 5
) -> Column:
    """A column of amounts: whole from 1,000 up, in thousands (k) from a million up, the currency in the head."""
    given = [abs(value) for value in values if not is_missing(value)]
    largest = max(given, default=0.0)
    scale, sign = next(
        ((s, g) for s, g in ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")) if largest >= 1e3 * s),
        (1.0, ""),
    )
    decimals = 0 if largest / scale >= 1000 else 2
    cells = ["–" if is_missing(value) else f"{value / scale:,.{decimals}f}" for value in values]
    unit = " ".join(filter(None, [sign, currency if wide(currency) <= 4 else "", per]))
    return Column(head, cells, unit, short, keep)


def money_note(currency: str) -> str:
    """What says the currency where it is too long for the heads of columns."""
    return "" if wide(currency) <= 4 else f"Amounts in {currency}."


def fitted(columns: Sequence[Column], width: int) -> tuple[list[Column], bool, list[str]]:
    """The columns that fit: with long heads, else short ones, else texts cut, else without the least important.

    Returns
    -------
    columns, whether with short heads, heads of those left out
    """
    shown = list(columns)
    gone: list[str] = []

    def total(short: bool) -> int:
        return sum(c.width(short) for c in shown) + len(GAP) * (len(shown) - 1)

    while True:
        for short in (False, True):
            if total(short) <= width:
                return shown, short, gone
        texts = [i for i, c in enumerate(shown) if c.left and c.body() > c.least]
        spare = sum(shown[i].body() - shown[i].least for i in texts)
        if total(True) - spare <= width:
            return _cut(shown, texts, total(True) - width), True, gone
        least = min(shown, key=lambda c: c.keep)
        if least.keep >= 9 or len(shown) == 1:
            return _cut(shown, texts, total(True) - width), True, gone
        shown.remove(least)
        gone += [least.head] if least.keep else []


def _cut(columns: list[Column], texts: list[int], excess: int) -> list[Column]:
    """The columns with their longest texts cut until the table is narrower by `excess`."""
    widths = {i: columns[i].width(True) for i in texts}
    while excess > 0 and any(width > columns[i].least for i, width in widths.items()):
        widths[max(widths, key=lambda i: widths[i] - columns[i].least)] -= 1
        excess -= 1
    return [column.cut(widths[i]) if i in widths else column for i, column in enumerate(columns)]


def table_lines(columns: Sequence[Column], width: int = WIDTH) -> tuple[list[str], list[str], list[str]]:
    """A table as lines of text: those of its head, those of its rows, and the heads left out."""
    shown, short, gone = fitted(columns, width)
    widths = [column.width(short) for column in shown]
    heads = [column.heading(short) for column in shown]
    depth = max(len(head) for head in heads)
    heads = [[""] * (depth - len(head)) + head for head in heads]

    def line(cells: Sequence[str]) -> str:
        parts = []
        for cell, column, room in zip(cells, shown, widths, strict=True):
            blank = " " * (room - wide(cell))
            parts.append(cell + blank if column.left else blank + cell)
        return GAP.join(parts).rstrip()

    top = [line([head[i] for head in heads]) for i in range(depth)]
    rows = [line(cells) for cells in zip(*(column.cells for column in shown), strict=True)]
    return top, rows, gone


def print_table(
    columns: Sequence[Column], terminal: Terminal, more: str = "a wider window or --json"
) -> None:
    """Print a table that fits the window; what had no room is named below it, with where to find it."""
    top, rows, gone = table_lines(columns, terminal.width)
    for line in top:
        terminal.bold(line)
    terminal.say(("─" if terminal.out.isatty() else "-") * max(wide(line) for line in (*top, *rows)))
    for line in rows:
        terminal.say(line)
    if gone:
        terminal.write(f"No room for {listed(gone)}: {more} shows it all.")
