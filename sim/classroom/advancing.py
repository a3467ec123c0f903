"""The open round played and written: once, whoever else advances, and with what was handed in meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from sim.classroom import moves, texts
from sim.classroom.decisions import Decision
from sim.classroom.faults import GameError
from sim.classroom.game import Event, Game
from sim.classroom.markets import Played
from sim.classroom.store import Store

MOST_REPEATS = 2
"""So often a round is played again for a decision that came while it was played; then it is closed, and played."""

Play = Callable[[Game, list[dict[int, Decision]]], list[Played]]
"""Plays the last of these rounds in all markets."""


def play_open_round(
    folder: Path,
    now: datetime,
    play: Play,
    *,
    deadline: str = "",
    anyway: bool = True,
    only: int | None = None,
) -> Game:
    """Play the open round with what was handed in; a copy of the game is kept before it.

    Whoever else advances at the same time: one round is played, the other is told. A decision that comes while the
    markets are played counts: they are played again. After `MOST_REPEATS` the round is closed while it is played:
    what comes then is refused, and its sender told.

    Parameters
    ----------
    play : plays the markets.
    deadline : of the next round.
    anyway : whether to play a round for which nobody handed in anything; else a second press is refused.
    only : the round that is meant; another one that is open meanwhile is not played.

    Raises
    ------
    GameError
        The game is over or paused, made by another model, or the round was played meanwhile.
    """
    kept = Store(folder)
    game = kept.game
    if only is not None and not game.is_over and game.round != only:
        raise GameError(texts.PLAYED_MEANWHILE.format(round=only))
    moves.check_open(game)
    moves.check_model(game)
    if not anyway and all(one.how not in ("handed", "late") for one in game.counting().values()):
        raise GameError(texts.NOBODY_HANDED_IN.format(round=game.round))
    kept.copy_before(f"before-round-{game.round}")
    played, held = 0, contextlib.ExitStack()
    try:
        while True:
            if played > MOST_REPEATS:
                held.enter_context(kept.playing())
                game = kept.change(partial(_closing, game=game))
            counting = game.counting()
            rounds = [*game.decided, {team: one.decision for team, one in counting.items()}]
            after, done = _commit(kept, game, play(game, rounds), now, deadline)
            if done:
                return after
            game, played = after, played + 1
    except BaseException:
        if game.closed:  # it was not played: it takes decisions again
            kept.change(lambda latest: moves.reopen(latest) if latest.closed == game.round else [])
        raise
    finally:
        held.close()


def _closing(latest: Game, game: Game) -> list[Event]:
    """The round takes no decisions any more, unless it was played meanwhile (refused)."""
    _check_same(latest, game)
    return [{"kind": "closed", "round": game.round}]


def _commit(kept: Store, game: Game, played: list[Played], now: datetime, deadline: str) -> tuple[Game, bool]:
    """Write a round, unless it was played meanwhile (refused) or other decisions count by now (not done)."""
    wrote: list[Event] = []

    def make(latest: Game) -> list[Event]:
        _check_same(latest, game)
        if latest.counting() == game.counting():
            wrote.append(moves.played(latest, played, now, deadline))
        return wrote

    after = kept.change(make)
    return after, bool(wrote)


def _check_same(latest: Game, game: Game) -> None:
    if (latest.round, latest.undone) != (game.round, game.undone):
        raise GameError(texts.PLAYED_MEANWHILE.format(round=game.round))
