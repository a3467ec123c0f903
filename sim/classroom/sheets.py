"""Decision files: TOML that a team or a student hands in by any means; read with every fault named."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from sim.classroom import moves, texts
from sim.classroom.decisions import (
    REASON,
    Decision,
    forecast_faults,
    is_number,
    not_a_number,
    plan_faults,
    rule_faults,
    unknown,
)
from sim.classroom.faults import GameError
from sim.classroom.game import Game
from sim.classroom.inbox import Paper
from sim.classroom.names import called, plain
from sim.scenario.faults import ScenarioError
from sim.scenario.reading import decode

KEYS = ("team", "round", "plan", "rules", "forecast", "students")
STUDENT_KEYS = ("id", "name", "number", "low", "high", "reason")


class Fault(NamedTuple):
    """What is wrong in a decision file: whose, where, and the law with the cure."""

    who: str
    field: str
    problem: str

    def __str__(self) -> str:
        return ": ".join(filter(None, [self.who, self.field, self.problem]))


class Opinion(NamedTuple):
    """A student's forecast as it stands in a file; `student` is an id, or None for a name that is new."""

    student: str | None
    name: str
    number: float | None
    low: float | None
    high: float | None
    reason: str


@dataclass
class Sheet:
    """What a file says: of a team (None for students alone) a decision and a forecast, of students their opinions.

    `faults` is what is wrong in it, `notes` what whoever collects it should know.
    """

    source: str
    team: int | None = None
    decision: Decision | None = None
    forecast: dict[str, float] = field(default_factory=dict)
    opinions: list[Opinion] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_sheet(file: Path | Paper, game: Game) -> Sheet:
    """A file for the open round. What is wrong in it is left as it was; the rest is taken."""
    paper = file if isinstance(file, Paper) else Paper(file.name, file)
    sheet = Sheet(paper.source)
    try:
        said = tomllib.loads(decode(paper.data(), paper.source))
    except OSError as error:
        sheet.faults.append(Fault(paper.source, "", (error.strerror or str(error)).lower()))
        return sheet
    except ScenarioError as error:
        sheet.faults.append(Fault("", "", str(error)))
        return sheet
    except (tomllib.TOMLDecodeError, RecursionError, GameError) as error:
        problem = (
            str(error) if isinstance(error, GameError) else texts.NOT_TOML.format(error=str(error)[:200])
        )
        sheet.faults.append(Fault(paper.source, "", problem))
        return sheet
    return read_table(said, game, sheet)


def read_table(said: Mapping[str, Any], game: Game, sheet: Sheet) -> Sheet:
    """The table of a file, or of a form, made a sheet."""
    who = sheet.source
    try:
        moves.check_open(game, said.get("round"))
        if any(name in said for name in ("team", "plan", "rules", "forecast")):
            if not isinstance(said.get("team"), str):
                raise GameError(texts.TEAM_MISSING)
            sheet.team = moves.team_number(game, said["team"])
            name = game.teams[sheet.team]
            who = texts.TEAM.format(team=name)
            if plain(said["team"]) != plain(name):
                sheet.notes.append(texts.FORMER_NAME.format(old=said["team"].strip(), new=name))
    except GameError as error:
        sheet.faults.append(Fault(who, "", str(error)))
        return sheet
    sheet.faults += [Fault(who, str(key), unknown(str(key), KEYS)) for key in said if key not in KEYS]
    if sheet.team is not None:
        _read_decision(said, game, sheet, who)
    students = said.get("students", [])
    for place, student in enumerate(students if isinstance(students, list) else [None], 1):
        _read_student(student, place, game, sheet)
    if sheet.decision is None and not sheet.opinions and not sheet.faults:
        sheet.faults.append(Fault(who, "", texts.NOTHING_IN_IT))
    return sheet


