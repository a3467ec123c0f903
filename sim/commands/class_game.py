"""Class: a game of rival teams by files; make it, collect decisions, play a round, take it back."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands import class_look
from sim.commands.class_look import folder_option, names_of, outputs
from sim.commands.command import SEEDS, Command, Mistake, change, changes_of, read, whole
from sim.commands.objects import say
from sim.terminal import called, count, listed, percent

if TYPE_CHECKING:
    from sim.classroom.game import Game
    from sim.terminal import Terminal


def new(args: argparse.Namespace, terminal: Terminal) -> int:
    """Make a game in a new folder; write the first forms."""
    from sim.classroom import desk
    from sim.prepare import prepare

    roster = _roster(args)
    settings = _settings(args, roster)
    prepare(terminal)
    names = list(args.team) or ([] if roster else _old_names(args, settings.teams))
    game = desk.new_game(
        args.folder, settings, roster=roster, names=names, deadline=args.deadline or "",
        budget_by_default=args.budget is None,
    )  # fmt: skip
    terminal.kept.append(str(args.folder))
    forms = desk.forms_folder(args.folder, game)
    if args.json:
        say(_told(game) | {"folder": str(args.folder), "forms": str(forms)}, terminal)
        return 0
    terminal.write(_made(game, args.folder))
    if hint := _hint(game):
        terminal.note(hint)
    terminal.write(f"Give each team its form: {forms}. Then: {called()} class collect {args.folder} FILE...")
    return 0


def _roster(args: argparse.Namespace) -> Any:
    from sim.classroom.roster import read_roster

    return read_roster(args.roster) if args.roster is not None else None


def _old(args: argparse.Namespace) -> Any:
    """The game whose settings are taken over."""
    from sim.classroom.store import Store

    return Store(args.source).game if args.source is not None else None


def _old_names(args: argparse.Namespace, teams: int) -> list[str]:
    old = _old(args)
    return list(old.teams[:teams]) if old is not None and not old.forgotten else []


def _settings(args: argparse.Namespace, roster: Any) -> Any:
    """What was asked for, over last term's settings, over the defaults."""
    from sim.classroom.settings import settings_of, spread_problem

    old = _old(args)
    if args.scenario is None and old is None:
        raise Mistake(f"{called()} class new: missing SCENARIO, or --from FOLDER; --help has examples")
    scenario = read(args.scenario) if args.scenario is not None else old.settings.own
    if args.change:
        scenario = scenario.with_changes(changes_of(args))
    before = old.settings.as_dict if old is not None else {}
    given = {
        name: before[name]
        for name in ("alone", "rivals", "rounds", "months", "seed", "late", "absent")
        if before
    }
    named = len({one.team for one in roster.entries if one.team}) if roster is not None else 0
    given["teams"] = args.teams or named or len(args.team) or before.get("teams")
    if not given["teams"]:
        raise Mistake(f"{called()} class new: missing --teams N; --help has examples")
    if len(args.team) > given["teams"]:
        raise Mistake(f"--team: {len(args.team)} names for {given['teams']} teams")
    for name in ("rounds", "months", "seed", "late", "absent"):
        if getattr(args, name) is not None:
            given[name] = getattr(args, name)
    given["rivals"] = tuple(args.rival) or tuple(given.get("rivals", ()))
    given["alone"] = args.alone or (given.get("alone", False) and args.markets is None)
    given["markets"] = args.markets or (before.get("markets", 1) if not given["alone"] else 1)
    given["budget"] = None if args.budget in (None, "none") else args.budget
    if args.alone and args.markets:
        raise Mistake("--markets and --alone: give one; alone, each team has a market of its own")
    if problem := spread_problem(given["teams"], given["markets"], given["alone"]):
        raise Mistake(problem)
    return settings_of(scenario, **given)


def _made(game: Game, folder: Path) -> str:
    """What was made, in two sentences."""
    s = game.settings
    where = (
        "each alone in a market of its own"
        if s.alone
        else f"in {s.markets} market{'s' * (s.markets > 1)} of {count(s.own.market.customers)} customers"
    )
    spare = s.size * s.markets - s.teams if not s.alone else 0
    empty = (
        f" {spare} firm{'s have' if spare > 1 else ' has'} no team and keep{'s' * (spare == 1)} the default plan."
        if spare
        else ""
    )
    budget = (
        f"at most {count(s.budget)} {s.own.market.currency} a month" if s.budget is not None else "no budget"
    )
    return (
        f"{folder}: {s.teams} teams {where}, {s.rounds} rounds of {s.months} months, {budget}, seed {s.seed}, "
        f"{len(game.students)} students on the roster.{empty}"
    )


