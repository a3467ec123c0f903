"""What an instructor does with a game's folder: make it, collect decisions, advance, look, take back, forget."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sim import __version__
from sim.classroom import forms, moves, store, texts
from sim.classroom.advancing import play_open_round
from sim.classroom.decisions import Decision, Facts, default_budget, planned_cost
from sim.classroom.faults import Forgotten, GameError
from sim.classroom.game import Event, Game, apply
from sim.classroom.inbox import Paper
from sim.classroom.markets import Played, Table, play_round, table_at
from sim.classroom.names import plain
from sim.classroom.roster import Roster, seat_students
from sim.classroom.settings import FORMAT, Settings, team_names
from sim.classroom.sheets import Fault, Sheet, read_sheet
from sim.classroom.store import Store
from sim.model_version import MODEL_VERSION

Progress = Callable[[int, int], None]

COPY = re.compile(r"( ?\(\d+\))?(\.toml|\.txt)+$", re.IGNORECASE)
"""The end of a decision file's name; a browser calls the second copy of a file `name (1).toml`."""


class Collected(NamedTuple):
    """What a file gave: the team's name ("" for students alone), what was taken, what was wrong, whether it was known, notes."""

    source: str
    team: str
    decided: bool
    students: int
    faults: list[Fault]
    again: bool
    notes: list[str]


# ---------------------------------------------------------------- making


def new_game(
    folder: Path, settings: Settings, *, roster: Roster | None = None, names: Sequence[str] = (), deadline: str = "",
    budget_by_default: bool = True,
) -> Game:  # fmt: skip
    """Make a game in a folder that is not there yet; write the first round's forms.

    Raises
    ------
    FileExistsError
        Something is in the folder.
    """
    if settings.budget is None and budget_by_default:
        table = Table(settings, 0)
        settings = dataclasses.replace(settings, budget=default_budget(table.facts(min(table.teams))))
    students: list[dict[str, Any]] = []
    teams = team_names(dict(enumerate(names)), settings.teams)
    if roster is not None:
        teams, seats = seat_students(roster, settings.teams, names)
        students = [
            {"id": one.id, "name": one.name, "team": team, "row": list(one.row)}
            for one, team in zip(roster.entries, seats, strict=True)
        ]
    for name in teams:
        moves.check_name(name, "team")
        if sum(plain(other) == plain(name) for other in teams) > 1:
            raise GameError(texts.TEAM_TWICE.format(name=name))
    made: Event = {
        "kind": "made", "format": FORMAT, "version": __version__, "model_version": MODEL_VERSION,
        "settings": settings.as_dict, "teams": teams, "students": students,
        "columns": list(roster.columns) if roster else [], "deadline": deadline,
    }  # fmt: skip
    game = Store.make(folder, made).game
    forms.write_forms(game, forms_folder(folder, game), folder / store.COPIES)
    return game


def forms_folder(folder: Path, game: Game) -> Path:
    """Where the forms of the open round are."""
    return folder / store.FORMS / f"round-{game.round}"


def reports_folder(folder: Path, number: int) -> Path:
    """Where the reports of a round are."""
    return folder / store.REPORTS / f"round-{number}"


# ---------------------------------------------------------------- collecting


def collect(
    folder: Path,
    files: Sequence[Path | Paper],
    now: datetime,
    *,
    timing: str = "",
    progress: Progress | None = None,
) -> list[Collected]:
    """Take decision files for the open round; every fault is named, and the rest is taken.

    Parameters
    ----------
    timing : "" (refused after the deadline), "on-time" or "late" for files that come after it.

    Raises
    ------
    GameError
        The game is over or paused, or the deadline has passed and nobody said whether the files were late.
    """
    kept = Store(folder)
    game = kept.game
    moves.check_open(game)
    moves.check_model(game)
    if moves.is_past(game, now) and not timing:
        fee = f"{game.settings.late:,.0f} {game.settings.own.market.currency}"
        raise GameError(texts.PAST_DEADLINE.format(deadline=game.deadline[:16].replace("T", " "), fee=fee))
    if game.closed:
        kept.change(moves.reopen)
    late = timing == "late"
    tables: dict[int, Table] = {}
    taken = []
    for place, file in enumerate(files, 1):
        game = kept.game  # whom an earlier file has just brought in
        sheet = read_sheet(file, game)
        check_budget(sheet, game, folder, tables)
        taken.append(_take(kept, sheet, game, now, late))
        if progress:
            progress(place, len(files))
    return taken


