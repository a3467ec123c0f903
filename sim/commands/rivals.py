"""Rivals that react: firms that answer each other, and a lead that is imitated."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sim.commands.command import Command, Mistake, changes_of, whole, world_of
from sim.commands.run import SCENARIO
from sim.commands.sensitivity import begin, saved, studying

if TYPE_CHECKING:
    from sim.terminal import Terminal


def rivals(args: argparse.Namespace, terminal: Terminal) -> int:
    """Let firms answer each other; print each answer, and where it ends."""
    from sim.commands.table import Column, print_table
    from sim.experiments import best_responses
    from sim.prepare import prepare
    from sim.scenario import parse_value

    begin(args, "rivals", terminal)
    if args.firm:
        raise Mistake("--firm: all firms answer, the focus first; leave it out")
    prepare(terminal)
    done = best_responses(
        world_of(args.scenario, changes_of(args)), [parse_value(text) for text in args.policies] or None, goal=args.goal,
        rounds=args.rounds, months=args.months, seeds=args.seeds, fresh=args.fresh, store=args.store, executor=args.scheduler, ask=not args.yes, quiet=args.quiet,
    )  # fmt: skip
    if saved(done, args, terminal):
        return 0
    terminal.title(done.headline)
    terminal.say()
    table = done.table
    columns = [
        Column("round", [str(n) for n in table["round"]], keep=8),
        Column("firm", list(table["firm"]), keep=9, left=True),
        Column("has", list(table["before"]), keep=6, left=True),
        Column("best answer", list(table["after"]), keep=9, left=True, least=14),
        Column("gain", [_figure(v) for v in table["gain"]], keep=9),
        Column("95 % from", [_figure(v) for v in table["low"]], keep=7),
        Column("to", [_figure(v) for v in table["high"]], keep=5),
        Column("moves", ["yes" if moved else "no" for moved in table["moved"]], keep=9, left=True),
    ]
    print_table(columns, terminal)
    terminal.say()
    for note in done.notes:
        terminal.write(note, hang="  ")
    return 0


def imitate(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print what a policy earns its firm, by how late rivals imitate it."""
    from sim.commands.table import Column, print_table
    from sim.experiments import imitation
    from sim.prepare import prepare
    from sim.scenario import parse_value
    from sim.terminal import number

    begin(args, "imitation", terminal)
    prepare(terminal)
    found = imitation(
        world_of(args.scenario, changes_of(args)), parse_value(args.what), firm=args.firm, goal=args.goal,
        months=args.months, seeds=args.seeds, store=args.store, executor=args.scheduler, ask=not args.yes, quiet=args.quiet,
        lags=args.lag,
    )  # fmt: skip
    if saved(found, args, terminal):
        return 0
    terminal.title(found.headline)
    terminal.say()
    table = found.table
    columns = [
        Column(
            "imitated after",
            ["never" if v != v else f"{v:.0f} months" for v in table["lag"]],
            keep=9,
            left=True,
        ),
        Column("gain", [_figure(v) for v in table["gain"]], keep=9),
        Column("95 % from", [_figure(v) for v in table["low"]], keep=8),
        Column("to", [_figure(v) for v in table["high"]], keep=8),
        Column("kept %", [number(100 * v, 0) for v in table["kept"]], keep=7),
    ]
    print_table(columns, terminal)
    return 0


def _figure(value: float) -> str:
    from sim.terminal import number

    return number(value, 0 if abs(value) >= 100 else 2)


def _goal(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--goal", metavar="METRIC", default="customer_equity",
                        help="what firms want; customer_equity unless given")  # fmt: skip


def _rival_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help=SCENARIO)
    add("--policy", dest="policies", metavar="POLICY", action="append", default=[],
        help="what firms may take up beside their own; thirteen shipped ones unless given; may be repeated")  # fmt: skip
    add("--rounds", metavar="N", type=whole(1, 1_000), default=6, help="at most so many; 6 unless given")
    add(
        "--fresh",
        metavar="N",
        type=whole(2, 100_000),
        default=20,
        help="fresh seeds that confirm moves; 20 unless given",
    )
    _goal(parser)
    studying(parser, 10)


def _imitate_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help=SCENARIO)
    add("what", metavar="POLICY", help="what the firm has from the first month")
    add(
        "--lag",
        metavar="N",
        type=whole(0, 2_399),
        action="append",
        help="months; of 3, 6, 12 and 24 those below the length of the run unless given",
    )
    _goal(parser)
    studying(parser, 20)


COMMANDS = (
    Command("rivals", "study", "firms answer each other's policies until nobody moves", rivals, _rival_options,
            ("tenfold rivals two_cafes", "tenfold rivals two_cafes --policy basic --policy accountable --goal profit")),
    Command("imitate", "study", "what is left of a lead when rivals imitate it", imitate, _imitate_options,
            ("tenfold imitate two_cafes financial_bond", "tenfold imitate two_cafes accountable --lag 6 --lag 18")),
)  # fmt: skip
