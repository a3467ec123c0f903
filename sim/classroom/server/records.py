"""A team's own customer database as a page and a file, with its rules and how often each fired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.classroom.decisions import Facts
from sim.classroom.game import Game
from sim.classroom.gradebook import as_csv
from sim.rules import Number, Words, compile_rule
from sim.scenario.database import vocabulary
from sim.terminal import count, number

SHOWN = (
    "value_rank",
    "status",
    "segment_guess",
    "months_since_purchase",
    "frequency",
    "monetary",
    "spent",
    "complaints",
    "permission",
)
MOST = 50
"""Customers on the page: the most valuable; the file has all."""


def page_of(game: Game, team: int, facts: Facts) -> dict[str, Any]:
    """What the page shows."""
    kinds = vocabulary(facts.tables.segments)
    data = facts.database
    best = np.argsort(-data["value_rank"], kind="stable")[:MOST]
    rows = [[_cell(kinds[name], data[name][i]) for name in SHOWN] for i in best]
    return {
        "size": len(data), "customers": facts.customers, "heads": SHOWN, "rows": rows,
        "statuses": _counts(kinds["status"], data["status"]), "permissions": _counts(kinds["permission"], data["permission"]),
        "rules": rules_of(game, team, facts), "columns": [(name, _kind(kind)) for name, kind in kinds.items()],
    }  # fmt: skip


def rules_of(game: Game, team: int, facts: Facts) -> list[tuple[str, str, str, str]]:
    """If, then, in how many customer-months it fired in the last round, and for how many it holds now."""
    handed = game.latest(team)
    played = game.rounds[-1].counted[team].decision if game.rounds else None
    fired = game.rounds[-1].outcomes[team]["seen"]["fired_rules"] if game.rounds else []
    before = {rule["if"]: n for rule, n in zip(played.rules, fired, strict=False)} if played else {}
    rules = handed.decision.rules if handed else played.rules if played else ()
    words = vocabulary(facts.tables.segments)
    return [
        (
            rule["if"], ", ".join(f"{name} = {value}" for name, value in rule["then"].items()),
            count(before[rule["if"]]) if rule["if"] in before else "–",
            count(int(np.broadcast_to(compile_rule(rule["if"], words)(facts.database), len(facts.database)).sum())),
        )
        for rule in rules
    ]  # fmt: skip


def as_file(facts: Facts) -> bytes:
    """All columns as CSV, a row a customer; words as words."""
    kinds: Mapping[str, Any] = vocabulary(facts.tables.segments)
    columns = [[_plain(kind, value) for value in facts.database[name]] for name, kind in kinds.items()]
    return as_csv([list(kinds), *zip(*columns, strict=True)])


def _plain(kind: Any, value: Any) -> Any:
    return kind.words[int(value)] if isinstance(kind, Words) else float(value)


def _cell(kind: Any, value: Any) -> str:
    if isinstance(kind, Words):
        return str(kind.words[int(value)]).replace("_", " ")
    return number(float(value), 2) if isinstance(kind, Number) and kind.high == 1.0 else number(float(value))


def _counts(kind: Any, values: np.ndarray) -> list[tuple[str, str]]:
    return [
        (word.replace("_", " "), count(int((values == code).sum()))) for code, word in enumerate(kind.words)
    ]


def _kind(kind: Any) -> str:
    """What a rule may say of a column: its words, or its unit."""
    if isinstance(kind, Words):
        return ", ".join(kind.written)
    return kind.unit if isinstance(kind, Number) else "true, false"
