"""What people read: tables that fit the window, amounts, shares, a progress bar; plain text in a file or a pipe.

Results go to standard output, everything else (bars, notices, faults) to standard error. Standard
library only; rich is loaded for a bar or for bold letters, on a terminal only.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

Report = Callable[[int, int], None]
"""What a progress bar is moved by: done, total."""

WIDTH = 80
"""Columns of a page where there is no terminal."""

GAP = "  "
SHORTEST_NAME = 8
LOOSE = 8
"""A head may make its column this wide, rather than take another line, where there is room."""


# ---------------------------------------------------------------- cells


def wide(text: str) -> int:
    """Columns that a text takes on a screen: Chinese letters take two, accents none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def shorten(text: str, width: int) -> str:
    """A text cut in its middle, so that `Shop number 1` and `Shop number 2` stay different."""
    if wide(text) <= width:
        return text
    end = ""
    while wide(end) < (width - 1) // 3:
        end = text[-1 - len(end) :]
    start = ""
    while wide(text[: len(start) + 1]) + 1 + wide(end) <= width:
        start = text[: len(start) + 1]
    return f"{start}…{end}"


def is_missing(value: Any) -> bool:
    """None or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def count(value: Any) -> str:
    """12,345."""
    return "–" if is_missing(value) else f"{value:,.0f}"


def percent(value: Any) -> str:
    """24.1 %, from a share of 0 to 1."""
    return "–" if is_missing(value) else f"{100 * value:,.1f} %"


def number(value: Any) -> str:
    """At most four digits that count: 1,234, 12.5, 0.008264."""
    if is_missing(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


# ---------------------------------------------------------------- tables


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
        The lower, the earlier it is left out where the window is too narrow; 9 never.
    left : bool
        Text, which begins at the left and may be cut; numbers never are.
    """

    head: str
    cells: Sequence[str]
    unit: str = ""
    short: str = ""
    keep: int = 5
    left: bool = False

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
        return Column(
            self.head, [shorten(c, width) for c in self.cells], self.unit, self.short, self.keep, self.left
        )


def money(head: str, values: Sequence[Any], currency: str, *, per: str = "", short: str = "", keep: int = 5) -> Column:
    """A column of amounts: whole from 1,000 up, in thousands (k) from a million up, the currency in the head."""
    given = [abs(value) for value in values if not is_missing(value)]
    largest = max(given, default=0.0)
    scale, sign = next(
        ((s, g) for s, g in ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")) if largest >= 1e3 * s), (1.0, "")
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
    shown, gone = list(columns), []

    def total(short: bool) -> int:
        return sum(c.width(short) for c in shown) + len(GAP) * (len(shown) - 1)

    while True:
        for short in (False, True):
            if total(short) <= width:
                return shown, short, gone
        texts = [i for i, c in enumerate(shown) if c.left and c.body() > SHORTEST_NAME]
        spare = sum(shown[i].body() - SHORTEST_NAME for i in texts)
        if total(True) - spare <= width:
            return _cut(shown, texts, total(True) - width), True, gone
        least = min(shown, key=lambda c: c.keep)
        if least.keep >= 9 or len(shown) == 1:
            return _cut(shown, texts, total(True) - width), True, gone
        shown.remove(least)
        gone.append(least.head)


def _cut(columns: list[Column], texts: list[int], excess: int) -> list[Column]:
    """The columns with their longest texts cut until the table is narrower by `excess`."""
    widths = {i: columns[i].width(True) for i in texts}
    while excess > 0 and any(width > SHORTEST_NAME for width in widths.values()):
        widths[max(widths, key=lambda i: widths[i])] -= 1
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


# ---------------------------------------------------------------- the terminal


class Terminal:
    """Where a command writes: results to standard output, the rest to standard error.

    Parameters
    ----------
    quiet : bool
        No notices and no bar: the result only, and faults.

    Attributes
    ----------
    kept : list of str
        Files and folders written so far, for the line that a stop prints.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.kept: list[str] = []
        self.out: TextIO = sys.stdout
        self.err: TextIO = sys.stderr

    @property
    def width(self) -> int:
        """Columns of the window; 80 in a file or a pipe."""
        if not self.out.isatty():
            return WIDTH
        return max(40, shutil.get_terminal_size((WIDTH, 24)).columns)

    def say(self, text: str = "") -> None:
        """A part of the result, as it is."""
        self.out.write(text + "\n")

    def write(self, text: str, *, indent: str = "", hang: str | None = None) -> None:
        """Sentences, wrapped to the window, at most 100 columns wide."""
        after = indent if hang is None else hang
        for line in text.splitlines() or [""]:
            wrapped = textwrap.wrap(
                line, min(self.width, 100), initial_indent=indent, subsequent_indent=after, break_on_hyphens=False
            )
            self.say("\n".join(wrapped))

    def title(self, text: str) -> None:
        """A heading, bold on a terminal."""
        for line in textwrap.wrap(text, min(self.width, 100), break_on_hyphens=False) or [""]:
            self._bold(line)

    def note(self, text: str) -> None:
        """A notice, which `--quiet` hides."""
        if not self.quiet:
            self.fault(text)

    def fault(self, text: str) -> None:
        """What is wrong, a line a fault."""
        self.err.write(text + "\n")
        self.err.flush()

    def kept_so_far(self) -> str:
        """What stands on the disk after a stop."""
        return f"kept: {listed(self.kept)}" if self.kept else "nothing was written"

    def table(self, columns: Sequence[Column]) -> None:
        """A table that fits the window; what had no room is named below it."""
        top, rows, gone = table_lines(columns, self.width)
        rule = max(wide(line) for line in (*top, *rows))
        for line in top:
            self._bold(line)
        self.say(("─" if self.out.isatty() else "-") * rule)
        for line in rows:
            self.say(line)
        if gone:
            self.write(f"No room for {listed(gone)}: a wider window or --json shows it all.")

    def _bold(self, line: str) -> None:
        if not self.out.isatty():
            self.say(line)
            return
        from rich.console import Console

        Console(file=self.out, highlight=False).print(line, style="bold", markup=False, soft_wrap=True)

    @contextlib.contextmanager
    def progress(self, what: str, unit: str = "month") -> Iterator[Report | None]:
        """A bar on a terminal, moved by what is given; None where there is no terminal, or `--quiet`."""
        if self.quiet or not self.err.isatty():
            yield None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        looks = (TextColumn("{task.description}"), BarColumn(30), TextColumn("{task.fields[at]}"), TimeRemainingColumn())
        with Progress(*looks, console=Console(file=self.err), transient=True) as bar:
            task = bar.add_task(what, total=None, at="")

            def report(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total, at=f"{unit} {done:,} of {total:,}")

            yield report
