"""The server itself: a port, one process, until Ctrl-C."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
import types
from collections.abc import Callable
from typing import Any

import uvicorn

FIRST_PORT = 8000
PORTS = 20
"""Ports that are tried for a game that has none yet."""

GRACE_SECONDS = 1
ANSWER_SECONDS = 0.2


class PortTaken(OSError):
    """Another program listens there."""


def listen(port: int | None, *, is_room: bool) -> socket.socket:
    """A socket: on this computer alone, or with `is_room` for everybody who reaches it.

    Parameters
    ----------
    port : the one that is wanted; the first free one from 8000 unless given.

    Raises
    ------
    PortTaken
        Another program listens there.
    """
    host = "0.0.0.0" if is_room else "127.0.0.1"
    for one in [port] if port is not None else range(FIRST_PORT, FIRST_PORT + PORTS):
        if _answers(one):  # some systems let a second program share the port
            continue
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            found.setsockopt(socket.SOL_SOCKET, getattr(socket, address_option(sys.platform)), 1)
            found.bind((host, one))
            found.listen(2048)
        except OSError as error:
            found.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            continue
        return found
    raise PortTaken(
        f"port {port if port is not None else FIRST_PORT} is in use: is it open in another window already? "
        "--port 8123 takes another one"
    )


def address_option(platform: str) -> str:
    """The name of the option that lets a port be had again soon after a stop, and by nobody else meanwhile.

    On Windows SO_REUSEADDR would let another program take the port of one that listens; SO_EXCLUSIVEADDRUSE forbids it.
    """
    return "SO_EXCLUSIVEADDRUSE" if platform == "win32" else "SO_REUSEADDR"


def _answers(port: int) -> bool:
    """Whether somebody listens at a port of this computer already; 0 is whichever is free."""
    try:
        with socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS):
            return port != 0
    except OSError:
        return False


def serve(app: Any, door: socket.socket, ready: Callable[[], None] | None = None) -> None:
    """Serve until Ctrl-C; `ready` is called when pages can be asked for."""
    server = made(app)

    async def run() -> None:
        serving = asyncio.ensure_future(server.serve(sockets=[door]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        if ready is not None and not serving.done():
            ready()
        await serving

    asyncio.run(run())


class Server(uvicorn.Server):
    """Ends in order, within a second or two, also where Ctrl-C is pressed twice."""

    def handle_exit(self, sig: int, frame: types.FrameType | None) -> None:
        """Ctrl-C, or an end that the system asks for: the first one counts."""
        if not self.should_exit:
            super().handle_exit(sig, frame)


def made(app: Any) -> Server:
    """The server of an application: no lines of its own, no headers of other machines believed."""
    return Server(
        uvicorn.Config(
            app, log_level="error", access_log=False, proxy_headers=False, server_header=False, lifespan="on",
            ws="websockets-sansio", ws_max_size=4096, ws_per_message_deflate=False, ws_ping_interval=20.0, ws_ping_timeout=20.0,
            timeout_graceful_shutdown=GRACE_SECONDS, backlog=2048,
        )
    )  # fmt: skip
