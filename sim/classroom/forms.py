"""The decision file of each team, filled in with what holds now: it is changed and handed in."""

from __future__ import annotations

import re
from pathlib import Path

from sim.classroom import texts
from sim.classroom.decisions import SHORT, Decision
from sim.classroom.game import Game
from sim.policies.plan import law
from sim.scenario.parameters import PlanTable
from sim.scenario.writing import toml, write_whole
from sim.terminal import count

RESERVED = {"con", "prn", "aux", "nul", *(f"{kind}{i}" for kind in ("com", "lpt") for i in range(1, 10))}
"""Names that Windows keeps for devices."""


def file_name(game: Game, team: int) -> str:
    """A file name for a team, without an ending: letters and digits of its name, and its number."""
    safe = re.sub(r"\W+", "_", game.teams[team], flags=re.ASCII).strip("_")[:30]
    twins = sum(
        re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")[:30].casefold() == safe.casefold()
        for name in game.teams
    )
    return safe if safe and twins == 1 and safe.casefold() not in RESERVED else f"team_{team + 1}"


def write_forms(game: Game, folder: Path) -> list[Path]:
    """A form a team for the open round; one that is there already is left, for a team may have written in it."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for team in range(game.settings.teams):
        file = folder / f"{file_name(game, team)}.toml"
        if not file.exists():
            write_whole(file, form_of(game, team).encode())
        files.append(file)
    return files


def form_of(game: Game, team: int) -> str:
    """The form of a team for the open round, as TOML."""
    settings = game.settings
    own = settings.own
    months = f"{settings.months} month{'s' * (settings.months > 1)}"
    deadline = f"# Hand it in before {game.deadline[:16].replace('T', ' ')}." if game.deadline else "#"
    text = texts.FORM_HEAD.format(
        title=" ".join(own.title.split()), round=game.round, rounds=settings.rounds, months=months, deadline=deadline,
        team=toml(game.teams[team]),
    )  # fmt: skip
    if settings.budget is not None:
        text += (
            texts.FORM_BUDGET.format(budget=f"{settings.budget:,.0f}", currency=own.market.currency) + "\n"
        )
    if game.rounds:
        text += _last_round(game, team)
    held = game.rounds[-1].counted[team].decision if game.rounds else Decision({})
    text += _plan(game, held)
    text += (
        _rules(held) + texts.FORM_FORECAST.replace("{currency}", own.market.currency) + texts.FORM_STUDENTS
    )
    names = [toml(one.name) for one in game.members(team, game.round)] or ['"YOUR NAME"']
    return text + "\n".join(texts.FORM_STUDENT.format(name=name) for name in names)


def _last_round(game: Game, team: int) -> str:
    """What came of the last round, in a comment."""
    seen = game.rounds[-1].outcomes[team]["seen"]
    return texts.FORM_LAST.format(
        customers=count(seen["customers"]), gained=count(seen["gained"]), lost=count(seen["lost"]),
        profit=count(seen["profit"]), equity=count(seen["customer_equity"]), base=count(seen["permission_base"]),
        currency=game.settings.own.market.currency,
    )  # fmt: skip


def _plan(game: Game, held: Decision) -> str:
    """The lines of the plan: the short form's, what the team has changed before, and the rest as comments."""
    default = game.settings.own.firms[game.settings.own.focus].plan
    lines: list[str] = []
    more: list[str] = []
    for name in (*SHORT, *(name for name in PlanTable.model_fields if name not in SHORT)):
        value = held.plan.get(name, getattr(default, name))
        if value is None:
            value = round(0.30 * game.settings.own.market.customers, 2)
        line = f"{name} = {toml(value)}"
        meaning = PlanTable.model_fields[name].description
        line = f"{line:<30} # {meaning}: {law(name)}"
        (lines if name in SHORT or name in held.plan else more).append(line)
    return "\n".join(lines) + "\n" + texts.FORM_MORE + "\n".join(f"# {line}" for line in more) + "\n"


def _rules(held: Decision) -> str:
    """The rules that hold, or an example."""
    if not held.rules:
        return texts.FORM_RULES
    said = [f"\n[[rules]]\nif = {toml(rule['if'])}\nthen = {toml(rule['then'])}\n" for rule in held.rules]
    return "".join(said)
