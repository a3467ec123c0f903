"""A fault before it has a place in a file, and how a value's fault is put into words."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic.fields import FieldInfo

from sim.scenario import laws
from sim.scenario.faults import shown
from sim.scenario.scanner import Path


class Wrong(NamedTuple):
    """A fault before it has a place in a file: the path, and what is wrong there."""

    path: Path
    problem: str
    value: str = ""
    suggestion: str = ""
    cure: str = ""
    about_key: bool = False  # the name is at fault, not the value
    inside: int = 0  # characters into the value: rules


def address_of(path: Path) -> str:
    """The path as people read it; of rules and months, the first is 1."""
    parts = (str(part + 1) if isinstance(part, int) else part for part in path)
    return ".".join(shown(part) if "." in part or not part.isprintable() else part[:60] for part in parts)


def value_fault(path: Path, field: FieldInfo, given: Any) -> Wrong:
    """A value that broke its law."""
    law = laws.parameter(".".join(map(str, path)), field)
    problem = law.law(given)
    limits = {
        name: limit
        for m in field.metadata
        for name in ("min_length", "max_length")
        if (limit := getattr(m, name, None))
    }
    if law.type == "text":
        if isinstance(given, str):
            fewest, most = limits.get("min_length", 0), limits.get("max_length", 4000)
            problem = f"must be a text of {fewest} to {most} characters"
            if not _is_unicode(given):
                problem = "must be a text that can be written as UTF-8"
    elif law.type == "list of numbers" and field.annotation == tuple[str, ...]:
        problem = "must be a list of texts"
    elif isinstance(path[-1], int):
        problem = "must be a number"
    unit = f"the unit is {law.unit}" if law.unit else ""
    return Wrong(path, problem, shown(given), law.guess(given), unit)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
