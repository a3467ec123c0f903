"""What may be done in a class game: each function gives the event that does it, or refuses with the cure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sim.classroom import texts
from sim.classroom.decisions import Decision
from sim.classroom.faults import GameError, WrongVersion
from sim.classroom.game import Event, Game, how_to_get
from sim.classroom.markets import Played
from sim.classroom.names import called, plain, plain_id
from sim.model_version import MODEL_VERSION
from sim.scenario.faults import nearest

LONGEST_NAME = 40


def team_number(game: Game, name: str) -> int:
    """A team by its name, or by a former one that no other has or had; case does not matter.

    Raises
    ------
    GameError
        There is none, with the nearest.
    """
    by_name = {plain(game.teams[i]): i for i in game.active}
    if plain(name) in by_name:
        return by_name[plain(name)]
    former = {team for team, old in game.former if plain(old) == plain(name)} & set(game.active)
    if len(former) == 1:
        return former.pop()
    names = [game.teams[i] for i in game.active]
    near = nearest(name, names)
    hint = texts.DID_YOU_MEAN.format(near=near) if near else texts.KNOWN.format(known=", ".join(names))
    raise GameError(texts.NO_TEAM.format(got=name[:60]) + hint)


def student_id(game: Game, who: str) -> str:
    """A student by id or name, as `names.called` reads them; without a class list as they are written, but for case.

    Raises
    ------
    GameError
        There is none, or several have this name.
    """
    found = [s.id for s in game.students.values() if plain_id(s.id) == plain_id(who)]
    found = found or [s.id for s in called(game, who, exact=not game.has_roster)]
    if len(found) == 1:
        return found[0]
    if found:
        raise GameError(texts.SEVERAL_STUDENTS.format(got=who[:60], ids=", ".join(found)))
    near = nearest(who, [s.name for s in game.students.values()])
    raise GameError(
        texts.NO_STUDENT.format(got=who[:60]) + (texts.DID_YOU_MEAN.format(near=near) if near else "")
    )


def check_open(game: Game, round_: int | None = None) -> None:
    """Refuse what comes to a game that is over or paused, or to another round than the open one."""
    if game.is_over:
        raise GameError(texts.OVER.format(rounds=game.settings.rounds))
    if game.paused:
        raise GameError(texts.PAUSED)
    if round_ is not None and round_ != game.round:
        raise GameError(texts.OTHER_ROUND.format(got=round_, open=game.round))


def check_taking(game: Game) -> None:
    """Refuse what comes to a round that is open no more, or closed while it is played."""
    check_open(game)
    if game.closed == game.round:
        raise GameError(texts.CLOSED.format(round=game.round))


def reopen(game: Game) -> list[Event]:
    """Whoever closed the open round to play it may have been killed: it takes decisions again.

    If it is being played after all, that is noticed: what comes now counts, and it is played once more.
    """
    return [{"kind": "opened"}] if game.closed else []


def is_past(game: Game, now: datetime) -> bool:
    """Whether the deadline of the open round has passed."""
    return bool(game.deadline) and now > datetime.fromisoformat(game.deadline)


def hand_in(
    game: Game,
    team: int,
    decision: Decision,
    forecast: dict[str, float],
    source: str,
    now: datetime,
    late: bool = False,
) -> Event:
    """A team's decision for the open round; the last one counts. It is checked already."""
    check_taking(game)
    return {
        "kind": "handed", "round": game.round, "team": team, "decision": decision.as_dict, "forecast": forecast,
        "source": source, "at": now.isoformat(timespec="seconds"), "late": late,
    }  # fmt: skip


def say(
    game: Game, student: str, number: float | None, low: float | None, high: float | None, reason: str, source: str,
    now: datetime, late: bool = False,
) -> Event:  # fmt: skip
    """A student's forecast and reason for the open round; the last one counts. It is checked already."""
    check_taking(game)
    if student not in game.students:  # all names were forgotten meanwhile
        raise GameError(texts.CHANGED_MEANWHILE)
    return {
        "kind": "said", "round": game.round, "student": student, "number": number, "low": low, "high": high,
        "reason": reason, "source": source, "at": now.isoformat(timespec="seconds"), "late": late,
    }  # fmt: skip


