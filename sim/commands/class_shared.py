"""What the commands of a class game share: where it stands, times and amounts, options."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.terminal import listed

if TYPE_CHECKING:
    from sim.classroom.game import Game
    from sim.terminal import Terminal


def names_of(game: Game, teams: Iterable[int]) -> list[str]:
    """Names of teams."""
    return [game.teams[team] for team in teams]


def about(game: Game) -> dict[str, Any]:
    """A game as an object begins with it."""
    s = game.settings
    return {
        "scenario": s.name, "teams": list(game.teams), "markets": s.markets, "alone": s.alone, "rivals": list(s.rivals),
        "rounds": s.rounds, "months": s.months, "customers": s.own.market.customers, "budget": s.budget, "seed": s.seed,
        "limits": {name: list(pair) for name, pair in s.bounds.items()},
        "version": game.version, "model_version": game.model_version, "students": len(game.students),
        "round": game.round, "is_over": game.is_over, "paused": game.paused, "deadline": game.deadline,
    }  # fmt: skip


def where(game: Game) -> str:
    """Which round is open, in words."""
    s = game.settings
    return f"all {s.rounds} rounds played" if game.is_over else f"round {game.round} of {s.rounds} is open"


def write_reports(folder: Path, game: Game, number_: int, terminal: Terminal) -> Path:
    """Write the reports of a round, with a bar."""
    import matplotlib

    from sim.classroom import desk, report
    from sim.classroom.store import Store

    matplotlib.use("agg")
    where = desk.reports_folder(folder, number_)
    with terminal.progress("Reports", unit="report") as bar:
        report.write_reports(game, number_, where, bar, Store(folder))
    return where


def note_stale_forms(folder: Path, game: Game, terminal: Terminal) -> None:
    """Name the forms that could not be made anew, for another program holds them open."""
    from sim.classroom import desk, forms

    stale = [] if game.is_over else forms.stale_forms(game, desk.forms_folder(folder, game))
    if stale:
        named = listed([str(file) for file in stale])
        terminal.note(
            f"Note: another program holds {named} open, so that what stands there does not hold. Close it: the next class "
            "edit or class report writes it anew."
        )


def now() -> datetime:
    """The time here, with its zone."""
    return datetime.now().astimezone()


def deadline(text: str) -> str:
    """A time, local unless it says another zone, as ISO 8601."""
    try:
        return datetime.fromisoformat(text.strip()).astimezone().isoformat(timespec="minutes")
    except ValueError:
        raise argparse.ArgumentTypeError(f'must be a time such as "2026-12-01 18:00" (got {text})') from None


def amount_of_money(text: str) -> float:
    """An amount of 0 or more, for an option."""
    try:
        value = float(text.replace("_", ""))
    except ValueError:
        value = -1.0
    if not 0.0 <= value < 1e15:
        raise argparse.ArgumentTypeError(f"must be an amount of money, 0 or more (got {text})")
    return value


def limit(text: str) -> tuple[str, tuple[float, float]]:
    """FIELD=LEAST:MOST, taken apart."""
    name, _, ends = text.partition("=")
    low, _, high = ends.partition(":")
    try:
        return name.strip(), (float(low), float(high))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'must be FIELD=LEAST:MOST, such as trial_discount=0:0.9 (got "{text}")'
        ) from None


def limit_option(parser: argparse.ArgumentParser) -> None:
    """Other limits for fields of the form than the class's own."""
    parser.add_argument("--limit", metavar="FIELD=LEAST:MOST", type=limit, action="append", default=[],
        help="what the form takes in a field, such as trial_discount=0:0.9, in place of the class's own limits; may be repeated")  # fmt: skip


def folder_option(parser: argparse.ArgumentParser) -> None:
    """Every command of a game names its folder."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the folder of the game")


def outputs(parser: argparse.ArgumentParser) -> None:
    """The options of output that all share."""
    parser.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    parser.add_argument("--quiet", action="store_true", help="no progress and no notices")
