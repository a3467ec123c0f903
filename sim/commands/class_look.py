"""Class: look at a game, export its gradebook, write its reports again."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.class_shared import (
    about,
    folder_option,
    names_of,
    note_stale_forms,
    outputs,
    where,
    write_reports,
)
from sim.commands.command import Command, Mistake, whole
from sim.commands.objects import plain, say
from sim.commands.table import Column, money, print_table
from sim.terminal import count, listed, number, percent

if TYPE_CHECKING:
    from sim.classroom.game import Game
    from sim.terminal import Terminal

MOST_SEEDS = 1_000


def status(args: argparse.Namespace, terminal: Terminal) -> int:
    """Where the game stands; with --check, whether it replays to the same bits."""
    from sim.classroom.store import Store

    game = Store(args.folder).game
    wrong = _replayed(args, terminal) if args.check else None
    rows = _rows(game)
    if args.json:
        checked = {} if wrong is None else {"differs": [{"round": r, "market": m} for r, m in wrong]}
        say(about(game) | {"missing": names_of(game, game.missing), "scores": rows} | checked, terminal)
        return 1 if wrong else 0
    s = game.settings
    terminal.title(f"{s.own.title}: {where(game)}")
    if game.paused:
        terminal.write("The game is paused.")
    if game.deadline and not game.is_over:
        terminal.write(f"Deadline: {game.deadline[:16].replace('T', ' ')}.")
    _print(rows, game, terminal)
    absent = game.missing
    if not game.is_over and absent:
        terminal.write(f"Nothing yet from {listed(names_of(game, absent))}.")
    if wrong is not None:
        _tell(wrong, game, terminal)
    return 1 if wrong else 0


def _replayed(args: argparse.Namespace, terminal: Terminal) -> list[tuple[int, int]]:
    from sim.classroom import desk
    from sim.prepare import prepare

    prepare(terminal)
    with terminal.progress("Replaying", unit="market") as bar:
        return desk.replay(args.folder, bar)


def _tell(wrong: list[tuple[int, int]], game: Game, terminal: Terminal) -> None:
    if not wrong:
        n = len(game.rounds)
        terminal.write(f"Replayed from the beginning: {n} round{'s' * (n != 1)}, the same bits.")
    for round_, market in wrong:
        terminal.write(f"round {round_}, market {market}: the replay gives other numbers than the game has")


def _rows(game: Game) -> list[dict[str, Any]]:
    """A row a team: what was handed in, and the scores."""
    from sim.classroom import gradebook, scores

    ranks = gradebook.rank(game)
    rows = []
    for one in scores.team_scores(game):
        seen = game.rounds[-1].outcomes[one.team]["seen"] if game.rounds else {}
        handed = None if game.is_over else game.latest(one.team)
        rows.append(
            {
                "team": game.teams[one.team], "market": game.settings.seat(one.team).market + 1,
                "students": len(game.members(one.team, game.round)),
                "handed_in": "removed" if one.team in game.removed else ("late" if handed.late else "yes") if handed else "no",
                "customers": seen.get("customers"), "share": plain(seen.get("share")), "profit": plain(one.profit),
                "customer_equity": plain(one.customer_equity), "booked": plain(one.booked), "total": plain(one.total),
                "rank": ranks.get(one.team) if game.rounds else None, "forecast": plain(one.forecast), "ethics": plain(one.ethics),
            }
        )  # fmt: skip
    return rows


def _print(rows: list[dict[str, Any]], game: Game, terminal: Terminal) -> None:
    currency = game.settings.own.market.currency
    columns = [Column("Team", [row["team"] for row in rows], left=True, keep=9)]
    if game.settings.markets > 1 and not game.settings.alone:
        columns.append(Column("Market", [str(row["market"]) for row in rows], keep=6))
    if game.students:
        columns.append(Column("Students", [str(row["students"]) for row in rows], keep=2))
    if not game.is_over:
        columns.append(Column("Handed in", [row["handed_in"] for row in rows], keep=8))
    if game.rounds:
        columns += [
            Column("Customers", [count(row["customers"]) for row in rows], keep=5),
            Column("Share", [percent(row["share"]) for row in rows], keep=3),
            money("Profit", [row["profit"] for row in rows], currency, keep=6),
            money(
                "Customer equity", [row["customer_equity"] for row in rows], currency, short="Equity", keep=6
            ),
            money("Total", [row["total"] for row in rows], currency, keep=7),
            Column("Rank", [str(row["rank"] or "–") for row in rows], keep=7),
            Column("Forecast", [number(row["forecast"], 0) for row in rows], keep=4),
            Column("Ethics", [number(row["ethics"], 0) for row in rows], keep=4),
        ]
    print_table(columns, terminal)


def export(args: argparse.Namespace, terminal: Terminal) -> int:
    """Write the gradebook and the other tables as CSV."""
    from sim.classroom import gradebook, scores
    from sim.classroom.store import Store
    from sim.prepare import prepare

    kept = Store(args.folder)
    game = kept.game
    where = args.to if args.to is not None else args.folder / "export"
    there = [where / f"{name}.csv" for name in gradebook.FILES if (where / f"{name}.csv").exists()]
    if there and not args.force:
        raise Mistake(f"{there[0]} is there already; --force writes over it")
    adjusted = None
    if args.seeds and game.rounds:
        from sim.classroom.moves import check_model

        check_model(game)
        prepare(terminal)
        with terminal.progress("Other luck", unit="market") as bar:
            adjusted = scores.luck_adjusted(game, args.seeds, bar)
    with kept.unforgotten(game):
        files = gradebook.write_tables(game, where, adjusted, force=args.force)
    terminal.kept.append(str(where))
    if args.json:
        say({"files": [str(file) for file in files], "seeds": args.seeds if adjusted else 0}, terminal)
        return 0
    terminal.write(f"wrote {listed([file.name for file in files])} to {where}")
    if adjusted is None:
        terminal.note(
            "Without the luck-adjusted score: --seeds 20 plays all decisions again in 20 other worlds."
        )
    return 0


def report(args: argparse.Namespace, terminal: Terminal) -> int:
    """Write the reports of a round again, and forms that are missing or say what holds no more."""
    from sim.classroom import desk
    from sim.classroom.store import Store

    game = Store(args.folder).game
    number_ = args.round if args.round is not None else len(game.rounds)
    if not 1 <= number_ <= len(game.rounds):
        played = f"{len(game.rounds)} played" if game.rounds else "none is played yet"
        raise Mistake(f"--round: there is no report of round {number_} ({played})")
    where = write_reports(args.folder, game, number_, terminal)
    desk.write_next_forms(args.folder, game)
    note_stale_forms(args.folder, game, terminal)
    if args.json:
        say({"round": number_, "reports": str(where)}, terminal)
    else:
        terminal.write(f"{game.settings.teams} reports in {where}")
    return 0


def _status_options(parser: argparse.ArgumentParser) -> None:
    folder_option(parser)
    parser.add_argument("--check", action="store_true", help="play all rounds again and compare every bit")
    outputs(parser)


def _export_options(parser: argparse.ArgumentParser) -> None:
    folder_option(parser)
    add = parser.add_argument
    add("--to", metavar="FOLDER", type=Path, help="where the tables go; FOLDER/export unless given")
    add("--seeds", metavar="N", type=whole(0, MOST_SEEDS), default=0,
        help="luck-adjusted score: play all decisions again in N other worlds")  # fmt: skip
    add("--force", action="store_true", help="write over tables that are there")
    outputs(parser)


def _report_options(parser: argparse.ArgumentParser) -> None:
    folder_option(parser)
    parser.add_argument("--round", metavar="N", type=whole(1, 1_000), help="the last unless given")
    outputs(parser)


PARTS = (
    Command("class status", "teach", "who has handed in, and the scores", status, _status_options,
            ("tenfold class status term", "tenfold class status term --check")),
    Command("class export", "teach", "the gradebook and other tables, as CSV", export, _export_options,
            ("tenfold class export term", "tenfold class export term --seeds 20 --force")),
    Command("class report", "teach", "write the reports of a round again", report, _report_options,
            ("tenfold class report term --round 2",)),
)  # fmt: skip
