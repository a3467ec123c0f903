"""What people read: sentences that fit the window, numbers, a progress bar; plain text in a file or a pipe.

Results go to standard output, everything else (bars, notices, faults) to standard error. Standard
library only; rich is loaded for a bar or for bold letters, on a terminal only.
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

Report = Callable[..., None]
"""What moves a progress bar: done, total, and if it changes what is being done."""

WIDTH = 80
"""Columns of a page where there is no terminal."""


def called() -> str:
    """How the command is called here: `tenfold`, or what stands for it in a checkout."""
    if sys.argv[0] != "tenfold":  # start.py gives no path
        return "tenfold"
    return "py start.py" if os.name == "nt" else "python3 start.py"


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


def number(value: Any, decimals: int | None = None) -> str:
    """With so many decimals; else at most four digits that count: 1,234, 12.5, 0.008264."""
    if is_missing(value):
        return "–"
    if decimals is not None:
        return f"{value:,.{decimals}f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


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
                line,
                min(self.width, 100),
                initial_indent=indent,
                subsequent_indent=after,
                break_on_hyphens=False,
            )
            self.say("\n".join(wrapped))

    def title(self, text: str) -> None:
        """A heading, bold on a terminal."""
        for line in textwrap.wrap(text, min(self.width, 100), break_on_hyphens=False) or [""]:
            self.bold(line)

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

    def bold(self, line: str) -> None:
        """A line, bold on a terminal."""
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

        looks = (
            TextColumn("{task.description:<16}"),
            BarColumn(28),
            TextColumn("{task.fields[at]}"),
            TimeRemainingColumn(),
        )
        with Progress(*looks, console=Console(file=self.err), transient=True) as bar:
            task = bar.add_task(what, total=None, at="")

            def report(done: int, total: int, now: str = what) -> None:
                bar.update(
                    task, completed=done, total=total, at=f"{unit} {done:,} of {total:,}", description=now
                )

            yield report


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this: it shows figures by itself, and can ask without a terminal."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None and hasattr(shell, "get_ipython") else None
    return running is not None and hasattr(running, "kernel")
