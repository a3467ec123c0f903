"""Faults of a scenario: where, what was given, the law that it broke, the cure; one line each."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

MOST_FAULTS = 100  # a hostile file can have 50,000; nobody reads more than this


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes
    ----------
    problem : str
        The law that was broken: `must be 0.1 to 10`.
    address : str
        The dotted path of the parameter; empty where the file as a whole is at fault.
    value : str
        What was given, as it is shown; empty if nothing was.
    suggestion : str
        The nearest right word, address or number; empty if there is none.
    cure : str
        What else helps, such as the unit.
    file : str
        The file, as the user named it; empty for a change made in Python or on the command line.
    line, column : int
        The place in the file, from 1; 0 where there is none.
    """

    problem: str
    address: str = ""
    value: str = ""
    suggestion: str = ""
    cure: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        file = "".join(c if c.isprintable() else "?" for c in self.file[-200:])
        place = ":".join([file, *(str(n) for n in (self.line, self.column) if n)]) if self.file else ""
        got = f" (got {self.value})" if self.value else ""
        is_word = not re.fullmatch(r"-?[\d.e+-]+|true|false|\[.*\]", self.suggestion)
        meant = quoted(self.suggestion) if is_word else self.suggestion
        hint = f"did you mean {meant}?" if self.suggestion else ""
        return ": ".join(
            filter(
                None, [place, self.address, "; ".join(filter(None, [self.problem + got, self.cure, hint]))]
            )
        )


class ScenarioError(ValueError):
    """A scenario, an address or a change that cannot be used; `faults` has all that is wrong.

    Its text has a line for each fault: `FILE:LINE:COLUMN: ADDRESS: PROBLEM (got VALUE); CURE`.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))

    def __reduce__(self) -> tuple[Any, ...]:
        return ScenarioError, (self.faults,)


def shown(value: Any) -> str:
    """A value as a scenario file writes it, shortened to what a message can hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) >= 10**40:
        return "a number of more than 40 digits"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return quoted(value if len(value) <= 40 else value[:39] + "…")
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, (datetime.date, datetime.datetime, datetime.time)):
        return f"the date or time {value.isoformat()}"
    return "nothing" if value is None else f"a Python {type(value).__name__}"


def quoted(text: str) -> str:
    """The text in double quotes, with whatever cannot be printed as an escape: no line breaks, no colours."""
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped)


def plain_number(value: float) -> str:
    """A number for a reader: 100,000,000, 0.005, 3."""
    return f"{value:,.12g}" if abs(value) < 1e15 else f"{value:.6g}"


def nearest(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str:
    """The choice that was probably meant, or "": case, hyphens, blanks and underscores do not matter."""
    squeezed: dict[str, str] = {}
    for choice in choices:
        squeezed.setdefault(re.sub(r"[-_\s]", "", choice).lower(), choice)
    wanted = re.sub(r"[-_\s]", "", word[:80]).lower()
    if wanted in squeezed:
        return squeezed[wanted]
    if close := get_close_matches(wanted, squeezed, n=5, cutoff=cutoff):
        return squeezed[min(close, key=lambda key: slips(wanted, key))]
    starts = [choice for key, choice in squeezed.items() if len(wanted) >= 3 and key.startswith(wanted)]
    return starts[0] if len(starts) == 1 else ""


def slips(a: str, b: str) -> int:
    """How many slips of the hand make b of a: a letter more, less, another, or two swapped."""
    before, last = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i, x in enumerate(a):
        row = [i + 1]
        for j, y in enumerate(b):
            row.append(min(last[j + 1] + 1, row[j] + 1, last[j] + (x != y)))
            if i and j and x == b[j - 1] and y == a[i - 1]:
                row[-1] = min(row[-1], before[j - 1] + 1)
        before, last = last, row
    return last[-1]
