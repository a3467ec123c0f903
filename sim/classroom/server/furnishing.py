"""What an opening keeps in the folder: port, join code, key, and the digest of a fresh secret."""

from __future__ import annotations

import secrets

from sim.classroom import moves
from sim.classroom.server import codes
from sim.classroom.server.room import Room
from sim.classroom.store import Change


def furnish(room: Room, port: int) -> str:
    """What every opening keeps: code, key and number of the game, once; port and a fresh instructor's secret, always.

    Returns
    -------
    The instructor's secret; its digest alone is kept.
    """
    secret = codes.new_key()
    kept = {
        "id": room.kept.get("id") or secrets.token_hex(4), "code": room.kept.get("code") or codes.new_code(),
        "key": room.kept.get("key") or codes.short_key(), "port": str(port), "instructor": codes.digest(secret),
    }  # fmt: skip
    room.writer.ask(lambda game: Change(moves.reopen(game), dict(kept))).result()
    room.kept.update(kept)
    return secret


def furnish_alone(room: Room, port: int) -> str:
    """The same for who plays alone: no code, no instructor.

    Returns
    -------
    The player's secret; its digest alone is kept.
    """
    secret = codes.new_key()
    player = next(iter(room.game.students))
    kept = {
        "id": room.kept.get("id") or secrets.token_hex(4),
        "port": str(port),
        f"seat:{codes.digest(secret)}": player,
    }
    room.writer.ask(lambda game: Change(moves.reopen(game), dict(kept))).result()
    room.kept.update(kept)
    return secret
