"""How many hints each student has had for each question; kept in a file of this user's, so that a restart forgets none."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from sim.compiled import CACHE
from sim.scenario.writing import write_whole

FILE = "hints.json"
_memory: dict[str, int] = {}


def count(student: str, question: str) -> int:
    """Hints so far."""
    key = f"{student}|{question}"
    return max(_memory.get(key, 0), _kept().get(key, 0))


def count_one_more(student: str, question: str) -> int:
    """One more hint; the count with it."""
    key, now = f"{student}|{question}", count(student, question) + 1
    _memory[key] = now
    file = _file()
    if file is not None:
        with contextlib.suppress(OSError):  # where nothing can be written it is counted until Python ends
            write_whole(file, json.dumps(_kept() | {key: now}, indent=0).encode(), force=True)
    return now


def _file() -> Path | None:
    """Beside the compiled loops; None where no folder can be written."""
    return CACHE.parent / FILE if CACHE is not None else None


def _kept() -> dict[str, int]:
    file = _file()
    if file is None:
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {str(key): int(value) for key, value in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
