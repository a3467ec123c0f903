"""What pages of students and of the instructor are made of: forms read and handed in, results, pictures, truths."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import Response

from sim.classroom import desk, gradebook, moves, report, scores
from sim.classroom.game import Game
from sim.classroom.server import fields, meanwhile, pages, workers
from sim.classroom.server.room import Room, now
from sim.classroom.sheets import Sheet, read_table
from sim.classroom.store import Change


async def read_form(room: Room, team: int, typed: dict[str, str], source: str) -> Sheet:
    """What somebody typed as a sheet, checked with bounds and the budget."""
    sheet = read_table(fields.table_of(room.game, team, typed), room.game, Sheet(source))
    if sheet.decision is not None and not sheet.faults and room.game.settings.budget is not None:
        desk.hold_to_budget(sheet, room.game, await room.facts(team))
    return sheet


async def hand_in(room: Room, sheet: Sheet, round_: int, typed: dict[str, str]) -> None:
    """Have what was typed, as a sheet, written for the round for which it was made; after the deadline it counts as late.

    Raises
    ------
    Meanwhile
        It would undo what somebody else handed in since the form was opened.
    """

    def make(game: Game) -> Change:
        moves.check_open(game, round_)
        meanwhile.check(game, sheet, typed)
        at = now()
        return Change(desk.events_of(game, sheet, at, moves.is_past(game, at), pressed=True))

    moves.check_model(room.game)
    await room.write(make, fields.pressed(typed))


def toml_file(game: Game, team: int, typed: dict[str, str]) -> Response:
    """The form as a decision file."""
    text = fields.file_of(fields.table_of(game, team, typed))
    return download(text.encode(), "application/toml", f"round-{game.round}.toml")


def download(data: bytes, kind: str, name: str) -> Response:
    """A file to save."""
    return Response(data, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


def handed_of(game: Game, team: int) -> list[tuple[Any, bool]]:
    """What a team handed in for the open round, by pages and files, and which counts."""
    latest = game.latest(team)
    return [(one, one is latest) for one in fields.handed_in(game, team)]


def student_parts(room: Room, team: int) -> dict[str, str]:
    """The parts of a student's page that change while it is open."""
    game = room.game
    now_ = pages.part(
        "now.html", room=room, game=game, settings=game.settings, team=team, latest=game.latest(team),
        members=game.members(team, game.round), message=room.kept.get("message", ""),
    )  # fmt: skip
    return {"now": now_}


def results_of(game: Game, team: int, number: int, source: str = "") -> report.Page:
    """A team's report as a part of a page; its picture is asked for apart."""
    drawn = report.Asked(
        source or f"/results/{number}/picture.svg", *report.picture_words(game.rounds[:number], team, game)
    )
    return report.page_of(game, team, number, drawn)


async def picture(room: Room, kept: dict[tuple[int, int, int], bytes], team: int, number: int) -> Response:
    """A picture, drawn once."""
    key = (room.game.undone, team, number)
    if key not in kept:
        kept[key] = await asyncio.wrap_future(room.workers.submit(workers.draw, room.game, team, number))
    return Response(kept[key], media_type="image/svg+xml")


def board_of(game: Game, team: int, allowed: str) -> list[tuple[int, str, Any, bool]]:
    """Rank, team, total (None where it may not be seen) and whether it is the own one, best first."""
    if allowed == "off" or not game.rounds:
        return []
    ranks, own = gradebook.rank(game), game.settings.seat(team).market
    rows = [
        (
            ranks[one.team],
            game.teams[one.team],
            one.total if allowed == "scores" or one.team == team else None,
            one.team == team,
        )
        for one in scores.team_scores(game)
        if one.team not in game.removed
        and (game.settings.alone or game.settings.seat(one.team).market == own)
    ]
    return sorted(rows, key=lambda row: (row[0], row[1]))


def truth_of(game: Game, team: int, number: int) -> dict[str, Any]:
    """What the firm could not see of its round: true reasons beside those told, silent failures, what was said."""
    outcome = game.rounds[number - 1].outcomes[team]
    told = outcome["seen"]["reasons"]
    true = outcome["true"]["reasons"]
    reasons = [
        (name, n, told.get(name, 0)) for name, n in sorted(true.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return {"reasons": reasons, "true": outcome["true"], "counts": outcome["true"]["counts"]}
