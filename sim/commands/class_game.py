"""Class: a game of rival teams by files; collect decisions, play a round, take it back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands import class_edit, class_look, class_new, class_open
from sim.commands.class_shared import (
    about,
    deadline,
    folder_option,
    names_of,
    note_stale_forms,
    now,
    outputs,
    write_reports,
)
from sim.commands.command import Command, Mistake
from sim.commands.objects import say
from sim.terminal import called, listed

if TYPE_CHECKING:
    from sim.terminal import Terminal


SHOWN = 12
"""Files that are no decisions, as many as are named; --json has all."""


def collect(args: argparse.Namespace, terminal: Terminal) -> int:
    """Take decision files; say every fault."""
    from sim.classroom import desk, inbox
    from sim.classroom.store import Store
    from sim.prepare import prepare

    timing = "late" if args.late else "on-time" if args.on_time else ""
    found = [inbox.papers_of(given) for given in args.files]
    files = [paper for papers, _ in found for paper in papers]
    left = [name for _, others in found for name in others]
    if not files:
        raise Mistake(
            f'{args.files[0]}: no decision files (.toml, or a text with a line team = "NAME") are in it{_others(left)}'
        )
    prepare(terminal)
    with terminal.progress("Collecting", unit="file") as bar:
        taken = desk.collect(args.folder, files, now(), timing=timing, progress=bar)
    game = Store(args.folder).game
    faults = [fault for one in taken for fault in one.faults]
    if args.json:
        files_said = [
            {
                "file": one.source, "team": one.team, "decided": one.decided, "students": one.students, "again": one.again,
                "faults": [fault._asdict() for fault in one.faults], "notes": one.notes,
            }
            for one in taken
        ]  # fmt: skip
        say(
            {"round": game.round, "files": files_said, "left": left, "missing": names_of(game, game.missing)},
            terminal,
        )
        return 1 if faults else 0
    absent = game.missing
    teams = len(game.active)
    terminal.write(f"round {game.round}: {teams - len(absent)} of {teams} teams")
    for fault in faults:
        terminal.write(str(fault), hang="  ")
    for one in taken:
        for note in one.notes:
            terminal.write(f"{one.source}: {note}.", hang="  ")
    if left:
        terminal.write(f"Left alone: {_some(left)}.")
    if absent and len(absent) < teams:
        terminal.write(f"Nothing yet from {listed(names_of(game, absent))}.")
    return 1 if faults else 0


def _some(names: list[str]) -> str:
    """The first of many names."""
    more = len(names) - SHOWN
    return listed([*names[:SHOWN], *[f"{more} more"] * (more > 0)])


def _others(left: list[str]) -> str:
    return f", but {_some(left)}" if left else ""


def advance(args: argparse.Namespace, terminal: Terminal) -> int:
    """Play the open round; write the reports and the next forms."""
    from sim.classroom import desk
    from sim.prepare import prepare

    prepare(terminal)
    with terminal.progress("Playing", unit="market") as bar:
        game = desk.advance(
            args.folder, now(), deadline=args.deadline or "", anyway=args.anyway, progress=bar
        )
    number = len(game.rounds)
    terminal.kept.append(f"round {number}, which is played")
    reports = write_reports(args.folder, game, number, terminal)
    note_stale_forms(args.folder, game, terminal)
    if args.json:
        say(
            about(game) | {"played": number, "reports": str(reports), "hashes": game.rounds[-1].hashes},
            terminal,
        )
        return 0
    terminal.write(f"round {number} played; {game.settings.teams} reports in {reports}")
    absent = [team for team in game.active if game.rounds[-1].counted[team].how in ("repeated", "default")]
    if absent:
        what = "the last round's decision was repeated" if number > 1 else "the default plan ran"
        terminal.write(f"Nothing was handed in by {listed(names_of(game, absent))}: {what}.")
    for team in game.active:
        if cut := game.cut_said(team):
            terminal.write(f"{game.teams[team]}: {cut}")
    if game.is_over:
        terminal.write(
            f"That was the last round: {called()} class export {args.folder} writes the gradebook."
        )
    else:
        terminal.write(f"Round {game.round} is open; forms in {desk.forms_folder(args.folder, game)}")
    return 0


def undo(args: argparse.Namespace, terminal: Terminal) -> int:
    """Take the last round back."""
    from sim.classroom import desk

    game = desk.undo(args.folder)
    note_stale_forms(args.folder, game, terminal)
    if args.json:
        say(about(game), terminal)
        return 0
    terminal.write(
        f"round {game.round} is open again, with what was handed in for it; a copy is in {args.folder / 'copies'}"
    )
    return 0


def _collect_options(parser: argparse.ArgumentParser) -> None:
    folder_option(parser)
    add = parser.add_argument
    add("files", metavar="FILE", nargs="+", type=Path, help="decision files (TOML), folders or ZIPs of them")
    add("--on-time", action="store_true", help="they were handed in before the deadline that has passed")
    add("--late", action="store_true", help="they come late: they count, with the penalty")
    outputs(parser)


def _advance_options(parser: argparse.ArgumentParser) -> None:
    folder_option(parser)
    parser.add_argument(
        "--anyway", action="store_true", help="play a round for which nobody handed in anything"
    )
    parser.add_argument(
        "--deadline", metavar="TIME", type=deadline, help='of the next round, such as "2026-12-01 18:00"'
    )
    outputs(parser)


def _undo_options(parser: argparse.ArgumentParser) -> None:
    folder_option(parser)
    outputs(parser)


def _family(args: argparse.Namespace, terminal: Terminal) -> int:
    """What there is, in a line each."""
    for part in PARTS:
        terminal.say(f"  {part.name:<14} {part.does}")
    terminal.say("")
    terminal.write(f"{called()} class COMMAND --help has the options and examples of each.")
    return 0


def _family_options(parser: argparse.ArgumentParser) -> None:
    lines = "\n".join(f"  {part.name:<14} {part.does}" for part in PARTS)
    parser.epilog = f"Commands:\n{lines}\n\n{parser.epilog}".replace("tenfold ", f"{called()} ")


PARTS = (
    *class_new.PARTS,
    Command("class collect", "teach", "take decision files; every fault is named", collect, _collect_options,
            ("tenfold class collect term Blue.toml Red.toml", "tenfold class collect term handed_in --late")),
    Command("class advance", "teach", "play the round; a report a team", advance, _advance_options,
            ("tenfold class advance term", 'tenfold class advance term --deadline "2026-12-01 18:00"')),
    Command("class undo", "teach", "take the last round back", undo, _undo_options, ("tenfold class undo term",)),
    *class_open.PARTS,
    *class_look.PARTS,
    *class_edit.PARTS,
)  # fmt: skip
COMMANDS = (
    Command("class", "teach", "a class game: teams run rival firms", _family, _family_options,
            ("tenfold class new term two_cafes --teams 4", "tenfold class collect term Blue.toml Red.toml",
             "tenfold class advance term"), PARTS),
)  # fmt: skip
