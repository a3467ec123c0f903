"""Class: look at a game, export the gradebook, change what an instructor may change, forget names."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.command import Command, Mistake, whole
from sim.commands.objects import plain, say
from sim.commands.table import Column, money, print_table
from sim.terminal import called, count, listed, number, percent

if TYPE_CHECKING:
    from sim.classroom.game import Event, Game
    from sim.terminal import Terminal

MOST_SEEDS = 1_000


# ---------------------------------------------------------------- what commands of the game share


def missing(game: Game) -> list[int]:
    """The teams that have handed in nothing for the open round."""
    return [team for team in range(game.settings.teams) if game.latest(team) is None]


def names_of(game: Game, teams: Iterable[int]) -> list[str]:
    """Names of teams."""
    return [game.teams[team] for team in teams]


def about(game: Game) -> dict[str, Any]:
    """A game as an object begins with it."""
    s = game.settings
    return {
        "scenario": s.name, "teams": list(game.teams), "markets": s.markets, "alone": s.alone, "rivals": list(s.rivals),
        "rounds": s.rounds, "months": s.months, "customers": s.own.market.customers, "budget": s.budget, "seed": s.seed,
        "version": game.version, "model_version": game.model_version, "students": len(game.students),
        "round": game.round, "is_over": game.is_over, "paused": game.paused, "deadline": game.deadline,
    }  # fmt: skip


def write_reports(folder: Path, game: Game, number_: int, terminal: Terminal) -> Path:
    """Write the reports of a round, with a bar."""
    import matplotlib

    from sim.classroom import desk, report

    matplotlib.use("agg")
    where = desk.reports_folder(folder, number_)
    with terminal.progress("Reports", unit="report") as bar:
        report.write_reports(game, number_, where, bar)
    return where


# ---------------------------------------------------------------- looking


def status(args: argparse.Namespace, terminal: Terminal) -> int:
    """Where the game stands; with --check, whether it replays to the same bits."""
    from sim.classroom.store import Store

    game = Store(args.folder).game
    wrong = _replayed(args, terminal) if args.check else None
    rows = _rows(game)
    if args.json:
        checked = {} if wrong is None else {"differs": [{"round": r, "market": m} for r, m in wrong]}
        say(about(game) | {"missing": names_of(game, missing(game)), "scores": rows} | checked, terminal)
        return 1 if wrong else 0
    s = game.settings
    terminal.title(f"{s.own.title}: {_where(game)}")
    if game.paused:
        terminal.write("The game is paused.")
    if game.deadline and not game.is_over:
        terminal.write(f"Deadline: {game.deadline[:16].replace('T', ' ')}.")
    _print(rows, game, terminal)
    absent = missing(game)
    if not game.is_over and absent:
        terminal.write(f"Nothing yet from {listed(names_of(game, absent))}.")
    if wrong is not None:
        _tell(wrong, game, terminal)
    return 1 if wrong else 0


def _where(game: Game) -> str:
    s = game.settings
    return f"all {s.rounds} rounds played" if game.is_over else f"round {game.round} of {s.rounds} is open"


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
                "handed_in": ("late" if handed.late else "yes") if handed else "no",
                "customers": seen.get("customers"), "share": plain(seen.get("share")), "profit": plain(one.profit),
                "customer_equity": plain(one.customer_equity), "booked": plain(one.booked), "total": plain(one.total),
                "rank": ranks[one.team] if game.rounds else None, "forecast": plain(one.forecast), "ethics": plain(one.ethics),
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
            Column("Rank", [str(row["rank"]) for row in rows], keep=7),
            Column("Forecast", [number(row["forecast"], 0) for row in rows], keep=4),
            Column("Ethics", [number(row["ethics"], 0) for row in rows], keep=4),
        ]
    print_table(columns, terminal)


def export(args: argparse.Namespace, terminal: Terminal) -> int:
    """Write the gradebook and the other tables as CSV."""
    from sim.classroom import gradebook, scores
    from sim.classroom.store import Store
    from sim.prepare import prepare

    game = Store(args.folder).game
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
    """Write the reports of a round again, and forms that are missing."""
    from sim.classroom import desk, forms
    from sim.classroom.store import Store

    game = Store(args.folder).game
    number_ = args.round if args.round is not None else len(game.rounds)
    if not 1 <= number_ <= len(game.rounds):
        played = f"{len(game.rounds)} played" if game.rounds else "none is played yet"
        raise Mistake(f"--round: there is no report of round {number_} ({played})")
    where = write_reports(args.folder, game, number_, terminal)
    if not game.is_over:
        forms.write_forms(game, desk.forms_folder(args.folder, game))
    if args.json:
        say({"round": number_, "reports": str(where)}, terminal)
    else:
        terminal.write(f"{game.settings.teams} reports in {where}")
    return 0


# ---------------------------------------------------------------- changing


def edit(args: argparse.Namespace, terminal: Terminal) -> int:
    """Pause, resume, move a student, rename a team, book a bonus or a penalty, set the deadline."""
    from sim.classroom import desk, moves

    def make(game: Game) -> list[Event]:
        events: list[Event] = []
        for who, name in args.move:
            student, team = moves.student_id(game, who), moves.team_number(game, name)
            events.append(moves.move(game, student, team))
        for old, new in args.rename:
            events.append(moves.rename(game, moves.team_number(game, old), new))
        for name, amount in args.bonus:
            events.append(moves.book(game, moves.team_number(game, name), amount, args.why))
        for name, amount in args.penalty:
            events.append(moves.book(game, moves.team_number(game, name), -amount, args.why))
        if args.deadline is not None:
            events.append({"kind": "deadline", "deadline": args.deadline})
        if args.pause or args.resume:
            events.append(moves.pause(game, args.pause))
        if not events:
            raise Mistake(f"{called()} class edit: say what to change; --help has what there is")
        return events

    game = desk.change(args.folder, make)
    if args.json:
        say(about(game), terminal)
    else:
        terminal.write(f"{args.folder}: changed; {_where(game)}{', paused' if game.paused else ''}")
    return 0


def forget(args: argparse.Namespace, terminal: Terminal) -> int:
    """Erase all names and reasons for good."""
    from sim.classroom import desk

    if not args.yes:
        raise Mistake(
            f"{args.folder}: this erases all names, ids and reasons for good, with copies, forms, reports and exports of "
            "this folder; the game stays. Add --yes"
        )
    game = desk.forget(args.folder)
    if args.json:
        say(about(game), terminal)
    else:
        terminal.write(
            f"{args.folder}: names, ids and reasons are erased; {len(game.rounds)} rounds and all decisions are kept"
        )
    return 0


# ---------------------------------------------------------------- options


def folder_option(parser: argparse.ArgumentParser) -> None:
    """Every command of a game names its folder."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the folder of the game")


