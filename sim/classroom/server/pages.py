"""Pages: rendered here, whole, from templates and the one catalogue of texts; every name in them is escaped."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sim.classroom import texts
from sim.classroom.game import Student
from sim.classroom.report import HERE as CLASSROOM
from sim.classroom.report import STYLE
from sim.classroom.server.room import Room
from sim.terminal import count, number, percent

HERE = Path(__file__).parent
SEAT, DOOR, DESK = "seat", "door", "desk"
LONG = 180 * 24 * 3600
"""Seconds that a sign-in is kept by a browser: a term."""


@cache
def templates() -> Environment:
    """The templates, loaded once."""
    world = Environment(
        loader=FileSystemLoader([HERE / "templates", CLASSROOM]), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    world.globals.update(
        t=texts, count=count, percent=percent, number=number, key=lambda: secrets.token_urlsafe(9)
    )
    world.filters["time"] = lambda text: text[:16].replace("T", " ")
    return world


def part(template: str, **context: Any) -> str:
    """A part of a page."""
    return templates().get_template(template).render(**context).strip()


def page(room: Room, request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page for whoever asks."""
    student = student_of(room, request)
    base = {
        "room": room, "game": room.game, "settings": room.game.settings, "currency": room.game.settings.own.market.currency,
        "student": student, "team": team_of(room, student), "desk": is_instructor(room, request), "path": request.url.path,
        "problems": (), "view": "",
    }  # fmt: skip
    return HTMLResponse(part(template, **(base | context)), status)


def problem(room: Room, request: Request, said: str, back: str, status: int = 409) -> HTMLResponse:
    """A page that says what could not be done, and leads back."""
    return page(room, request, "problem.html", status=status, said=said, back=back)


def go(where: str) -> RedirectResponse:
    """On to another page, after a form."""
    return RedirectResponse(where, 303)


# ---------------------------------------------------------------- who asks


def cookie(room: Room, kind: str) -> str:
    """The name of a cookie: games on other ports of this computer have others."""
    return f"tenfold_{kind}_{room.kept.get('id', '')}"


def hand(room: Room, answer: Response, kind: str, value: str, *, strict: bool = False) -> None:
    """Give a browser a secret to keep, which no script reads."""
    answer.set_cookie(
        cookie(room, kind),
        value,
        max_age=LONG,
        httponly=True,
        samesite="strict" if strict else "lax",
        path="/",
    )


def student_of(room: Room, request: HTTPConnection) -> Student | None:
    """The student who asks."""
    return room.student_of(request.cookies.get(cookie(room, SEAT), ""))


def team_of(room: Room, student: Student | None) -> int | None:
    """A student's team in the round that is open, or was last; who joined after the last one has a team too."""
    return team_then(student, min(room.game.round, room.game.settings.rounds)) if student else None


def team_then(student: Student, number: int) -> int:
    """The team of a student in a round; of rounds before joining, the first team."""
    then = student.team_in(number)
    return student.teams[0][1] if then is None else then


def is_instructor(room: Room, request: HTTPConnection) -> bool:
    """Whether the instructor asks."""
    return room.is_instructor(request.cookies.get(cookie(room, DESK), ""))


async def style(request: Request) -> Response:
    """The style of all pages."""
    text = STYLE.read_text(encoding="utf-8") + (HERE / "static" / "class.css").read_text(encoding="utf-8")
    return Response(text, media_type="text/css", headers={"cache-control": "max-age=300"})


async def script(request: Request) -> Response:
    """The one script: it keeps drafts, and reads again what changed."""
    text = (HERE / "static" / "live.js").read_text(encoding="utf-8")
    return Response(text, media_type="text/javascript", headers={"cache-control": "max-age=300"})
