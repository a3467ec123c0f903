"""Worlds that the questions are about: run when an answer is checked, and kept for the next question."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.runs import Run

KEPT = 6
"""Worlds of a student that are kept at a time."""


def world(
    scenario: str,
    seed: int,
    months: int | None = None,
    change: Mapping[str, Any] | None = None,
    **policies: Any,
) -> Run:
    """The run that a question speaks of; `policies` are firm=policy."""
    return _world(scenario, seed, months, json.dumps(change or {}), json.dumps(policies))


@lru_cache(maxsize=KEPT)
def _world(scenario: str, seed: int, months: int | None, change: str, policies: str) -> Run:
    from sim.runs import run

    return run(scenario, seed=seed, months=months, change=json.loads(change), policies=json.loads(policies))


def best(figures: Mapping[str, float]) -> frozenset[str]:
    """The words with the largest figure: each of a tie is a right answer."""
    most = max(figures.values())
    return frozenset(word for word, figure in figures.items() if figure == most)


def at_end(run: Run, firm: str, column: str) -> float:
    """A firm's figure at the end of a run, from the table of firms."""
    return float(run.firms[column].to_dict()[firm])
