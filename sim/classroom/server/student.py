"""A student's pages: where the game stands, the decision form, the own forecast, results, customers, leaderboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.classroom import moves, scores, texts
from sim.classroom.decisions import planned_cost
from sim.classroom.faults import GameError, WrongVersion
from sim.classroom.game import Student
from sim.classroom.server import fields, pages, records
from sim.classroom.server.meanwhile import Meanwhile
from sim.classroom.server.parts import (
    board_of,
    download,
    hand_in,
    handed_of,
    picture,
    read_form,
    results_of,
    student_parts,
    toml_file,
    truth_of,
)
from sim.classroom.server.room import Room, now
from sim.classroom.sheets import Sheet, read_table

Page = Callable[[Request, Student, int], Coroutine[Any, Any, Response]]


class Students:
    """The pages of who is signed in.

    Parameters
    ----------
    room : Room
    """

    def __init__(self, room: Room) -> None:
        self.room = room
        self._pictures: dict[tuple[int, int, int], bytes] = {}
        self.routes = [
            Route("/me/{secret}", self.enter),
            Route("/play", self._for(self.play)),
            Route("/decide", self._for(self.decide), methods=["GET", "POST"]),
            Route("/forecast", self._for(self.forecast), methods=["GET", "POST"]),
            Route("/results", self._for(self.results)),
            Route("/results/{round:int}", self._for(self.results)),
            Route("/results/{round:int}/picture.svg", self._for(self.picture)),
            Route("/customers", self._for(self.customers)),
            Route("/customers.csv", self._for(self.customers_file)),
            Route("/board", self._for(self.board)),
            Route("/advance", self._for(self.advance), methods=["POST"]),
        ]

    def _for(self, page: Page) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """A page for students alone; others are led to the door."""

        async def serve(request: Request) -> Response:
            student = pages.student_of(self.room, request)
            team = pages.team_of(self.room, student)
            if student is None or team is None:
                return pages.go("/")
            try:
                return await page(request, student, team)
            except WrongVersion as error:
                return pages.problem(self.room, request, str(error), "/play")

        return serve

    async def enter(self, request: Request) -> Response:
        """The address that `class play` printed: the browser keeps its secret, and the bar shows it no longer."""
        secret = request.path_params["secret"]
        if not self.room.solo or self.room.student_of(secret) is None:
            return pages.problem(self.room, request, texts.NOT_YOURS, "/", 403)
        answer = pages.go("/play")
        pages.hand(self.room, answer, pages.SEAT, secret)
        return answer

    async def play(self, request: Request, student: Student, team: int) -> Response:
        """Where the game stands, and what to do now."""
        number = self.room.number_of(student.id)
        parts = student_parts(self.room, team)
        return pages.page(self.room, request, "play.html", view="student", number_of=number, now=parts["now"])

    # ------------------------------------------------------------ deciding

    async def decide(self, request: Request, student: Student, team: int) -> Response:
        """The form; what is handed in counts from when it is on the disk."""
        if request.method == "GET":
            done = request.query_params.get("done", "")
            return await self._form(request, team, note=texts.HANDED_IN if done else "", drop=bool(done))
        typed = fields.typed_of(await request.form())
        game = self.room.game
        if typed.get("of", str(team)) != str(team):  # a form of the team that the student was in
            return pages.problem(
                self.room, request, texts.MOVED_SINCE.format(team=game.teams[team]), "/decide"
            )
        if typed.get("do") == "file":
            return toml_file(game, team, typed)
        source = texts.SOURCE_PAGE.format(name=student.name)
        sheet = Sheet(source)
        if not game.is_over and not game.paused:
            sheet = await read_form(self.room, team, typed, source)
            if sheet.faults or typed.get("do") == "check":
                return await self._form(request, team, typed, sheet)
        try:
            await hand_in(self.room, sheet, game.round, typed)
        except Meanwhile as other:
            return await self._form(request, team, other.typed, status=409, meanwhile=other, drop=True)
        except GameError as error:
            return pages.problem(self.room, request, str(error), "/decide")
        return pages.go("/decide?done=1")

    async def _form(
        self,
        request: Request,
        team: int,
        typed: dict[str, str] | None = None,
        sheet: Sheet | None = None,
        **more: Any,
    ) -> Response:
        game = self.room.game
        faults = sheet.faults if sheet else []
        cost = ""
        if sheet and sheet.decision is not None and not faults:
            spends = planned_cost(sheet.decision, await self.room.facts(team))
            cost = texts.WOULD_SPEND.format(
                spends=f"{spends:,.0f}", currency=game.settings.own.market.currency
            )
        form = fields.form_of(game, team, typed, faults) if not game.is_over else None
        return pages.page(
            self.room, request, "decide.html", view="student", form=form,
            faults=faults, cost=cost, prefix=fields.PREFIX, handed=handed_of(game, team),
            is_late=moves.is_past(game, now()),
            **({"status": 422 if faults else 200, "note": "", "drop": False, "meanwhile": None} | more),
        )  # fmt: skip

    async def forecast(self, request: Request, student: Student, team: int) -> Response:
        """A student's own forecast, a range, and the reason."""
        game = self.room.game
        last = game.said_by(student.id, game.round)
        shown = {
            "number": last.number, "low": last.low, "high": last.high, "reason": last.reason
        } if last else {"number": None, "low": None, "high": None, "reason": ""}  # fmt: skip
        faults: list[Any] = []
        typed: dict[str, Any] = {k: "" if v is None else fields.written(v, k) for k, v in shown.items()}
        if request.method == "POST":
            form = fields.typed_of(await request.form())
            typed = {**typed, **form}
            opinion = fields.opinion_of(student.id, form)
            asked: dict[str, Any] = {"students": [opinion]} | (
                {"round": int(form["round"])} if form.get("round", "").isdecimal() else {}
            )
            sheet = read_table(asked, game, Sheet(texts.SOURCE_PAGE.format(name=student.name)))
            faults = sheet.faults
            if not faults:
                try:
                    await hand_in(self.room, sheet, game.round, form)
                except GameError as error:
                    return pages.problem(self.room, request, str(error), "/forecast")
                return pages.go("/forecast?done=1")
        done = request.query_params.get("done", "") if request.method == "GET" else ""
        history = [
            (played.number, said, played.outcomes[there]["seen"]["profit"], scores.opinion_points(said, played.outcomes[there]["seen"]))
            for played in game.rounds
            if (said := game.said_by(student.id, played.number)) and (there := student.team_in(played.number)) is not None
        ]  # fmt: skip
        return pages.page(
            self.room, request, "forecast.html", status=422 if faults else 200, view="student", typed=typed, faults=faults,
            note=texts.FORECAST_KEPT if done else "", drop=bool(done), history=history,
        )  # fmt: skip

    async def advance(self, request: Request, student: Student, team: int) -> Response:
        """Who plays alone goes on alone."""
        if not self.room.solo:
            return pages.problem(self.room, request, texts.NOT_YOURS, "/play", 403)
        typed = fields.typed_of(await request.form())
        try:
            await self.room.advance(int(typed.get("round", "0") or 0), anyway=True)
        except GameError as error:
            return pages.problem(self.room, request, str(error), "/play")
        return pages.go("/results")

    # ------------------------------------------------------------ looking

    async def results(self, request: Request, student: Student, team: int) -> Response:
        """What came of a round, as the firm may know it."""
        game = self.room.game
        number = request.path_params.get("round", len(game.rounds))
        there = pages.team_then(student, number)
        if not 1 <= number <= len(game.rounds):
            return pages.page(
                self.room, request, "results.html", view="student", report=None, number=0, truth=None
            )
        return pages.page(
            self.room, request, "results.html", view="student", report=results_of(game, there, number), number=number,
            truth=truth_of(game, there, number) if self.room.revealed else None,
        )  # fmt: skip

    async def picture(self, request: Request, student: Student, team: int) -> Response:
        """The picture of the results, drawn by another process, once."""
        game, number = self.room.game, request.path_params["round"]
        there = pages.team_then(student, number)
        if not 1 <= number <= len(game.rounds):
            return Response(status_code=404)
        return await picture(self.room, self._pictures, there, number)

    async def customers(self, request: Request, student: Student, team: int) -> Response:
        """The firm's own database, and its rules."""
        facts = await self.room.facts(team)
        return pages.page(
            self.room,
            request,
            "customers.html",
            view="student",
            **records.page_of(self.room.game, team, facts),
        )

    async def customers_file(self, request: Request, student: Student, team: int) -> Response:
        """The whole database for a spreadsheet."""
        facts = await self.room.facts(team)
        data = await asyncio.to_thread(records.as_file, facts)
        return download(data, "text/csv; charset=utf-8", "customers.csv")

    async def board(self, request: Request, student: Student, team: int) -> Response:
        """How the teams stand, as far as the instructor allows."""
        return pages.page(
            self.room,
            request,
            "board.html",
            view="student",
            rows=board_of(self.room.game, team, self.room.board),
        )
