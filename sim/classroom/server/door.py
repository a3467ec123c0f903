"""The door: the join code or the square code, a name, a team and a button; and again with a four-digit number."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.classroom import moves, texts
from sim.classroom.faults import GameError
from sim.classroom.game import Game
from sim.classroom.names import called
from sim.classroom.server import codes, fields, pages
from sim.classroom.server.room import Room
from sim.classroom.store import Change


class Door:
    """The pages before a student is signed in.

    Wrong codes cost a try: many from one address, for a whole room may stand behind it, and five times as many from
    all, so that one address alone never takes everybody's; they come back by the second. Who has the square code, or is
    in already, needs none. A wrong number costs a try of the student's, of the address, and of all; after five the
    name waits, and the console says so. A fresh number from the instructor has tries of its own, and the address does not matter for it. One browser brings in a few students;
    one without cookies as many as a class has, and then one now and then: a new code shuts it out, and gives everybody new tries.
    """

    MOST_JOINED = 5
    LARGE_CLASS = 300
    A_SECOND = 0.2

    def __init__(self, room: Room) -> None:
        self.room = room
        self._renew()
        self.numbers = room.numbers
        self.numbers_of_one, self.numbers_of_all = codes.Tries(30, 1 / 60), codes.Tries(60, 1 / 30)
        self._joined: dict[str, set[str]] = {}  # whom each browser brought in
        self._claimed: set[str] = set()  # by joins that are being written
        self.routes = [
            Route("/", self.front), Route("/code", self.code, methods=["POST"]), Route("/j/{key}", self.square),
            Route("/join", self.join, methods=["GET", "POST"]), Route("/again", self.again, methods=["GET", "POST"]),
            Route("/out", self.out, methods=["POST"]),
        ]  # fmt: skip

    def _renew(self) -> None:
        """All tries of codes and joinings anew: those were for the code as it was."""
        self._code = self.room.kept.get("code", "")
        self.one, self.all = codes.Tries(60, self.A_SECOND), codes.Tries(300, 5 * self.A_SECOND)
        large = max(self.LARGE_CLASS, 15 * self.room.game.settings.teams)
        self.joins_of_one, self.joins_of_all = (
            codes.Tries(large, self.A_SECOND),
            codes.Tries(5 * large, 5 * self.A_SECOND),
        )

    async def front(self, request: Request) -> Response:
        """To the game for who is in, else the question for the code."""
        if self.room.solo and not pages.student_of(self.room, request):
            return pages.problem(self.room, request, texts.PLAYS_ALONE, "/", 403)
        if pages.student_of(self.room, request):
            return pages.go("/play")
        if self._may_join(request):
            return pages.go("/join")
        return pages.page(self.room, request, "front.html")

    async def code(self, request: Request) -> Response:
        """The code as it was typed."""
        typed = fields.typed_of(await request.form()).get("code", "")
        address = _address(request)
        if self._code != self.room.kept.get("code", ""):
            self._renew()
        wait = max(self.one.wait(address), self.all.wait(""))  # from here on nobody comes between
        if wait > 0.0:
            said = texts.WAIT_FOR_CODE.format(seconds=int(wait) + 1)
            return pages.page(self.room, request, "front.html", status=429, problems=[said])
        if self.room.solo or not codes.same_code(typed, self.room.kept["code"]):
            self.one.spend(address)
            self.all.spend("")
            return pages.page(self.room, request, "front.html", status=403, problems=[texts.WRONG_CODE])
        return self._let_in(request, pages.go("/join"))

    async def square(self, request: Request) -> Response:
        """The address of the square code."""
        if self.room.solo or not codes.same(request.path_params["key"], codes.digest(self.room.kept["key"])):
            return pages.go("/")
        return self._let_in(request, pages.go("/play" if pages.student_of(self.room, request) else "/join"))

    async def join(self, request: Request) -> Response:
        """A name, a team and a button."""
        if pages.student_of(self.room, request):
            return pages.go("/play")
        if not self._may_join(request):
            return pages.go("/")
        if request.method == "GET":
            return self._join_page(request)
        typed = fields.typed_of(await request.form())
        name, team = " ".join(typed.get("name", "").split()), typed.get("team", "")
        token, number = codes.new_key(), codes.new_number()
        seat = f"seat:{codes.digest(token)}"
        address = _address(request)
        if self._code != self.room.kept.get("code", ""):
            self._renew()
        brought = self._joined.setdefault(self._browser(request), set())
        mine: set[str] = set()

        def make(game: Game) -> Change:
            student, events = self._who(game, name, team)
            if len(brought) >= self.MOST_JOINED:
                raise GameError(texts.MANY_JOINED.format(most=self.MOST_JOINED))
            wait = max(self.joins_of_one.wait(address), self.joins_of_all.wait(""))
            if events and wait > 0.0:
                raise GameError(texts.WAIT_TO_JOIN.format(seconds=int(wait) + 1))
            if events:
                self.joins_of_one.spend(address)
                self.joins_of_all.spend("")
            brought.add(student)
            mine.add(student)
            self._claimed.add(student)
            return Change(events, {seat: student, f"number:{student}": number}, student)

        try:
            await self.room.write(make, fields.pressed(typed), lambda student: Change([], {seat: student}))
        except GameError as error:
            return self._join_page(request, 409, name=name, chosen=team, problems=[str(error)])
        finally:
            self._claimed -= mine
        answer = pages.go("/play")
        pages.hand(self.room, answer, pages.SEAT, token)
        return answer

    def _join_page(self, request: Request, status: int = 200, **typed: Any) -> Response:
        game = self.room.game
        sizes = {team: len(game.members(team, game.round)) for team in game.active}
        smallest = min(game.active, key=lambda team: (sizes[team], team))
        given = {"name": "", "chosen": str(smallest), "sizes": sizes} | typed
        return pages.page(self.room, request, "join.html", status=status, **given)

    def _who(self, game: Game, name: str, team: str) -> tuple[str, list[Any]]:
        """The student of this name who has no number yet, or a new one."""
        moves.check_name(name, "student")
        same = called(game, name)
        free = [s for s in same if not self.room.number_of(s.id) and s.id not in self._claimed]
        if len(free) == 1:
            return free[0].id, []
        if free:
            raise GameError(texts.NAMESAKES.format(name=name))
        if same:
            raise GameError(texts.NAME_TAKEN.format(name=name))
        if game.has_roster:
            raise GameError(texts.NOT_ON_ROSTER.format(name=name))
        if not team.isdecimal() or int(team) not in game.active:
            raise GameError(texts.CHOOSE_TEAM)
        event = moves.join(game, name, int(team))
        return event["student"], [event]

    async def again(self, request: Request) -> Response:
        """On another device or address: own name and number."""
        if not self._may_join(request):
            return pages.go("/")
        if request.method == "GET":
            return pages.page(self.room, request, "again.html", name="")
        typed = fields.typed_of(await request.form())
        name, number = " ".join(typed.get("name", "").split()), typed.get("number", "")
        said = self._problem(name, number, _address(request))
        if said:
            return pages.page(self.room, request, "again.html", status=403, name=name, problems=[said])
        token = codes.new_key()
        student = next(s.id for s in self._called(name) if self.room.number_of(s.id) == number)
        kept = {f"seat:{codes.digest(token)}": student, f"fresh:{student}": None}
        await self.room.write(lambda game: Change([], kept))
        answer = pages.go("/play")
        pages.hand(self.room, answer, pages.SEAT, token)
        return answer

    def _called(self, name: str) -> list[Any]:
        return called(self.room.game, name)

    def _problem(self, name: str, number: str, address: str) -> str:
        """Why somebody cannot come in again; "" if they can."""
        called = [s.id for s in self._called(name)]
        own = [self.room.tried(one) for one in called]
        wait = max((self.numbers.wait(one) for one in own), default=0.0)
        if wait > 0.0:
            return texts.WAIT_FOR_NUMBER.format(minutes=int(wait / 60) + 1)
        wait = max(self.numbers_of_one.wait(address), self.numbers_of_all.wait(""))
        if wait > 0.0 and not any(f"fresh:{one}" in self.room.kept for one in called):
            return texts.WAIT_FOR_NUMBERS.format(seconds=int(wait) + 1)
        if any(self.room.number_of(one) == number != "" for one in called):
            return ""
        for one in own:
            self.numbers.spend(one)
        self.numbers_of_one.spend(address)
        self.numbers_of_all.spend("")
        if any(self.numbers.wait(one) for one in own):  # the console says so
            self.room.tell()
        return texts.WRONG_NUMBER

    async def out(self, request: Request) -> Response:
        """This device is somebody else's next: the sign-in goes, the student stays."""
        token = request.cookies.get(pages.cookie(self.room, pages.SEAT), "")
        if token:
            await self.room.write(lambda game: Change([], {f"seat:{codes.digest(token)}": None}))
        answer = pages.go("/")
        answer.delete_cookie(pages.cookie(self.room, pages.SEAT), path="/")
        return answer

    def _may_join(self, request: Request) -> bool:
        return not self.room.solo and bool(self._browser(request))

    def _browser(self, request: Request) -> str:
        """What tells this browser from others, if it knew the code; else ""."""
        given = request.cookies.get(pages.cookie(self.room, pages.DOOR), "")
        browser = given.partition(".")[0]
        return browser if browser and codes.same(given, codes.digest(self._pass(browser))) else ""

    def _let_in(self, request: Request, answer: Response) -> Response:
        """The browser knew the code; it stays the one that it was."""
        pages.hand(self.room, answer, pages.DOOR, self._pass(self._browser(request) or codes.short_key()))
        return answer

    def _pass(self, browser: str) -> str:
        """What a browser has that knew the code; a new code voids it."""
        return f"{browser}.{codes.digest(browser + self.room.kept['key'] + self.room.kept['code'])}"


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