def _hint(game: Game) -> str:
    """Where teams begin far smaller than the firm whose plan they have: how many customers the market would need."""
    own, world = game.settings.own, game.settings.world
    usual = own.initial_shares[own.focus]
    here = world.initial_shares[game.settings.seat(0).firm]
    if here <= 0.0 or here > 0.7 * usual:
        return ""
    wanted = own.market.customers * usual / here
    step = 10 ** max(0, len(str(int(wanted))) - 2)
    return (
        f"Note: each team begins with {percent(here)} of those served, {own.focus} in the scenario with {percent(usual)}: its "
        f"advertising was made for more customers. --change market.customers={-(-int(wanted) // step) * step} gives as many."
    )


def _told(game: Game) -> dict[str, Any]:
    return class_look.about(game)


def collect(args: argparse.Namespace, terminal: Terminal) -> int:
    """Take decision files; say every fault."""
    from sim.classroom import desk
    from sim.classroom.store import Store
    from sim.prepare import prepare

    prepare(terminal)
    timing = "late" if args.late else "on-time" if args.on_time else ""
    files = [
        file for given in args.files for file in (sorted(given.glob("*.toml")) if given.is_dir() else [given])
    ]
    if not files:
        raise Mistake(f"{args.files[0]}: no decision files (.toml) are in this folder")
    with terminal.progress("Collecting", unit="file") as bar:
        taken = desk.collect(args.folder, files, _now(), timing=timing, progress=bar)
    game = Store(args.folder).game
    faults = [fault for one in taken for fault in one.faults]
    if args.json:
        files_said = [
            {
                "file": one.source, "team": one.team, "decided": one.decided, "students": one.students, "again": one.again,
                "faults": [fault._asdict() for fault in one.faults],
            }
            for one in taken
        ]  # fmt: skip
        say(
            {"round": game.round, "files": files_said, "missing": names_of(game, class_look.missing(game))},
            terminal,
        )
        return 1 if faults else 0
    missing = class_look.missing(game)
    terminal.write(f"round {game.round}: {game.settings.teams - len(missing)} of {game.settings.teams} teams")
    for fault in faults:
        terminal.write(str(fault), hang="  ")
    if missing and len(missing) < game.settings.teams:
        terminal.write(f"Nothing yet from {listed(names_of(game, missing))}.")
    return 1 if faults else 0


def advance(args: argparse.Namespace, terminal: Terminal) -> int:
    """Play the open round; write the reports and the next forms."""
    from sim.classroom import desk
    from sim.prepare import prepare

    prepare(terminal)
    with terminal.progress("Playing", unit="market") as bar:
        game = desk.advance(
            args.folder, _now(), deadline=args.deadline or "", anyway=args.anyway, progress=bar
        )
    number = len(game.rounds)
    terminal.kept.append(f"round {number}, which is played")
    reports = class_look.write_reports(args.folder, game, number, terminal)
    if args.json:
        say(
            _told(game) | {"played": number, "reports": str(reports), "hashes": game.rounds[-1].hashes},
            terminal,
        )
        return 0
    terminal.write(f"round {number} played; {game.settings.teams} reports in {reports}")
    absent = [team for team, one in game.rounds[-1].counted.items() if one.how in ("repeated", "default")]
    if absent:
        what = "the last round's decision was repeated" if number > 1 else "the default plan ran"
        terminal.write(f"Nothing was handed in by {listed(names_of(game, absent))}: {what}.")
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
    if args.json:
        say(_told(game), terminal)
        return 0
    terminal.write(
        f"round {game.round} is open again, with what was handed in for it; a copy is in {args.folder / 'copies'}"
    )
    return 0


# ---------------------------------------------------------------- options


def _now() -> datetime:
    return datetime.now().astimezone()


def _deadline(text: str) -> str:
    """A time, local unless it says another zone, as ISO 8601."""
    try:
        return datetime.fromisoformat(text.strip()).astimezone().isoformat(timespec="minutes")
    except ValueError:
        raise argparse.ArgumentTypeError(f'must be a time such as "2026-12-01 18:00" (got {text})') from None


def _money(text: str) -> float:
    try:
        value = float(text.replace("_", ""))
    except ValueError:
        value = -1.0
    if not 0.0 <= value < 1e15:
        raise argparse.ArgumentTypeError(f"must be an amount of money, 0 or more (got {text})")
    return value


