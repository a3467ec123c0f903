"""The instructor's console: who is here, who has handed in; advance, pause, say, take back; every team's book."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.classroom import gradebook, moves, scores, store, texts
from sim.classroom.faults import GameError, WrongVersion
from sim.classroom.game import Event, Game
from sim.classroom.server import codes, debrief, exports, fields, pages, parts, records, workers
from sim.classroom.server.meanwhile import Meanwhile
from sim.classroom.server.parts import hand_in, handed_of, read_form, results_of, toml_file, truth_of
from sim.classroom.server.room import BOARDS, Room
from sim.classroom.store import Change

LONGEST_MESSAGE = 500
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Console:
    """The pages of who has the newest instructor address.

    Parameters
    ----------
    room : Room
    """

    def __init__(self, room: Room) -> None:
        self.room = room
        self._pictures: dict[tuple[int, int, int], bytes] = {}
        self._debriefs = debrief.Debriefs(room)
        self.does: dict[str, Callable[[dict[str, str]], Coroutine[Any, Any, None]]] = {
            "advance": self._advance, "pause": self._pause, "resume": self._pause, "message": self._message,
            "deadline": self._deadline, "undo": self._undo, "rename": self._rename, "remove": self._remove,
            "move": self._move, "number": self._number, "book": self._book, "show": self._show, "code": self._code,
        }  # fmt: skip
        self.routes = [
            Route("/console/in/{secret}", self.enter),
            Route("/console", self._for(self.console), methods=["GET", "POST"]),
            Route("/console/preview", self._for(self.preview), methods=["POST"]),
            Route("/console/debrief", self._for(self.debrief)),
            Route("/console/debrief/{team:int}", self._for(self.debrief_team)),
            Route("/console/team/{team:int}", self._for(self.team), methods=["GET", "POST"]),
            Route("/console/team/{team:int}/{round:int}/picture.svg", self._for(self.picture)),
            Route("/console/sheet/{team:int}/{round:int}", self._for(self.sheet)),
            Route("/console/export/{name}", self._for(self.export)),
        ]

    def _for(self, page: Handler) -> Handler:
        """A page for the instructor alone."""

        async def serve(request: Request) -> Response:
            if not pages.is_instructor(self.room, request):
                return pages.problem(self.room, request, texts.NOT_INSTRUCTOR, "/", 403)
            if (team := request.path_params.get("team", 0)) >= self.room.game.settings.teams:
                return pages.problem(
                    self.room, request, texts.NO_SUCH_TEAM.format(team=team), "/console", 404
                )
            try:
                return await page(request)
            except WrongVersion as error:
                return pages.problem(self.room, request, str(error), "/console")

        return serve

    async def enter(self, request: Request) -> Response:
        """The address that `class open` printed: the browser keeps its secret, and the bar shows it no longer."""
        secret = request.path_params["secret"]
        if not self.room.is_instructor(secret):
            return pages.problem(self.room, request, texts.NOT_INSTRUCTOR, "/", 403)
        answer = pages.go("/console")
        pages.hand(self.room, answer, pages.DESK, secret, strict=True)
        return answer

    async def console(self, request: Request) -> Response:
        """The console, and everything that its buttons do."""
        if request.method == "GET":
            return self._console(request)
        typed = fields.typed_of(await request.form())
        does = self.does.get(typed.get("do", ""))
        try:
            if does is None:
                raise GameError(texts.NO_SUCH_BUTTON)
            await does(typed)
        except GameError as error:
            return self._console(request, 409, problems=[str(error)])
        return pages.go("/console")

    def _console(self, request: Request, status: int = 200, **more: Any) -> Response:
        game = self.room.game
        people = [(s, s.team_in(game.round), self.room.number_of(s.id)) for s in game.students.values()]
        return pages.page(
            self.room, request, "console.html", status=status, view="console", people=people, boards=BOARDS,
            message=self.room.kept.get("message", ""), names_hidden=self.room.kept.get("hidden") == "1",
            files=exports.NAMES, **console_parts(self.room), **more,
        )  # fmt: skip

    # ------------------------------------------------------------ what the buttons do

    async def _change(self, make: Callable[[Game], list[Event]], typed: dict[str, str]) -> None:
        await self.room.write(lambda game: Change(make(game)), fields.pressed(typed))

    async def _advance(self, typed: dict[str, str]) -> None:
        await self.room.advance(
            _whole(typed, "round"),
            anyway=typed.get("anyway") == "1",
            deadline=_time(typed.get("deadline", "")),
        )

    async def _pause(self, typed: dict[str, str]) -> None:
        await self._change(lambda game: [moves.pause(game, typed["do"] == "pause")], typed)

    async def _message(self, typed: dict[str, str]) -> None:
        text = typed.get("message", "")[:LONGEST_MESSAGE]
        await self.room.keep(message=text or None)

    async def _deadline(self, typed: dict[str, str]) -> None:
        said = _time(typed.get("deadline", ""))
        await self._change(lambda game: [{"kind": "deadline", "deadline": said}], typed)

    async def _undo(self, typed: dict[str, str]) -> None:
        to = _whole(typed, "round")
        if not 1 <= to <= len(self.room.game.rounds):
            raise GameError(texts.NOTHING_TO_UNDO)
        await self.room.undo(to)

    async def _rename(self, typed: dict[str, str]) -> None:
        await self._change(
            lambda game: [moves.rename(game, _team(game, typed), typed.get("name", ""))], typed
        )

    async def _remove(self, typed: dict[str, str]) -> None:
        await self._change(lambda game: [moves.remove(game, _team(game, typed))], typed)

    async def _move(self, typed: dict[str, str]) -> None:
        await self._change(lambda game: [moves.move(game, _student(game, typed), _team(game, typed))], typed)

    async def _number(self, typed: dict[str, str]) -> None:
        """A new number, with tries of its own; devices that are signed in under this name no longer are."""
        student = _student(self.room.game, typed)
        seats = dict.fromkeys(
            name for name, who in self.room.kept.items() if name.startswith("seat:") and who == student
        )
        await self.room.keep(**{f"number:{student}": codes.new_number(), f"fresh:{student}": "1"}, **seats)

    async def _book(self, typed: dict[str, str]) -> None:
        try:
            amount = float(typed.get("amount", ""))
        except ValueError:
            amount = float("nan")
        if not abs(amount) < 1e15:
            raise GameError(texts.NOT_AN_AMOUNT.format(got=typed.get("amount", "")[:40]))
        await self._change(
            lambda game: [moves.book(game, _team(game, typed), amount, typed.get("why", "")[:200])], typed
        )

    async def _show(self, typed: dict[str, str]) -> None:
        board = typed.get("board", "ranks")
        yes = {name: "1" if typed.get(name) == "1" else "0" for name in ("hidden", "revealed")}
        await self.room.keep(board=board if board in BOARDS else "ranks", **yes)

    async def _code(self, typed: dict[str, str]) -> None:
        await self.room.keep(code=codes.new_code(), key=codes.short_key())

    # ------------------------------------------------------------ teams

    async def team(self, request: Request) -> Response:
        """A team's book, and its form for the instructor to type in."""
        team = request.path_params["team"]
        typed, faults, other = None, [], None
        if request.method == "POST":
            typed = fields.typed_of(await request.form())
            if typed.get("do") == "file":
                return toml_file(self.room.game, team, typed)
            round_ = self.room.game.round
            try:
                moves.check_open(self.room.game)
                sheet = await read_form(self.room, team, typed, texts.SOURCE_CONSOLE)
                faults = sheet.faults
                if not faults:
                    await hand_in(self.room, sheet, round_, typed)
                    return pages.go(f"/console/team/{team}")
            except Meanwhile as meanwhile:
                typed, other = meanwhile.typed, meanwhile
            except GameError as error:
                return pages.problem(self.room, request, str(error), f"/console/team/{team}")
        return await self._team(request, team, typed, faults, other)

    async def _team(
        self,
        request: Request,
        team: int,
        typed: dict[str, str] | None,
        faults: list[Any],
        other: Meanwhile | None,
    ) -> Response:
        game = self.room.game
        number = len(game.rounds)
        book = (
            results_of(game, team, number, f"/console/team/{team}/{number}/picture.svg") if number else None
        )
        form = fields.form_of(game, team, typed, faults) if not game.is_over else None
        data: dict[str, Any] = {"other": ""}
        try:
            data |= records.page_of(game, team, await self.room.facts(team))
        except WrongVersion as error:
            data = {"other": str(error)}
        status = 409 if other else 422 if faults else 200
        return pages.page(
            self.room, request, "team.html", status=status, view="console", of=team, report=book, form=form,
            faults=faults, meanwhile=other, prefix=fields.PREFIX, handed=handed_of(game, team), number=number, cost="",
            truth=truth_of(game, team, number) if number else None, **data,
        )  # fmt: skip

    async def picture(self, request: Request) -> Response:
        """The picture of a team's rounds."""
        team, number = request.path_params["team"], request.path_params["round"]
        if not 1 <= number <= len(self.room.game.rounds):
            return Response(status_code=404)
        return await parts.picture(self.room, self._pictures, team, number)

    async def preview(self, request: Request) -> Response:
        """The open round played for the instructor's eyes alone: nothing of it is kept."""
        game = self.room.game
        try:
            moves.check_open(game)
            moves.check_model(game)
        except GameError as error:
            return self._console(request, 409, problems=[str(error)])
        await self.room.prepared()
        rounds = [*game.decided, {team: one.decision for team, one in game.counting().items()}]
        cache = self.room.folder / store.CACHE
        jobs = [
            self.room.workers.submit(workers.play, game.settings, n, rounds, cache)
            for n in range(game.settings.markets)
        ]
        played = await asyncio.gather(*map(asyncio.wrap_future, jobs))
        seen = {team: one["seen"] for (market, _) in played for team, one in market.outcomes.items()}
        return pages.page(self.room, request, "preview.html", view="console", seen=sorted(seen.items()))

    async def debrief(self, request: Request) -> Response:
        """The truth about every team of the last round."""
        game = self.room.game
        rows = [(team, truth_of(game, team, len(game.rounds))) for team in game.active] if game.rounds else []
        return pages.page(self.room, request, "debrief.html", view="console", rows=rows, one=None, of=None)

    async def debrief_team(self, request: Request) -> Response:
        """One team: true lifetime values, and its market had it not decided so."""
        game, team = self.room.game, request.path_params["team"]
        if not game.rounds:
            return pages.go("/console/debrief")
        one = await self._debriefs.of(team)
        rows = [(team, truth_of(game, team, len(game.rounds)))]
        same = [other for other, _ in game.settings.members(game.settings.seat(team).market)]
        return pages.page(
            self.room, request, "debrief.html", view="console", rows=rows, one=one, of=team,
            names={game.settings.seat(other).firm: game.teams[other] for other in same},
        )  # fmt: skip

    # ------------------------------------------------------------ papers

    async def sheet(self, request: Request) -> Response:
        """A team's printable report."""
        team, number = request.path_params["team"], request.path_params["round"]
        if not 1 <= number <= len(self.room.game.rounds):
            return pages.problem(self.room, request, texts.NOT_PLAYED, "/console", 404)
        made = await asyncio.wrap_future(self.room.workers.submit(workers.page, self.room.game, team, number))
        answer = Response(made, media_type="text/html; charset=utf-8")
        answer.headers["content-security-policy"] = exports.SHEET_POLICY
        return answer

    async def export(self, request: Request) -> Response:
        """The tables: one as CSV, all as a workbook."""
        name = request.path_params["name"]
        if name not in exports.NAMES:
            return pages.problem(
                self.room, request, texts.NO_SUCH_FILE.format(name=name[:40]), "/console", 404
            )
        data, kind = await asyncio.to_thread(exports.made, self.room.game, name)
        return parts.download(data, kind, name)


