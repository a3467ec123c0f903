"""A student's pages: where the game stands, the decision form, the own forecast, results, customers, leaderboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.classroom import desk, gradebook, moves, report, scores, texts
from sim.classroom.decisions import planned_cost
from sim.classroom.faults import GameError
from sim.classroom.game import Game, Student
from sim.classroom.server import fields, pages, records, workers
from sim.classroom.server.room import Room, now
from sim.classroom.sheets import Sheet, read_table
from sim.classroom.store import Change

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
            return await page(request, student, team)

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
        if typed.get("do") == "file":
            return toml_file(game, team, typed)
        source = texts.SOURCE_PAGE.format(name=student.name)
        sheet = Sheet(source)
        if not game.is_over and not game.paused:
            sheet = await read_form(self.room, team, typed, source)
            if sheet.faults or typed.get("do") == "check":
                return await self._form(request, team, typed, sheet)
        try:
            await hand_in(self.room, sheet, typed.get("key", ""))
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
            self.room, request, "decide.html", status=422 if faults else 200, view="student", form=form,
            faults=faults, cost=cost, prefix=fields.PREFIX, handed=handed_of(game, team),
            is_late=moves.is_past(game, now()), **({"note": "", "drop": False} | more),
        )  # fmt: skip

    async def forecast(self, request: Request, student: Student, team: int) -> Response:
        """A student's own forecast, a range, and the reason."""
        game = self.room.game
        last = game.said_by(student.id, game.round)
        shown = {
            "number": last.number, "low": last.low, "high": last.high, "reason": last.reason
        } if last else {"number": None, "low": None, "high": None, "reason": ""}  # fmt: skip
        faults: list[Any] = []
        typed: dict[str, Any] = {
            k: "" if v is None else (f"{v:g}" if k != "reason" else v) for k, v in shown.items()
        }
        if request.method == "POST":
            form = fields.typed_of(await request.form())
            typed = {**typed, **form}
            opinion = fields.opinion_of(student.id, form)
            asked: dict[str, Any] = {"students": [opinion]} | (
                {"round": int(form["round"])} if form.get("round", "").isdigit() else {}
            )
            sheet = read_table(asked, game, Sheet(texts.SOURCE_PAGE.format(name=student.name)))
            faults = sheet.faults
            if not faults:
                try:
                    await hand_in(self.room, sheet, form.get("key", ""))
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
        there = team_then(student, number)
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
        there = team_then(student, number)
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


# ---------------------------------------------------------------- what pages are made of


def team_then(student: Student, number: int) -> int:
    """Whose results of a round a student sees: the team of that round; of rounds before joining, the first team."""
    then = student.team_in(number)
    return student.teams[0][1] if then is None else then


async def read_form(room: Room, team: int, typed: dict[str, str], source: str) -> Sheet:
    """What somebody typed as a sheet, checked with bounds and the budget."""
    sheet = read_table(fields.table_of(room.game, team, typed), room.game, Sheet(source))
    if sheet.decision is not None and not sheet.faults and room.game.settings.budget is not None:
        desk.hold_to_budget(sheet, room.game, await room.facts(team))
    return sheet


async def hand_in(room: Room, sheet: Sheet, key: str) -> None:
    """Have a sheet written for the round for which it was made; after the deadline it counts as late."""
    round_ = room.game.round

    def make(game: Game) -> Change:
        moves.check_open(game, round_)
        at = now()
        return Change(desk.events_of(game, sheet, at, moves.is_past(game, at), pressed=True))

    moves.check_model(room.game)
    await room.write(make, key)


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
    return [(one, one is latest) for one in game.handed if (one.round, one.team) == (game.round, team)]


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
