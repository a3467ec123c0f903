"""Debriefs, computed by another process, once a team and round."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

from sim.classroom import moves
from sim.classroom.server import workers
from sim.classroom.server.room import Room


class Debriefs:
    """What was computed so far."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._known: dict[tuple[int, int, int], Future[dict[str, Any]]] = {}

    async def of(self, team: int) -> dict[str, Any]:
        """A team's debrief after the last round; by the model that played it, or by none."""
        moves.check_model(self.room.game)
        await self.room.prepared()
        game = self.room.game
        key = (game.undone, len(game.rounds), team)
        known = self._known.get(key)
        if known is None or (known.done() and known.exception()):
            market = game.settings.seat(team).market
            known = self.room.workers.submit(workers.debrief, game.settings, market, game.decided, team)
            self._known[key] = known
        return await asyncio.shield(asyncio.wrap_future(known))
