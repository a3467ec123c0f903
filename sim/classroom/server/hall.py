"""The page for the projector, the square code, and who has reached this computer; also without a game, the day before."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from sim.classroom import texts
from sim.classroom.server import pages
from sim.classroom.server.addresses import Address
from sim.classroom.server.guard import Devices
from sim.classroom.server.live import Live
from sim.classroom.server.room import Room

PATIENCE = 120.0
"""Seconds without anybody, after which the page says what to try."""

MOST_NAMES = 60
"""Students whose names have room on the projector; of more, it shows how many are in each team."""


class Hall:
    """What stands before the class.

    Parameters
    ----------
    found : the addresses of this computer, the likely one first. port : where it listens.
    is_room : whether others can reach it. room : the game; None the day before, when the network is tried.

    Attributes
    ----------
    heard : is called with how many devices have come, when one more has.
    """

    def __init__(self, found: list[Address], port: int, *, is_room: bool, room: Room | None = None) -> None:
        self.found, self.port, self.is_room, self.room = found, port, is_room, room
        self.waited = False
        self.heard: Callable[[int], None] | None = None
        self.live = Live(lambda: room.stamp if room else "")
        self.devices = Devices((one.ip for one in found), self.tell)
        if room is not None:
            room.listeners.append(self.live.tell)
            self.routes: list[Any] = [Route("/projector", self.projector), Route("/square.svg", self.square)]
        else:
            self.routes = [
                Route("/projector", self.projector), Route("/square.svg", self.square), Route("/", self.arrived),
                WebSocketRoute("/live", self.listen),
            ]  # fmt: skip

    def tell(self) -> None:
        """Somebody came, or nobody did for long."""
        self.live.tell()
        if self.heard is not None and len(self.devices):
            self.heard(len(self.devices))

    async def patience(self) -> None:
        """After two minutes the page says what to try."""
        await asyncio.sleep(PATIENCE)
        self.waited = True
        self.tell()

    @property
    def address(self) -> str:
        """The address for others: the likely one; this computer's own where others cannot come."""
        ip = self.found[0].ip if self.is_room and self.found else "127.0.0.1"
        return f"http://{ip}:{self.port}"

    @property
    def others(self) -> list[str]:
        """Further addresses, with their adapters' names."""
        return (
            [f"http://{one.ip}:{self.port} ({one.adapter})" for one in self.found[1:]] if self.is_room else []
        )

    def parts(self) -> dict[str, str]:
        """What changes on the page while it is open."""
        game = self.room.game if self.room else None
        sizes = (
            {team: [s.name for s in game.members(team, game.round)] for team in game.active} if game else {}
        )
        joined = sum(map(len, sizes.values()))
        hide = joined > MOST_NAMES or (self.room is not None and self.room.kept.get("hidden") == "1")
        reached = pages.part(
            "reached.html", seen=len(self.devices), is_room=self.is_room, waited=self.waited, game=game, sizes=sizes,
            hide=hide, joined=joined,
        )  # fmt: skip
        return {"reached": reached}

    async def projector(self, request: Request) -> Response:
        """Address, code, square code, who has come."""
        if self.room is not None and not pages.is_instructor(self.room, request):
            return pages.problem(self.room, request, texts.NOT_INSTRUCTOR, "/", 403)
        room = self.room
        return self._page(
            "projector.html", title=room.game.settings.own.title if room else texts.TEST_TITLE, address=self.address,
            code=room.kept["code"] if room else "", others=self.others, is_room=self.is_room,
        )  # fmt: skip

    async def arrived(self, request: Request) -> Response:
        """What a device sees that came to try."""
        return self._page("arrived.html")

    def _page(self, template: str, **context: Any) -> Response:
        text = pages.part(template, room=self.room, problems=(), view="projector", **context, **self.parts())
        return Response(text, media_type="text/html; charset=utf-8")

    async def square(self, request: Request) -> Response:
        """The square code, drawn on the spot."""
        if self.room is not None and not pages.is_instructor(self.room, request):
            return Response(status_code=403)
        where = f"{self.address}/j/{self.room.kept['key']}" if self.room else self.address
        return Response(square(where), media_type="image/svg+xml")

    async def listen(self, socket: WebSocket) -> None:
        """The socket of the page of the day before."""
        await self.live.serve(socket, lambda: ("projector", self.parts))


def square(address: str) -> bytes:
    """An address as a square code, as SVG."""
    data = io.BytesIO()
    segno.make_qr(address, error="m").save(data, kind="svg", scale=8, border=4, dark="#000", light="#fff")
    return data.getvalue()
