"""Bots that play a class game by files, from careless to expert: each gives the text of its decision file."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sim.classroom import desk
from sim.classroom.game import Game
from sim.classroom.settings import Settings, settings_of
from sim.scenario import load

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def small(teams: int = 2, **given) -> Settings:
    """A game that plays in a moment."""
    given = {"rounds": 3, "months": 2, **given}
    return settings_of(load("two_cafes").with_changes({"market.customers": 200}), teams=teams, **given)


def forged(folder: Path, change: Callable[[dict], dict]) -> None:
    """Change every event of a game's file, as somebody with another program could."""
    with contextlib.closing(sqlite3.connect(folder / "game.db")) as base, base:
        for number, text in base.execute("select number, event from events").fetchall():
            said = json.dumps(change(json.loads(text)))
            base.execute("update events set event = ? where number = ?", (said, number))


def absent(game: Game, team: int) -> str:
    """Hands in nothing, ever."""
    return ""


def careless(game: Game, team: int) -> str:
    """Writes what comes to mind: wrong words, wrong numbers, wrong names."""
    return f'team = "{game.teams[team]}"\nprise = 3\n[plan]\nprice = 99\nlevel = "best"\nmesages = 3\nmessages = 1\n'


def cheap(game: Game, team: int) -> str:
    """Cuts the price a little every round, and mails everybody."""
    price = max(0.6, 0.95 - 0.05 * game.round)
    return (
        f'team = "{game.teams[team]}"\n[plan]\nprice = {price:.2f}\nstrategy = "interruption"\nmessages = 1\n'
    )


def beginner(game: Game, team: int) -> str:
    """The short form, changed a little, with a forecast."""
    return (
        f'team = "{game.teams[team]}"\nround = {game.round}\n[plan]\nprice = 1.02\nlevel = "reactive"\nmessages = 1\n'
        "[forecast]\nretention = 0.6\nprofit = 1500\n"
    )


def expert(game: Game, team: int) -> str:
    """Asks leavers, cares for the best customers by rules, forecasts what the last round brought, says why."""
    seen = game.rounds[-1].outcomes[team]["seen"] if game.rounds else {"profit": 1500.0, "retention": 0.6}
    profit = seen["profit"]
    low, high = sorted((0.7 * profit, 1.3 * profit))
    return (
        f'team = "{game.teams[team]}"\nround = {game.round}\n[plan]\nprice = 1.03\nexit_survey = 0.5\nsurvey = 0.2\n'
        'strategy = "opt_in"\nrecovery = "refund"\n'
        f"[forecast]\nprofit = {profit}\nretention = {seen['retention'] or 0.5}\n"
        '[[rules]]\nif = "value_rank > 0.9 and complaints > 0"\nthen = { level = "accountable" }\n'
        '[[rules]]\nif = "status == lapsed"\nthen = { offer = 0.1 }\n'
        f'[[students]]\nname = "Expert of {game.teams[team]}"\nnumber = {profit}\nlow = {low}\nhigh = {high}\n'
        'reason = "As last round: nothing in the plan changed."\n'
    )


BOTS: dict[str, Callable[[Game, int], str]] = {
    bot.__name__: bot for bot in (absent, careless, cheap, beginner, expert)
}
"""From careless to expert."""


def hand_in(folder: Path, inbox: Path, game: Game, bots: dict[int, Callable[[Game, int], str]], **words):
    """Each bot writes its file, and the instructor collects them."""
    inbox.mkdir(exist_ok=True)
    files = []
    for team, bot in bots.items():
        if text := bot(game, team):
            files.append(inbox / f"{team}-{game.round}.toml")
            files[-1].write_text(text, encoding="utf-8")
    return desk.collect(folder, files, NOW, **words) if files else []


def play(folder: Path, inbox: Path, bots: dict[int, Callable[[Game, int], str]], rounds: int) -> Game:
    """Play so many rounds."""
    from sim.classroom.store import Store

    game = Store(folder).game
    for _ in range(rounds):
        hand_in(folder, inbox, game, bots)
        game = desk.advance(folder, NOW)
    return game
