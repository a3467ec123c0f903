"""Class: change what an instructor may change, and forget names."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sim.commands.class_shared import about, deadline, folder_option, note_stale_forms, outputs, where
from sim.commands.command import Command, Mistake
from sim.commands.objects import say
from sim.terminal import called

if TYPE_CHECKING:
    from sim.classroom.game import Event, Game
    from sim.terminal import Terminal


def edit(args: argparse.Namespace, terminal: Terminal) -> int:
    """Pause, resume, add or move a student, rename a team, book a bonus or a penalty, set the deadline."""
    from sim.classroom import desk, moves
    from sim.classroom.game import apply
    from sim.classroom.names import words

    def make(game: Game) -> list[Event]:
        events: list[Event] = []
        for who, name in args.add:
            if any(words(one.name) == words(who) for one in game.students.values()):
                raise Mistake(f'--add: "{who}" is in this class already')
            events.append(moves.join(game, who, moves.team_number(game, name)))
            game = apply(game, events[-1])
        for who, name in args.move:
            student, team = moves.student_id(game, who), moves.team_number(game, name)
            events.append(moves.move(game, student, team))
        for name in args.remove:
            events.append(moves.remove(game, moves.team_number(game, name)))
            game = apply(game, events[-1])
        for name, amount in args.bonus:
            events.append(moves.book(game, moves.team_number(game, name), amount, args.why))
        for name, amount in args.penalty:
            events.append(moves.book(game, moves.team_number(game, name), -amount, args.why))
        for team, new in [(moves.team_number(game, old), new) for old, new in args.rename]:
            events.append(moves.rename(game, team, new))  # after what calls teams by the names that they had
            game = apply(game, events[-1])
        if args.deadline is not None:
            events.append({"kind": "deadline", "deadline": args.deadline})
        if args.pause or args.resume:
            events.append(moves.pause(game, args.pause))
        if not events:
            raise Mistake(f"{called()} class edit: say what to change; --help has what there is")
        return events

    game = desk.change(args.folder, make)
    note_stale_forms(args.folder, game, terminal)
    if args.json:
        say(about(game), terminal)
    else:
        terminal.write(f"{args.folder}: changed; {where(game)}{', paused' if game.paused else ''}")
    return 0


def forget(args: argparse.Namespace, terminal: Terminal) -> int:
    """Erase all names and reasons for good."""
    from sim.classroom import forgetting

    if not args.yes:
        raise Mistake(
            f"{args.folder}: this erases all names, ids and reasons for good, with copies, forms, reports and exports of "
            "this folder; the game stays. Add --yes"
        )
    game = forgetting.forget(args.folder)
    n = len(game.rounds)
    if args.json:
        say(about(game), terminal)
    else:
        terminal.write(
            f"{args.folder}: names, ids and reasons are erased; {n} round{'s' * (n != 1)} and all decisions are kept"
        )
    return 0


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


def _edit_options(parser: argparse.ArgumentParser) -> None:
    folder_option(parser)
    add = parser.add_argument
    add(
        "--add",
        metavar="STUDENT=TEAM",
        type=_pair,
        action="append",
        default=[],
        help="somebody who came late, or stands on no roster, joins a team from this round on",
    )
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
        "--remove",
        metavar="TEAM",
        action="append",
        default=[],
        help="a team without students is taken out: nobody waits for it; its firm plays on",
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
    add("--deadline", metavar="TIME", type=deadline, help='of this round, such as "2026-12-01 18:00"')
    add("--pause", action="store_true", help="nothing is collected or played until --resume")
    add("--resume", action="store_true", help="the game goes on")
    outputs(parser)


def _forget_options(parser: argparse.ArgumentParser) -> None:
    folder_option(parser)
    parser.add_argument("--yes", action="store_true", help="do it: nothing brings the names back")
    outputs(parser)


PARTS = (
    Command("class edit", "teach", "pause, deadline, bonus, move a student, rename a team", edit, _edit_options,
            ("tenfold class edit term --add Zoe=Blue", "tenfold class edit term --move Ann=Red", 'tenfold class edit term --bonus Blue=500 --why "best pitch"',
             "tenfold class edit term --pause")),
    Command("class forget", "teach", "erase all names and reasons; the game stays", forget, _forget_options,
            ("tenfold class forget term --yes",)),
)  # fmt: skip