def _budget(text: str) -> Any:
    return "none" if text == "none" else _money(text)


def _new_options(parser: argparse.ArgumentParser) -> None:
    from sim.classroom.settings import MOST_MONTHS, MOST_ROUNDS, MOST_TEAMS

    add = parser.add_argument
    add("folder", metavar="FOLDER", type=Path, help="a folder that is not there yet: the whole game")
    add(
        "scenario",
        metavar="SCENARIO",
        nargs="?",
        help="a shipped name or a file; each team runs its focus firm",
    )
    add(
        "--teams",
        metavar="N",
        type=whole(1, MOST_TEAMS),
        help="how many teams; else as many as the roster names",
    )
    add(
        "--markets",
        metavar="N",
        type=whole(1, MOST_TEAMS),
        help="markets with equal customers and luck; at most 8 teams in one",
    )
    add("--alone", action="store_true", help="each team its own market, against the scenario's other firms")
    add(
        "--rival",
        metavar="POLICY",
        action="append",
        default=[],
        help="a further firm in each market, run by a policy; may be repeated",
    )
    add("--rounds", metavar="N", type=whole(1, MOST_ROUNDS), help="how many rounds; 6 unless given")
    add("--months", metavar="N", type=whole(1, MOST_MONTHS), help="months of a round; 6 unless given")
    add("--budget", metavar="MONEY", type=_budget,
        help="what a plan may spend a month, or none; twice what the default plan spends unless given")  # fmt: skip
    add("--late", metavar="MONEY", type=_money, help="penalty for a late decision; none unless given")
    add("--absent", metavar="MONEY", type=_money, help="penalty for no decision; none unless given")
    add("--deadline", metavar="TIME", type=_deadline, help='of the first round, such as "2026-12-01 18:00"')
    add(
        "--team",
        metavar="NAME",
        action="append",
        default=[],
        help="a team's name; may be repeated; colours unless given",
    )
    add(
        "--roster",
        metavar="FILE",
        type=Path,
        help="a learning platform's CSV of students; ids and teams are kept",
    )
    add("--from", dest="source", metavar="FOLDER", type=Path, help="take over the settings of another game")
    add("--change", metavar="ADDRESS=VALUE", type=change, action="append", default=[],
        help="another value for a parameter, such as market.customers=5000; may be repeated")  # fmt: skip
    add(
        "--seed",
        metavar="N",
        type=whole(0, SEEDS - 1),
        help="the number that all luck comes from; 1 unless given",
    )
    outputs(parser)


def _collect_options(parser: argparse.ArgumentParser) -> None:
    folder_option(parser)
    add = parser.add_argument
    add("files", metavar="FILE", nargs="+", type=Path, help="decision files (TOML), or folders of them")
    add("--on-time", action="store_true", help="they were handed in before the deadline that has passed")
    add("--late", action="store_true", help="they come late: they count, with the penalty")
    outputs(parser)


def _advance_options(parser: argparse.ArgumentParser) -> None:
    folder_option(parser)
    parser.add_argument(
        "--anyway", action="store_true", help="play a round for which nobody handed in anything"
    )
    parser.add_argument(
        "--deadline", metavar="TIME", type=_deadline, help='of the next round, such as "2026-12-01 18:00"'
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
    Command("class new", "teach", "make a game in a folder, for teams and markets", new, _new_options,
            ("tenfold class new term two_cafes --teams 4", "tenfold class new term airlines --teams 24 --markets 4 --months 6",
             "tenfold class new term bank_branch --teams 12 --alone --roster class.csv",
             "tenfold class new next --from term --roster class.csv")),
    Command("class collect", "teach", "take decision files; every fault is named", collect, _collect_options,
            ("tenfold class collect term Blue.toml Red.toml", "tenfold class collect term handed_in --late")),
    Command("class advance", "teach", "play the round; a report a team", advance, _advance_options,
            ("tenfold class advance term", 'tenfold class advance term --deadline "2026-12-01 18:00"')),
    Command("class undo", "teach", "take the last round back", undo, _undo_options, ("tenfold class undo term",)),
    *class_look.PARTS,
)  # fmt: skip
COMMANDS = (
    Command("class", "teach", "a class game: teams run rival firms", _family, _family_options,
            ("tenfold class new term two_cafes --teams 4", "tenfold class collect term Blue.toml Red.toml",
             "tenfold class advance term"), PARTS),
)  # fmt: skip
