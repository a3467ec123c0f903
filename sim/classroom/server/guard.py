"""Who is let in: requests of this computer's own pages, of a sane size; every answer carries what keeps a page to itself."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from sim.classroom import texts

LARGEST = 200_000
"""Bytes of a form, at most."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws://{host}; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
KEPT_TO_ITSELF = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Devices:
    """Who has reached this computer: addresses that are not its own.

    Parameters
    ----------
    own : the addresses of this computer. tell : called when a new one came.
    """

    def __init__(self, own: Iterable[str], tell: Callable[[], None]) -> None:
        self.own, self.tell = set(own), tell
        self.seen: set[str] = set()

    def __len__(self) -> int:
        return len(self.seen)

    def came(self, address: str) -> None:
        """A request came from there."""
        if address in self.seen or address in self.own or not _is_foreign(address):
            return
        self.seen.add(address)
        self.tell()


def _is_foreign(address: str) -> bool:
    try:
        return not ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class Guard:
    """Stands before the application.

    Parameters
    ----------
    app : the application. devices : hears of every address.
    """

    def __init__(self, app: Any, devices: Devices) -> None:
        self.app, self.devices = app, devices

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let a request through, or refuse it in a sentence."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope.get("client"):
            self.devices.came(scope["client"][0])
        problem, status = refusal(scope, headers)
        if problem and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        elif problem:
            await PlainTextResponse(problem, status)(scope, receive, send)
        else:
            await self.app(scope, receive, self._kept_to_itself(send, headers.get("host", "")))

    @staticmethod
    def _kept_to_itself(send: Any, host: str) -> Any:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.update(KEPT_TO_ITSELF)
                answer.setdefault("content-security-policy", POLICY.format(host=host))
                answer.setdefault("cache-control", "no-store")
            await send(message)

        return sending


def refusal(scope: Any, headers: Headers) -> tuple[str, int]:
    """Why a request is not let in, and the status; "" if it is."""
    host = headers.get("host", "")
    if not is_own_host(host):
        return texts.OTHER_HOST, 421
    if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
        return "", 200
    origin = headers.get("origin", "")
    if _split(origin)[0] != host or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return texts.OTHER_SITE, 403
    if scope["type"] == "http":
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return texts.NO_LENGTH, 411
        if int(length) > LARGEST:
            return texts.TOO_LARGE, 413
    return "", 200


def is_own_host(host: str) -> bool:
    """Whether a Host line names this computer: an address, localhost, or its own name; no other site's name."""
    name = _split(f"//{host}")[1] if host else ""
    try:
        ipaddress.ip_address(name)
        return True
    except ValueError:
        own = socket.gethostname().casefold().removesuffix(".local")
        return name.casefold() in ("localhost", own, f"{own}.local")


def _split(address: str) -> tuple[str, str]:
    """Host with port, and host alone, of an address; "" of one that is none."""
    try:
        parts = urlsplit(address)
        return parts.netloc, parts.hostname or ""
    except ValueError:
        return "", ""