def check_budget(sheet: Sheet, game: Game, folder: Path, tables: dict[int, Table]) -> None:
    """Leave out a decision that would spend more than the budget, and say so; `tables` keeps markets for the next."""
    if sheet.decision is None or sheet.team is None or game.settings.budget is None:
        return
    number = game.settings.seat(sheet.team).market
    if number not in tables:
        tables[number] = table_at(game.settings, number, game.decided, folder / store.CACHE)
    hold_to_budget(sheet, game, tables[number].facts(sheet.team))


def hold_to_budget(sheet: Sheet, game: Game, facts: Facts) -> None:
    """The same, with what is known about the team's firm."""
    budget = game.settings.budget
    if sheet.decision is None or sheet.team is None or budget is None:
        return
    spends = planned_cost(sheet.decision, facts)
    # what would run anyhow may be handed in; forms round advertising to a hundredth
    if spends > budget and spends > planned_cost(game.held(sheet.team), facts) + 0.01:
        sheet.decision = None
        who = texts.TEAM.format(team=game.teams[sheet.team])
        sheet.faults.append(
            Fault(who, "budget", texts.OVER_BUDGET.format(spends=f"{spends:,.0f}", budget=f"{budget:,.0f}"))
        )


def _take(kept: Store, sheet: Sheet, seen: Game, now: datetime, late: bool) -> Collected:
    """Write what a sheet says in one transaction, unless the same stands there already."""
    wrote: list[Event] = []
    notes = list(sheet.notes)

    def make(game: Game) -> list[Event]:
        moves.check_open(game, seen.round)
        if game.forgotten != seen.forgotten:
            raise GameError(texts.CHANGED_MEANWHILE)
        wrote.extend(events_of(game, sheet, now, late))
        if any(event["kind"] == "handed" for event in wrote):
            notes.extend(_replaced(game, sheet))
        return wrote

    if sheet.decision is not None or sheet.opinions:
        kept.change(make)
    team = seen.teams[sheet.team] if sheet.team is not None else ""
    decided, students = sheet.decision is not None, len(sheet.opinions)
    again = not wrote and (decided or students > 0)
    return Collected(sheet.source, team, decided, students, sheet.faults, again, notes)


def _replaced(game: Game, sheet: Sheet) -> list[str]:
    """Whose decision a file takes the place of, and whether it is named like another team's form."""
    assert sheet.team is not None
    said = []
    before = game.latest(sheet.team)
    if before and before.source not in ("", sheet.source):
        said.append(texts.REPLACES.format(team=game.teams[sheet.team], source=before.source))
    named = COPY.sub("", re.split(r"[/\\]", sheet.source)[-1]).casefold()
    for team in game.active:
        if team != sheet.team and forms.file_name(game, team).casefold() == named:
            said.append(texts.OTHERS_FORM.format(named=game.teams[team], team=game.teams[sheet.team]))
    return said


def events_of(game: Game, sheet: Sheet, now: datetime, late: bool, *, pressed: bool = False) -> list[Event]:
    """What a sheet adds to the game: nothing where the same stands there already.

    `pressed` says that somebody handed it in just now: it counts though the same source had it before another's.
    """
    events: list[Event] = []
    if sheet.decision is not None and sheet.team is not None:
        here = [one for one in game.handed if (one.round, one.team) == (game.round, sheet.team)]
        from_it = [one for one in here if one.source == sheet.source and not pressed]
        seen = [*here[-1:], *from_it[-1:]]  # a file that was not changed since is no new decision
        if not any((one.decision, one.forecast) == (sheet.decision, sheet.forecast) for one in seen):
            events.append(
                moves.hand_in(game, sheet.team, sheet.decision, sheet.forecast, sheet.source, now, late)
            )
    joined: set[str] = set()
    for one in sheet.opinions:
        student = one.student
        if student is None and sheet.team is not None and plain(one.name) not in joined:
            event = moves.join(game, one.name, sheet.team)
            events.append(event)
            game = apply(game, event)
            student = event["student"]
            joined.add(plain(one.name))
        if student is None:
            continue
        said = game.said_by(student, game.round)
        what = (one.number, one.low, one.high, one.reason)
        if said is None or (said.number, said.low, said.high, said.reason) != what:
            events.append(moves.say(game, student, *what, sheet.source, now, late))
    return events