def join(game: Game, name: str, team: int) -> Event:
    """A student who stands on no roster joins a team, from the open round on."""
    check_name(name, "student")
    taken = set(game.students)
    number = len(taken) + 1
    while f"S{number}" in taken:
        number += 1
    return {"kind": "joined", "student": f"S{number}", "name": name, "team": team, "round": game.round}


def move(game: Game, student: str, team: int) -> Event:
    """A student goes to another team, from the open round on; earlier rounds stay with the earlier team."""
    check_open(game)
    if game.students[student].team_in(game.round) == team:
        raise GameError(texts.IS_IN_TEAM.format(name=game.students[student].name, team=game.teams[team]))
    return {"kind": "moved", "student": student, "team": team, "round": game.round}


def rename(game: Game, team: int, name: str) -> Event:
    """A team takes another name."""
    check_name(name, "team")
    if plain(name) in {plain(one) for i, one in enumerate(game.teams) if i != team}:
        raise GameError(texts.TEAM_TWICE.format(name=name))
    return {"kind": "renamed", "team": team, "name": name}


def remove(game: Game, team: int) -> Event:
    """A team without students is taken out: its firm plays on, and nobody waits for it."""
    if members := game.members(team, game.round):
        raise GameError(
            texts.TEAM_HAS_STUDENTS.format(team=game.teams[team], names=", ".join(s.name for s in members))
        )
    if team in game.removed or len(game.active) == 1:
        raise GameError(texts.TEAM_STAYS.format(team=game.teams[team]))
    return {"kind": "removed", "team": team}


def check_name(name: str, what: str) -> None:
    """Refuse a name that is no line of text; any letters may be in it, they are never markup."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise GameError(texts.BAD_NAME.format(what=what, most=LONGEST_NAME, got=name[:60]))


def book(game: Game, team: int, amount: float, why: str) -> Event:
    """A bonus, or below 0 a penalty, in the round that is open or was last."""
    return {
        "kind": "booked",
        "round": min(game.round, game.settings.rounds),
        "team": team,
        "amount": amount,
        "why": why,
    }


def check_model(game: Game) -> None:
    """Refuse to go on with another model than the game's: its numbers would be others.

    Raises
    ------
    WrongVersion
        It says what to take instead.
    """
    if game.model_version != MODEL_VERSION:
        raise WrongVersion(
            texts.OTHER_MODEL.format(
                made=game.model_version, here=MODEL_VERSION, cure=how_to_get(game.version, game.model_version)
            )
        )


def played(game: Game, markets: list[Played], now: datetime, deadline: str = "") -> Event:
    """A round that was played in all markets."""
    check_open(game)
    check_model(game)
    outcomes: dict[int, Any] = {}
    for market in markets:
        outcomes.update(market.outcomes)
    counted = {
        str(team): {"decision": one.decision.as_dict, "how": one.how, "forecast": one.forecast}
        for team, one in game.counting().items()
    }
    return {
        "kind": "played", "round": game.round, "counted": counted,
        "outcomes": {str(team): outcomes[team] for team in sorted(outcomes)},
        "public": [market.public for market in markets], "hashes": [market.state_hash for market in markets],
        "at": now.isoformat(timespec="seconds"), "deadline": deadline,
    }  # fmt: skip


def undo(game: Game) -> Event:
    """The last round is taken back: it is open again, with what was handed in for it."""
    if not game.rounds:
        raise GameError(texts.NOTHING_TO_UNDO)
    return {"kind": "undone", "round": len(game.rounds)}


def pause(game: Game, on: bool) -> Event:
    """Nothing moves, or everything moves again."""
    if game.paused == on:
        raise GameError(texts.IS_PAUSED if on else texts.IS_NOT_PAUSED)
    return {"kind": "paused" if on else "resumed"}
