"""The application: all routes, the socket, and what stands before them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from sim.classroom import texts
from sim.classroom.faults import GameError
from sim.classroom.server import pages
from sim.classroom.server.console import Console, console_parts
from sim.classroom.server.door import Door
from sim.classroom.server.guard import Guard
from sim.classroom.server.hall import Hall
from sim.classroom.server.live import View
from sim.classroom.server.parts import student_parts
from sim.classroom.server.room import Room
from sim.classroom.server.student import Students

ICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0072b2"/>'
    b'<text x="8" y="12" font-size="11" font-family="sans-serif" text-anchor="middle" fill="#fff">10</text></svg>'
)


def class_app(room: Room, hall: Hall) -> Guard:
    """The application of a game."""

    async def live(socket: WebSocket) -> None:
        await hall.live.serve(socket, lambda: audience(room, hall, socket))

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with room.alive():
            room.in_background(hall.patience())
            yield

    routes = [
        *Door(room).routes, *Students(room).routes, *Console(room).routes, *hall.routes, *files(),
        WebSocketRoute("/live", live),
    ]  # fmt: skip

    async def missing(request: Request, error: Exception) -> Response:
        return pages.problem(room, request, texts.NO_SUCH_PAGE, "/", 404)

    async def refused(request: Request, error: Exception) -> Response:
        return pages.problem(room, request, str(error), "/", 409)

    handlers: Any = {404: missing, GameError: refused}
    return Guard(Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers), hall.devices)


def test_app(hall: Hall) -> Guard:
    """The application of the day before: one page, and who has come."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        import asyncio

        waiting = asyncio.ensure_future(hall.patience())
        yield
        waiting.cancel()

    return Guard(Starlette(routes=[*hall.routes, *files()], lifespan=lifespan), hall.devices)


def files() -> list[Route]:
    """What every page asks for."""
    return [
        Route("/style.css", pages.style), Route("/live.js", pages.script), Route("/icon.svg", icon), Route("/here", here),
    ]  # fmt: skip


async def icon(request: Request) -> Response:
    """The mark in the browser's tab."""
    return Response(ICON, media_type="image/svg+xml", headers={"cache-control": "max-age=86400"})


async def here(request: Request) -> Response:
    """Whether the server can be reached: a page asks before it sends a form."""
    return PlainTextResponse("here")


def audience(room: Room, hall: Hall, socket: WebSocket) -> tuple[str, View] | None:
    """What a socket may hear now, by its cookies and the page that opened it; None: nothing, no longer."""
    view = socket.query_params.get("view", "")
    if view == "student":
        team = pages.team_of(room, pages.student_of(room, socket))
        return (f"student {team}", lambda: student_parts(room, team)) if team is not None else None
    if pages.is_instructor(room, socket):
        if view == "console":
            return "console", lambda: console_parts(room)
        if view == "projector":
            return "projector", hall.parts
    return None