# ---------------------------------------------------------------- playing


def advance(
    folder: Path, now: datetime, *, deadline: str = "", anyway: bool = True, progress: Progress | None = None
) -> Game:  # fmt: skip
    """Play the open round as `play_open_round` does, one market after the other; write the next forms."""

    def play(game: Game, rounds: list[dict[int, Decision]]) -> list[Played]:
        return play_round(game.settings, rounds, folder / store.CACHE, progress)

    after = play_open_round(folder, now, play, deadline=deadline, anyway=anyway)
    write_next_forms(folder, after)
    return after


def write_next_forms(folder: Path, game: Game) -> None:
    """The forms of the open round, if there is one; those in which a team has written are left.

    None is written of a game whose names were forgotten since it was read: whoever forgot them wrote new forms.
    """
    if game.is_over:
        return
    with contextlib.suppress(Forgotten), Store(folder).unforgotten(game):
        forms.write_forms(game, forms_folder(folder, game), folder / store.COPIES)


def undo(folder: Path, only: int | None = None) -> Game:
    """Take the last round back; a copy of the game is kept before that.

    Parameters
    ----------
    only : the round that is meant; another one that is the last meanwhile is not taken back.

    Raises
    ------
    GameError
        No round is played, the one that is meant is not the last, or somebody else changed the game meanwhile.
    """
    kept = Store(folder)
    game = kept.game
    if only is not None and len(game.rounds) != only:
        raise GameError(texts.CHANGED_MEANWHILE)
    event = moves.undo(game)

    def make(latest: Game) -> list[Event]:
        if (latest.round, latest.undone) != (game.round, game.undone):
            raise GameError(texts.CHANGED_MEANWHILE)
        return [event]

    kept.copy_before(f"before-undo-of-round-{event['round']}")
    after = kept.change(make)
    shutil.rmtree(reports_folder(folder, event["round"]), ignore_errors=True)
    with contextlib.suppress(Forgotten), kept.unforgotten(after):
        _put_away_forms(folder, game)
    write_next_forms(folder, after)
    return after


def _put_away_forms(folder: Path, game: Game) -> None:
    """The forms of a round that is open no more: they go to the copies, for a team may have written in them.

    Where another program holds one open they stay: when the round opens again, they are made anew.
    """
    old, number = forms_folder(folder, game), 1
    if not old.is_dir():
        return
    to = folder / store.COPIES / f"forms-of-round-{game.round}"
    while to.exists():
        number += 1
        to = to.with_name(f"forms-of-round-{game.round}-{number}")
    with contextlib.suppress(PermissionError):
        old.rename(to)


def change(folder: Path, make: Callable[[Game], list[Event]]) -> Game:
    """A change that needs no play: pause, resume, move, rename, a booking, a deadline. Forms are written again."""
    kept = Store(folder)
    before = kept.game
    after = kept.change(make)
    with contextlib.suppress(Forgotten), kept.unforgotten(after):
        forms.rename_forms(before, after, forms_folder(folder, after))
    write_next_forms(folder, after)
    return after


def replay(folder: Path, progress: Progress | None = None) -> list[tuple[int, int]]:
    """Play all rounds again from the first, without the cache; (round, market) from 1 where the bits differ."""
    game = Store(folder).game
    moves.check_model(game)
    wrong = []
    for number in range(game.settings.markets):
        table = Table(game.settings, number)
        for done in range(1, len(game.rounds) + 1):
            played = table.play(game.decided[:done])
            if played.state_hash != game.rounds[done - 1].hashes[number]:
                wrong.append((done, number + 1))
        if progress:
            progress(number + 1, game.settings.markets)
    return wrong
