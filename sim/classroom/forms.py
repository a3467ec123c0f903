"""The decision file of each team, filled in with what holds now: it is changed and handed in.

Its last line has the digest of its own text, so that one in which nobody has written can be made anew, and the digest of
the course that the game took to it.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from pathlib import Path
from textwrap import wrap

from sim.classroom import texts
from sim.classroom.decisions import SHORT, Decision
from sim.classroom.game import Game
from sim.classroom.limits import class_law
from sim.scenario.parameters import PlanTable
from sim.scenario.writing import toml, write_whole
from sim.terminal import count

RESERVED = {"con", "prn", "aux", "nul", *(f"{kind}{i}" for kind in ("com", "lpt") for i in range(1, 10))}
"""Names that Windows keeps for devices."""

_MARK = re.compile(r"^# Made by Tenfold: (\w{12}) (\w{12})$", re.MULTILINE)


def file_name(game: Game, team: int) -> str:
    """A file name for a team, without an ending: letters and digits of its name, and its number."""
    safe = re.sub(r"\W+", "_", game.teams[team], flags=re.ASCII).strip("_")[:30]
    twins = sum(
        re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")[:30].casefold() == safe.casefold()
        for name in game.teams
    )
    return safe if safe and twins == 1 and safe.casefold() not in RESERVED else f"team_{team + 1}"


def write_forms(game: Game, folder: Path, copies: Path) -> None:
    """A form a team for the open round.

    One in which a team has written is left; made for another course of the game, it goes to the copies. One that another
    program holds open stays as it is: `stale_forms` names it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for team in range(game.settings.teams):
        file = folder / f"{file_name(game, team)}.toml"
        if _holds(file, game, team):
            continue
        try:
            if _is_written_in(file):
                _put_away(file, copies / f"forms-of-{folder.name}")
            write_whole(file, _marked(game, team), force=True)
        except PermissionError:
            if not file.exists():
                raise


def rename_forms(before: Game, after: Game, folder: Path) -> None:
    """Have forms follow their teams' new names: one in which a team has written goes along, others make room for new ones."""
    taken = {file_name(after, team) for team in range(after.settings.teams)}
    for team in range(after.settings.teams):
        old, new = (folder / f"{file_name(game, team)}.toml" for game in (before, after))
        if old.stem in taken or not old.exists():
            continue
        with contextlib.suppress(PermissionError):
            if not _is_written_in(old):
                old.unlink()
            elif not new.exists():
                old.rename(new)


def stale_forms(game: Game, folder: Path) -> list[Path]:
    """The forms of the open round that do not say what holds now, and could not be made anew."""
    files = [(team, folder / f"{file_name(game, team)}.toml") for team in range(game.settings.teams)]
    return [file for team, file in files if file.exists() and not _holds(file, game, team)]


def _holds(file: Path, game: Game, team: int) -> bool:
    """Whether a form is there and may stay: it is as it is made now, or somebody's own of this course."""
    if not file.exists():
        return False
    _, mark = _parts(file.read_bytes())
    if mark is None or file.read_bytes() == _marked(game, team):
        return True
    return _is_written_in(file) and mark[2] == _course(game, team)


def _is_written_in(file: Path) -> bool:
    """Whether somebody changed a form since it was made."""
    if not file.exists():
        return False
    text, mark = _parts(file.read_bytes())
    return mark is None or mark[1] != _digest(text)


def _parts(data: bytes) -> tuple[str, re.Match[str] | None]:
    """A form's text without its mark, whatever an editor made of the ends of lines, and the mark."""
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    return _MARK.sub("", text).strip(), _MARK.search(text)


def _marked(game: Game, team: int) -> bytes:
    """A form with its mark."""
    text = form_of(game, team)
    return f"{text}\n# Made by Tenfold: {_digest(text.strip())} {_course(game, team)}\n".encode()


def _course(game: Game, team: int) -> str:
    """What the open round's form of a team follows from: the rounds as they were played, and what the team decided."""
    held = game.held(team)
    return _digest(repr([one.hashes for one in game.rounds]) + _plan(game, held) + _rules(held))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _put_away(file: Path, folder: Path) -> None:
    """Move a form to a folder, beside those of the same name."""
    folder.mkdir(parents=True, exist_ok=True)
    to, number = folder / file.name, 1
    while to.exists():
        number += 1
        to = folder / f"{file.stem}-{number}{file.suffix}"
    file.rename(to)


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
        text += texts.FORM_BUDGET.format(budget=f"{settings.budget:,.0f}", currency=own.market.currency)
        text += (texts.FORM_BUDGET_TRIAL if settings.scoring > 1 else "") + ".\n"
    if cut := game.cut_said(team):
        text += "\n".join(wrap(cut, 120, initial_indent="# ", subsequent_indent="# ")) + "\n"
    if game.rounds:
        text += _last_round(game, team)
    held = game.held(team)
    text += _plan(game, held)
    counts = "\n".join(wrap(texts.FORECAST_COUNTS, 120, initial_indent="\n# ", subsequent_indent="# "))
    text += _rules(held) + texts.FORM_FORECAST.format(
        currency=own.market.currency, counts=counts if settings.scoring > 1 else ""
    )
    text += texts.FORM_STUDENTS
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
    limits = game.settings.bounds
    lines: list[str] = []
    more: list[str] = []
    for name in (*SHORT, *(name for name in PlanTable.model_fields if name not in SHORT)):
        value = held.plan.get(name, getattr(default, name))
        if value is None:
            value = round(0.30 * game.settings.own.market.customers, 2)
        line = f"{name} = {toml(value)}"
        meaning = PlanTable.model_fields[name].description
        line = f"{line:<30} # {meaning}: {class_law(name, limits)}"
        (lines if name in SHORT or name in held.plan else more).append(line)
    return "\n".join(lines) + "\n" + texts.FORM_MORE + "\n".join(f"# {line}" for line in more) + "\n"


def _rules(held: Decision) -> str:
    """The rules that hold, or an example."""
    if not held.rules:
        return texts.FORM_RULES
    said = [f"\n[[rules]]\nif = {toml(rule['if'])}\nthen = {toml(rule['then'])}\n" for rule in held.rules]
    return "".join(said)
