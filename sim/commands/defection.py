"""Defection: why a firm's customers left, what a survey would say of it, and what knowing is worth."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from sim.commands.command import Command, changes_of, computing, decides, world_of
from sim.commands.objects import about_run, plain, rows, say
from sim.commands.run import SCENARIO, execute

if TYPE_CHECKING:
    from sim.defection import Defection
    from sim.runs import Run
    from sim.terminal import Terminal

FIGURES = ("leavers", "asked", "accuracy", "cost", "customer_value", "best", "chosen", "value_of_knowing", "value_of_asking")  # fmt: skip


def defection(args: argparse.Namespace, terminal: Terminal) -> int:
    """Let the months pass; print why the firm's customers left."""
    changes = changes_of(args)
    world = world_of(args.scenario, changes)
    if args.firm is not None and args.firm not in world.firms:
        raise ValueError(f'--firm: no firm "{args.firm}" here; firms are {", ".join(world.firms)}')
    done = execute(args.scenario, changes, args, terminal)
    found = done.defection(args.firm, asked=args.asked)
    if args.json:
        print_json(done, found, terminal)
    else:
        print_defection(done, found, terminal)
    return 0


def print_json(done: Run, found: Defection, terminal: Terminal) -> None:
    """One object: what was run, and what became known."""
    said = {
        **about_run(done),
        "months": done.months_done,
        "firm": found.firm,
        "headline": found.headline,
        **{name: plain(getattr(found, name)) for name in FIGURES},
        "reasons": rows(found.reasons.reset_index()),
        "confusion": rows(found.confusion.reset_index()),
    }
    say(said, terminal)


def print_defection(done: Run, found: Defection, terminal: Terminal) -> None:
    """The sentence, the reasons, and how to read them."""
    from sim.commands.table import Column, money, money_note, print_table
    from sim.terminal import count

    terminal.title(
        f"Why customers left {found.firm}: {done.scenario.title}, {done.months_done} months, seed {done.seed}"
    )
    terminal.write(found.headline)
    table = found.reasons[(found.reasons["true"] > 0) | (found.reasons["reported"] > 0)]
    if not len(table):
        return
    table = table.sort_values("true", ascending=False, kind="stable")
    currency = done.scenario.market.currency
    right: list[Any] = [found.confusion.at[reason, reason] for reason in table.index]
    terminal.say()
    print_table(
        [
            Column("reason", list(table.index), keep=9, left=True),
            Column("true", [count(n) for n in table["true"]], keep=9),
            Column("reported", [count(n) for n in table["reported"]], keep=8),
            Column("of them right", [count(n) for n in right], keep=5),
            Column("estimated", [count(n) for n in table["estimated"]], keep=6),
            money("loss", list(table["loss"]), currency, keep=7),
        ],
        terminal,
    )
    terminal.say()
    lines = [
        "True is what no firm can see. Reported is what those say who are asked; estimated is what can be worked out from "
        "it. The loss is what those who left are worth by the margin multiple."
    ]
    lines += [money_note(currency)] if money_note(currency) else []
    for line in lines:
        terminal.write(line)


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"must be a share of 0 to 1 (got {text})")
    return value


def _options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help=SCENARIO)
    add("--firm", metavar="NAME", help="whose customers; the scenario's focus unless given")
    add(
        "--asked",
        metavar="SHARE",
        type=_share,
        default=1.0,
        help="share of leavers that are asked; 1 unless given",
    )
    add("--policy", metavar="FIRM=POLICY", type=decides, action="append", default=[],
        help="another policy for a firm, such as Corner=accountable; may be repeated")  # fmt: skip
    computing(parser)


COMMANDS = (
    Command("defection", "run", "why customers left, and what a survey would say", defection, _options,
            ("tenfold defection two_cafes", "tenfold defection two_cafes --firm Express --asked 0.2",
             "tenfold defection two_cafes --json")),
)  # fmt: skip
