"""Everybody who has a page open is told what changed; who is slow gets the newest alone, and holds up nobody."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect

APART = 0.1
"""Seconds between two tellings, at least: when a whole class hands in at once, pages hear of it together."""

View = Callable[[], dict[str, str]]
"""Makes the parts of a page by their ids, as HTML."""


class Live:
    """The open sockets.

    Parameters
    ----------
    stamp : gives what a page as a whole depends on.
    """

    def __init__(self, stamp: Callable[[], str]) -> None:
        self.stamp = stamp
        self._bells: set[asyncio.Event] = set()
        self._made: dict[tuple[str, int], str] = {}
        self._version = 0
        self._last = 0.0
        self._later: asyncio.TimerHandle | None = None

    def tell(self) -> None:
        """Something has changed: pages hear of it at once, or with what follows within a tenth of a second."""
        if self._later is not None:
            return
        loop = asyncio.get_running_loop()
        wait = self._last + APART - loop.time()
        if wait > 0.0:
            self._later = loop.call_later(wait, self._ring)
        else:
            self._ring()

    def _ring(self) -> None:
        self._later, self._last = None, asyncio.get_running_loop().time()
        self._version += 1
        self._made.clear()
        for bell in self._bells:
            bell.set()

    def __len__(self) -> int:
        return len(self._bells)

    async def serve(self, socket: WebSocket, audience: Callable[[], tuple[str, View] | None]) -> None:
        """Tell one page, until it goes or may see nothing more; `audience` names what it sees, and makes it."""
        await socket.accept()
        bell = asyncio.Event()
        bell.set()
        self._bells.add(bell)
        gone = asyncio.ensure_future(self._until_gone(socket))
        gone.add_done_callback(lambda _: bell.set())
        before = ""
        try:
            while await bell.wait() and not gone.done():
                bell.clear()
                who = audience()
                if who is None:
                    break
                message = self._message(*who)
                if message != before:
                    await socket.send_text(message)
                    before = message
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass
        finally:
            self._bells.discard(bell)
            gone.cancel()
            with contextlib.suppress(Exception, asyncio.CancelledError):
                await socket.close()

    def _message(self, name: str, view: View) -> str:
        """The same for all of one audience: made once a change."""
        key = (name, self._version)
        if key not in self._made:
            self._made[key] = json.dumps({"stamp": self.stamp(), "html": view()})
        return self._made[key]

    @staticmethod
    async def _until_gone(socket: WebSocket) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
            while True:
                await socket.receive_text()