# ---------------------------------------------------------------- parts and what was typed


def console_parts(room: Room) -> dict[str, str]:
    """The parts of the console that change while it is open."""
    game = room.game
    by_team = {one.team: one for one in scores.team_scores(game)}
    ranks = gradebook.rank(game)
    rows = [
        (team, game.members(team, game.round), game.latest(team), by_team[team].total, ranks[team])
        for team in game.active
    ]
    return {
        name: pages.part(f"{name}.html", room=room, game=game, settings=game.settings, rows=rows)
        for name in ("stands", "teams")
    }


def _whole(typed: dict[str, str], name: str) -> int:
    return int(typed[name]) if typed.get(name, "").isdecimal() else 0


def _team(game: Game, typed: dict[str, str]) -> int:
    team = typed.get("team", "")
    if not team.isdecimal() or int(team) not in game.active:
        raise GameError(texts.CHOOSE_TEAM)
    return int(team)


def _student(game: Game, typed: dict[str, str]) -> str:
    if typed.get("student") not in game.students:
        raise GameError(texts.CHOOSE_STUDENT)
    return typed["student"]


def _time(text: str) -> str:
    """A time as browsers give it, local, as ISO 8601 with its zone; "" for none."""
    if not text:
        return ""
    try:
        return datetime.fromisoformat(text).astimezone().isoformat(timespec="minutes")
    except ValueError:
        raise GameError(texts.NOT_A_TIME.format(got=text[:40])) from None