def _read_decision(said: Mapping[str, Any], game: Game, sheet: Sheet, who: str) -> None:
    """Plan, rules and forecast of a team; what is left out or wrong stays as it was in the last round."""
    assert sheet.team is not None
    base = game.held(sheet.team)
    faults = list(plan_faults(said.get("plan", {}), game.settings.bounds))
    bad = {name for name, _ in faults}
    plan = said.get("plan", {})
    own = {k: v for k, v in plan.items() if k not in bad} if isinstance(plan, Mapping) else {}
    own_rules = said.get("rules", [])
    wrong = list(rule_faults(own_rules, game.settings.own.segments, game.settings.bounds))
    rules = base.rules if wrong or "rules" not in said else tuple(_rule(rule) for rule in said["rules"])
    odd = list(forecast_faults(said.get("forecast", {})))
    astray = {name.removeprefix("forecast ") for name, _ in odd}
    forecast = said.get("forecast", {})
    if isinstance(forecast, Mapping):
        sheet.forecast = {k: float(v) for k, v in forecast.items() if k not in astray}
    if "plan" in said or "rules" in said:
        sheet.decision = Decision({**base.plan, **own}, rules)
    elif sheet.forecast:  # a forecast alone: the decision stays as it is
        handed = game.latest(sheet.team)
        sheet.decision = handed.decision if handed else base
    left = [Fault(who, name, f"{problem} {texts.LEFT}") for name, problem in (*faults, *wrong, *odd)]
    sheet.faults += left


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"if": rule["if"], "then": dict(rule["then"])}


def _read_student(said: Any, place: int, game: Game, sheet: Sheet) -> None:
    """A student's forecast and reason; taken whole or not at all. Who has no name is told by the place in the file."""
    named = _named(said)
    is_teams = named and sheet.team is not None
    whose = texts.TEAM.format(team=game.teams[sheet.team or 0]) if is_teams else sheet.source
    who = texts.STUDENT.format(whose=whose, name=named[:60] or place)
    faults = sheet.faults

    def wrong(field: str, problem: str) -> None:
        faults.append(Fault(who, field, problem))

    if not isinstance(said, Mapping):
        return wrong("", texts.STUDENTS_ARE_TABLES)
    if not named:
        return wrong("name", texts.NAME_MISSING)
    before = len(faults)
    for key in said:
        if key not in STUDENT_KEYS:
            wrong(str(key), unknown(str(key), STUDENT_KEYS))
    number, low, high = (said.get(name) for name in ("number", "low", "high"))
    for name, value in (("number", number), ("low", low), ("high", high)):
        if value is not None and not is_number(value):
            wrong(name, not_a_number(value))
    given = [value for value in (number, low, high) if value is not None]
    if len(faults) == before and given and (len(given) < 3 or not low <= number <= high):  # type: ignore[operator]
        wrong("number", texts.NUMBER_AND_RANGE)
    reason = said.get("reason", "")
    if not isinstance(reason, str) or len(reason) > REASON:
        wrong("reason", texts.REASON_TOO_LONG.format(most=REASON, got=len(str(reason))))
    student, name = _who(named, game, sheet, wrong)
    if len(faults) == before:
        sheet.opinions.append(Opinion(student, name, number, low, high, reason.strip()))
    return None


def _named(said: Any) -> str:
    """The id, or else the name, that an entry says; "" for none."""
    named = said.get("id", said.get("name")) if isinstance(said, Mapping) else None
    return str(named).strip() if isinstance(named, (str, int)) else ""


def _who(named: str, game: Game, sheet: Sheet, wrong: Any) -> tuple[str | None, str]:
    """Which student it is; without a roster a new name joins the file's team."""
    try:
        student = moves.student_id(game, named)
    except GameError as error:
        is_new = not game.has_roster and not called(game, named, exact=True)
        if not is_new or sheet.team is None:
            wrong("", str(error) if not is_new else texts.NEW_WITHOUT_TEAM)
            return None, ""
        try:
            moves.check_name(named, "student")
        except GameError as bad:
            wrong("name", str(bad))
        return None, named
    own = game.students[student].team_in(game.round)
    if sheet.team is not None and own != sheet.team:
        team = game.teams[own] if own is not None else "–"
        wrong("", texts.IN_ANOTHER_TEAM.format(team=team))
    return student, game.students[student].name
