"""What must hold of the rules of firms: their conditions, and the decisions that they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from sim.rules import RuleError, compile_rule
from sim.scenario import laws
from sim.scenario.database import vocabulary
from sim.scenario.faults import nearest, quoted, shown
from sim.scenario.parameters import BY_CUSTOMER, PlanTable
from sim.scenario.scanner import Path
from sim.scenario.tables import Tables
from sim.scenario.wrongs import Wrong, value_fault


def rule_wrongs(
    tables: Tables, raw: Mapping[str, Any], bad: set[Path], all_segments: bool
) -> Iterator[Wrong]:
    """All faults of all firms' rules.

    ``all_segments`` is False where a part of the segments could not be read: what names one is not judged.
    """
    words = vocabulary(tables.segments)
    firms = raw.get("firms")
    for firm, table in firms.items() if isinstance(firms, dict) else ():
        rules = table.get("rules") if isinstance(table, dict) else None
        if not isinstance(rules, (list, tuple)) or bad & {("firms", firm), ("firms", firm, "rules")}:
            continue
        for i, rule in enumerate(rules):
            is_about_segments = "segment_guess" in str(rule.get("if")) if isinstance(rule, dict) else False
            if isinstance(rule, dict) and (all_segments or not is_about_segments):
                yield from _rule(rule, ("firms", firm, "rules", i), words, bad)


def _rule(rule: dict[str, Any], path: Path, words: dict[str, Any], bad: set[Path]) -> Iterator[Wrong]:
    condition, decisions = rule.get("if"), rule.get("then")
    if isinstance(condition, str) and (*path, "if") not in bad:
        try:
            compile_rule(condition, words)
        except RuleError as error:
            got = quoted(error.got[:40]) if error.got else ""
            where = f"column {error.column}: " if error.column else ""
            yield Wrong((*path, "if"), where + error.problem, got, cure=error.cure, inside=error.column)
    if isinstance(decisions, dict):
        if not decisions:
            yield Wrong(
                (*path, "then"), "must name a decision", cure=f"the decisions are {', '.join(BY_CUSTOMER)}"
            )
        yield from _decisions(decisions, (*path, "then"))


def _decisions(decisions: dict[str, Any], path: Path) -> Iterator[Wrong]:
    """The decisions of a rule keep the same laws as the firm's plan."""
    known = {}
    for key, value in decisions.items():
        if key in BY_CUSTOMER:
            known[key] = value
        elif key in PlanTable.model_fields:
            cure = f"write it in [firms.{path[1]}.plan]"
            yield Wrong(
                (*path, key), "is decided for all customers alike", shown(key), cure=cure, about_key=True
            )
        else:
            near, cure = nearest(key, BY_CUSTOMER), f"the decisions are {', '.join(BY_CUSTOMER)}"
            yield Wrong(
                (*path, key),
                "unknown",
                shown(key),
                near,
                "" if near else cure,
                about_key=True,
            )
    try:
        PlanTable.model_validate(known)
    except ValidationError as error:
        for key in dict.fromkeys(str(one["loc"][0]) for one in error.errors(include_url=False)):
            field = laws.decision(key)
            if field is not None:
                yield value_fault((*path, key), field, known[key])