def outputs(parser: argparse.ArgumentParser) -> None:
    """The options of output that all share."""
    parser.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    parser.add_argument("--quiet", action="store_true", help="no progress and no notices")


def _pair(text: str) -> tuple[str, str]:
    """NAME=VALUE, taken apart at its last sign."""
    name, sign, value = text.rpartition("=")
    if not sign or not name.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f'must be NAME=VALUE (got "{text}")')
    return name.strip(), value.strip()


def _amount(text: str) -> tuple[str, float]:
    name, sign, value = text.rpartition("=")
    try:
        amount = float(value) if sign and name.strip() else -1.0
    except ValueError:
        amount = -1.0
    if not 0.0 <= amount < 1e15:
        raise argparse.ArgumentTypeError(f'must be TEAM=MONEY, such as Blue=500 (got "{text}")')
    return name.strip(), amount


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


def _edit_options(parser: argparse.ArgumentParser) -> None:
    from sim.commands.class_game import _deadline

    folder_option(parser)
    add = parser.add_argument
    add(
        "--move",
        metavar="STUDENT=TEAM",
        type=_pair,
        action="append",
        default=[],
        help="a student goes to another team from this round on",
    )
    add(
        "--rename",
        metavar="TEAM=NAME",
        type=_pair,
        action="append",
        default=[],
        help="a team takes another name",
    )
    add(
        "--bonus",
        metavar="TEAM=MONEY",
        type=_amount,
        action="append",
        default=[],
        help="money for the score, in this round",
    )
    add(
        "--penalty",
        metavar="TEAM=MONEY",
        type=_amount,
        action="append",
        default=[],
        help="money off the score, in this round",
    )
    add("--why", metavar="TEXT", default="", help="the reason of a bonus or penalty: it stands in the report")
    add("--deadline", metavar="TIME", type=_deadline, help='of this round, such as "2026-12-01 18:00"')
    add("--pause", action="store_true", help="nothing is collected or played until --resume")
    add("--resume", action="store_true", help="the game goes on")
    outputs(parser)


def _forget_options(parser: argparse.ArgumentParser) -> None:
    folder_option(parser)
    parser.add_argument("--yes", action="store_true", help="do it: nothing brings the names back")
    outputs(parser)


PARTS = (
    Command("class status", "teach", "who has handed in, and the scores", status, _status_options,
            ("tenfold class status term", "tenfold class status term --check")),
    Command("class export", "teach", "the gradebook and other tables, as CSV", export, _export_options,
            ("tenfold class export term", "tenfold class export term --seeds 20 --force")),
    Command("class report", "teach", "write the reports of a round again", report, _report_options,
            ("tenfold class report term --round 2",)),
    Command("class edit", "teach", "pause, deadline, bonus, move a student, rename a team", edit, _edit_options,
            ("tenfold class edit term --move Ann=Red", 'tenfold class edit term --bonus Blue=500 --why "best pitch"',
             "tenfold class edit term --pause")),
    Command("class forget", "teach", "erase all names and reasons; the game stays", forget, _forget_options,
            ("tenfold class forget term --yes",)),
)  # fmt: skip
