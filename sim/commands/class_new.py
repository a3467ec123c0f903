"""Class: make a game in a folder, from a scenario, a roster, another game's settings."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import secrets
import tomllib
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.class_shared import about, amount_of_money, deadline, limit_option, outputs
from sim.commands.command import SEEDS, Command, Mistake, change, changes_of, read, whole
from sim.commands.objects import say
from sim.scenario.gone import gone_in
from sim.terminal import called, count, listed, percent

if TYPE_CHECKING:
    from sim.classroom.game import Game
    from sim.classroom.roster import Roster
    from sim.classroom.settings import Settings
    from sim.scenario import Scenario
    from sim.terminal import Terminal


DRAWN = 2**32
"""Seeds that are drawn are below: ten digits can be copied by hand."""


def new(args: argparse.Namespace, terminal: Terminal) -> int:
    """Make a game in a new folder; write the first forms."""
    from sim.classroom import desk
    from sim.prepare import prepare

    roster = _roster(args)
    settings = _settings(args, roster)
    prepare(terminal)
    names = list(args.team) or _old_names(args, settings.teams)
    game = desk.new_game(
        args.folder, settings, roster=roster, names=names, deadline=args.deadline or "",
        budget_by_default=args.budget is None and not _keeps_budget(_old(args), settings),
    )  # fmt: skip
    terminal.kept.append(str(args.folder))
    for address in _left_out(args):
        terminal.note(
            f"Note: the scenario of {args.source} had {address}, which is gone since: it is left out."
        )
    for name, words in _limits_left_out(args, settings).items():
        terminal.note(
            f"Note: the limits of {name} in {args.source}, {words}, do not fit this scenario and are left out; "
            f"--limit {name}=LEAST:MOST gives others."
        )
    forms = desk.forms_folder(args.folder, game)
    if args.json:
        say(about(game) | {"folder": str(args.folder), "forms": str(forms)}, terminal)
        return 0
    terminal.write(_made(game, args.folder))
    if roster is not None:
        terminal.write(_taken(roster))
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


def _left_out(args: argparse.Namespace) -> list[str]:
    """What the scenario that is taken over said, and what is gone since the model version that made it."""
    old = _old(args) if args.scenario is None else None
    return [] if old is None else [one[0] for one in gone_in(tomllib.loads(old.settings.scenario))]


def _keeps_budget(old: Game | None, settings: Settings) -> bool:
    """Whether the budget of another game holds: for the same market, with as many firms in it."""
    if old is None:
        return False
    market = attrgetter("scenario", "teams", "markets", "alone", "rivals")
    return bool(market(old.settings) == market(settings))


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
        name: before[name] for name in ("alone", "rivals", "rounds", "months", "late", "absent") if before
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
    given.setdefault("seed", secrets.randbelow(DRAWN))  # a class that knew it could play the rounds at home
    given["rivals"] = tuple(args.rival) or tuple(given.get("rivals", ()))
    given["alone"] = args.alone or (given.get("alone", False) and args.markets is None)
    given["markets"] = args.markets or (before.get("markets", 1) if not given["alone"] else 1)
    given["budget"] = None if args.budget in (None, "none") else args.budget
    if args.alone and args.markets:
        raise Mistake("--markets and --alone: give one; alone, each team has a market of its own")
    if problem := spread_problem(given["teams"], given["markets"], given["alone"]):
        raise Mistake(problem)
    given["limits"] = _fitting(old, scenario) | dict(args.limit)
    settings = settings_of(scenario, **given)
    if args.budget is None and _keeps_budget(old, settings):
        settings = dataclasses.replace(settings, budget=old.settings.budget)
    return settings


def _old_limits(old: Game | None) -> dict[str, tuple[float, float]]:
    """The limits of another game that its instructor gave."""
    from sim.classroom.limits import limits_for

    if old is None:
        return {}
    own = old.settings.own
    usual = {
        name: (low, high)
        for name, low, high in limits_for(own.firms[own.focus].plan, {}, alone=old.settings.alone)
    }
    return {name: pair for name, pair in old.settings.bounds.items() if pair != usual.get(name)}


def _fitting(old: Game | None, scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Those of them that fit a scenario: its default plan lies within, and amounts of money are of the same scenario."""
    from sim.classroom.faults import GameError
    from sim.classroom.limits import limits_for
    from sim.classroom.settings import default_plan
    from sim.policies.plan import unit_of

    fitting = {}
    for name, pair in _old_limits(old).items():
        if old is not None and old.settings.name != scenario.name and unit_of(name).startswith("money"):
            continue
        with contextlib.suppress(GameError):
            limits_for(default_plan(scenario), {name: pair})
            fitting[name] = pair
    return fitting


def _limits_left_out(args: argparse.Namespace, settings: Settings) -> dict[str, str]:
    """The limits of the other game that do not fit, and for which none are given, in words."""
    from sim.policies.plan import law

    old = _old(args)
    stay = {*_fitting(old, settings.own), *dict(args.limit)}
    return {name: law(name, pair) for name, pair in _old_limits(old).items() if name not in stay}


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
        f"{len(game.students)} students on the roster.{empty} In this class {_limits(s)}."
    )


def _limits(settings: Settings) -> str:
    """What the form takes in the fields that have limits, in words."""
    from sim.policies.plan import law

    return listed([f"{name} is {law(name, pair)}" for name, pair in settings.bounds.items()])


def _taken(roster: Roster) -> str:
    """Which of the roster's columns were taken for what."""
    ids, names, team = roster.taken
    named = listed([roster.columns[i] for i in names or (ids,) if i is not None])
    key = f"ids from {roster.columns[ids]}" if ids is not None else "ids are the names"
    teams = f"teams from {roster.columns[team]}" if team is not None else "dealt evenly"
    return f"Of {len(roster.entries)} students: {key}, names from {named}, {teams}; all columns are kept for the exports."


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


def _budget(text: str) -> Any:
    return "none" if text == "none" else amount_of_money(text)


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
    limit_option(parser)
    add(
        "--late-penalty",
        dest="late",
        metavar="MONEY",
        type=amount_of_money,
        help="penalty for a late decision; none unless given",
    )
    add(
        "--absent-penalty",
        dest="absent",
        metavar="MONEY",
        type=amount_of_money,
        help="penalty for no decision; none unless given",
    )
    add("--deadline", metavar="TIME", type=deadline, help='of the first round, such as "2026-12-01 18:00"')
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
        help="the number that all luck comes from; drawn unless given",
    )
    outputs(parser)


PARTS = (
    Command("class new", "teach", "make a game in a folder, for teams and markets", new, _new_options,
            ("tenfold class new term two_cafes --teams 4", "tenfold class new term airlines --teams 24 --markets 4 --months 6",
             "tenfold class new term bank_branch --teams 12 --alone --roster class.csv",
             "tenfold class new next --from term --roster class.csv")),
)  # fmt: skip
